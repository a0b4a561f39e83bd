"""Azure's shared services: storage, registries, vaults, monitoring, DNS, capacity."""

import re
from typing import Any

from simulator.clouds.account import make_uuid
from simulator.clouds.azure.arm import GROUP, arm_type
from simulator.clouds.errors import CloudError
from simulator.clouds.resource_type import Rule, Subject

_ACCOUNT = GROUP + "/providers/Microsoft.Storage/storageAccounts/{accountName}"
_REGISTRY = GROUP + "/providers/Microsoft.ContainerRegistry/registries/{registryName}"
_VAULT = GROUP + "/providers/Microsoft.KeyVault/vaults/{vaultName}"


def _globally_unique(pattern: str, words: str) -> Rule:
    """Make a rule for the pattern of a name that is unique in the world."""
    compiled = re.compile(pattern)

    def rule(subject: Subject) -> None:
        if not compiled.fullmatch(subject.name):
            raise CloudError("InvalidResourceName", f"'{subject.name}' is not a valid name; allowed: {words}")
        for record in subject.cloud.of_type(subject.token):
            if record["name"].lower() == subject.name.lower() and record["id"].lower() != subject.identifier.lower():
                raise CloudError("NameAlreadyTaken", f"the name '{subject.name}' is already taken, by {record['id']}")

    return rule


def _account_outputs(subject: Subject) -> dict[str, Any]:
    name = subject.name
    services = {"blob": "blob", "dfs": "dfs", "file": "file", "queue": "queue", "table": "table", "web": "z1.web"}
    endpoints = {key: f"https://{name}.{host}.core.windows.net/" for key, host in services.items()}
    return {"primaryEndpoints": endpoints, "primaryLocation": subject.region, "statusOfPrimary": "available"}


def _registry_outputs(subject: Subject) -> dict[str, Any]:
    return {"loginServer": f"{subject.name.lower()}.azurecr.io"}


def _vault_outputs(subject: Subject) -> dict[str, Any]:
    return {"properties": {"vaultUri": f"https://{subject.name.lower()}.vault.azure.net/"}}


def _workspace_outputs(subject: Subject) -> dict[str, Any]:
    return {"customerId": make_uuid(subject.identifier, "customer")}


def _metrics_outputs(subject: Subject) -> dict[str, Any]:
    host = f"{subject.name}.{subject.region}.prometheus.monitor.azure.com"
    return {"metrics": {"prometheusQueryEndpoint": f"https://{host}", "internalId": make_uuid(subject.identifier)}}


def _zone_outputs(_subject: Subject) -> dict[str, Any]:
    return {"nameServers": [f"ns{number}-01.azure-dns.example." for number in range(1, 5)], "numberOfRecordSets": 2}


def _endpoint_outputs(subject: Subject) -> dict[str, Any]:
    host = f"{subject.name}.{subject.region}-1.ingest.monitor.azure.com"
    return {"immutableId": f"dce-{make_uuid(subject.identifier)}", "logsIngestion": {"endpoint": f"https://{host}"}}


def _rule_outputs(subject: Subject) -> dict[str, Any]:
    return {"immutableId": f"dcr-{make_uuid(subject.identifier)}"}


TYPES = (
    arm_type(
        "storage:StorageAccount",
        _ACCOUNT,
        replace_on=("isHnsEnabled",),
        computed=_account_outputs,
        rules=(_globally_unique("[a-z0-9]{3,24}", "3 to 24 lowercase letters and digits"),),
        seconds=20,
    ),
    arm_type(
        "storage:BlobContainer",
        _ACCOUNT + "/blobServices/default/containers/{containerName}",
        computed=lambda _: {"hasImmutabilityPolicy": False, "hasLegalHold": False},
        has_location=False,
    ),
    arm_type("storage:FileShare", _ACCOUNT + "/fileServices/default/shares/{shareName}", has_location=False),
    arm_type("storage:BlobServiceProperties", _ACCOUNT + "/blobServices/{blobServicesName}", has_location=False),
    arm_type("storage:FileServiceProperties", _ACCOUNT + "/fileServices/{fileServicesName}", has_location=False),
    arm_type("storage:ManagementPolicy", _ACCOUNT + "/managementPolicies/{managementPolicyName}", has_location=False),
    arm_type(
        "containerregistry:Registry",
        _REGISTRY,
        computed=_registry_outputs,
        rules=(_globally_unique("[a-zA-Z0-9]{5,50}", "5 to 50 letters and digits"),),
        seconds=20,
    ),
    arm_type(
        "keyvault:Vault",
        _VAULT,
        computed=_vault_outputs,
        rules=(_globally_unique("[a-zA-Z][a-zA-Z0-9-]{1,22}[a-zA-Z0-9]", "3 to 24 letters, digits and hyphens"),),
        seconds=20,
    ),
    arm_type(
        "keyvault:Secret",
        _VAULT + "/secrets/{secretName}",
        computed=lambda subject: {
            "properties": {"secretUri": f"https://{subject.inputs['vaultName']}.vault.azure.net/secrets/{subject.name}"}
        },
        has_location=False,
    ),
    arm_type(
        "operationalinsights:Workspace",
        GROUP + "/providers/Microsoft.OperationalInsights/workspaces/{workspaceName}",
        computed=_workspace_outputs,
        seconds=20,
    ),
    arm_type(
        "monitor:AzureMonitorWorkspace",
        GROUP + "/providers/Microsoft.Monitor/accounts/{azureMonitorWorkspaceName}",
        computed=_metrics_outputs,
        seconds=20,
    ),
    arm_type(
        "monitor:DiagnosticSetting",
        "/{resourceUri}/providers/Microsoft.Insights/diagnosticSettings/{name}",
        has_location=False,
    ),
    arm_type(
        "monitor:DataCollectionEndpoint",
        GROUP + "/providers/Microsoft.Insights/dataCollectionEndpoints/{dataCollectionEndpointName}",
        computed=_endpoint_outputs,
    ),
    arm_type(
        "monitor:DataCollectionRule",
        GROUP + "/providers/Microsoft.Insights/dataCollectionRules/{dataCollectionRuleName}",
        computed=_rule_outputs,
    ),
    arm_type(
        "monitor:DataCollectionRuleAssociation",
        "/{resourceUri}/providers/Microsoft.Insights/dataCollectionRuleAssociations/{associationName}",
        has_location=False,
    ),
    arm_type("monitor:ActionGroup", GROUP + "/providers/Microsoft.Insights/actionGroups/{actionGroupName}"),
    arm_type("dns:Zone", GROUP + "/providers/Microsoft.Network/dnsZones/{zoneName}", computed=_zone_outputs),
    arm_type(
        "dns:RecordSet",
        GROUP + "/providers/Microsoft.Network/dnsZones/{zoneName}/{recordType}/{relativeRecordSetName}",
        has_location=False,
    ),
    arm_type("privatedns:PrivateZone", GROUP + "/providers/Microsoft.Network/privateDnsZones/{privateZoneName}"),
    arm_type(
        "privatedns:VirtualNetworkLink",
        GROUP
        + "/providers/Microsoft.Network/privateDnsZones/{privateZoneName}/virtualNetworkLinks/{virtualNetworkLinkName}",
        needs=("virtualNetwork.id",),
    ),
    arm_type(
        "compute:ProximityPlacementGroup",
        GROUP + "/providers/Microsoft.Compute/proximityPlacementGroups/{proximityPlacementGroupName}",
        replace_on=("zones", "proximityPlacementGroupType"),
        held_by=("containerservice:AgentPool#proximityPlacementGroupID",),
    ),
    arm_type(
        "compute:CapacityReservationGroup",
        GROUP + "/providers/Microsoft.Compute/capacityReservationGroups/{capacityReservationGroupName}",
        replace_on=("zones",),
        held_by=("containerservice:AgentPool#capacityReservationGroupID",),
    ),
    arm_type(
        "compute:CapacityReservation",
        GROUP
        + "/providers/Microsoft.Compute/capacityReservationGroups/{capacityReservationGroupName}"
        + "/capacityReservations/{capacityReservationName}",
        replace_on=("zones", "sku.name"),
    ),
)
