"""AKS: clusters and maintenance windows; `agent_pools` has the pools.

Which changes replace: the provider's own table (provider/pkg/gen/replacement.go of pulumi-azure-native, commit
1b7112a). Rules: facts of learn.microsoft.com/azure/aks, each named in its refusal.
"""

from typing import Any

from simulator.clouds.account import fingerprint, uuid_of
from simulator.clouds.azure.agent_pools import CLUSTER, VERSION, check_pool, cluster_id
from simulator.clouds.azure.arm import arm_type
from simulator.clouds.errors import CloudError
from simulator.clouds.resource_type import Subject


def cluster_outputs(subject: Subject) -> dict[str, Any]:
    """What AKS adds: addresses, identities, the group of the nodes."""
    inputs, name = subject.inputs, subject.name
    group = str(inputs["resourceGroupName"])
    region = subject.region.lower().replace(" ", "")
    prefix = inputs.get("dnsPrefix") or name
    host = f"{prefix}-{fingerprint(subject.identifier, length=8)}"
    nodes = inputs.get("nodeResourceGroup") or f"MC_{group}_{name}_{region}"
    api = inputs.get("apiServerAccessProfile") or {}
    found: dict[str, Any] = {
        "nodeResourceGroup": nodes,
        "kubernetesVersion": inputs.get("kubernetesVersion") or VERSION,
        "currentKubernetesVersion": inputs.get("kubernetesVersion") or VERSION,
        "dnsPrefix": prefix,
        "maxAgentPools": 100,
        "powerState": {"code": "Running"},
        "resourceUID": uuid_of(subject.identifier),
        "identityProfile": {"kubeletidentity": _kubelet_identity(subject, nodes)},
        "identity": _identity(subject),
    }
    if api.get("enablePrivateCluster"):
        found["privateFQDN"] = f"{host}.{uuid_of(subject.identifier, 'dns')}.privatelink.{region}.azmk8s.io"
    if not api.get("enablePrivateCluster") or api.get("enablePrivateClusterPublicFQDN"):
        found["fqdn"] = f"{host}.hcp.{region}.azmk8s.io"
    found["azurePortalFQDN"] = f"{host}.portal.hcp.{region}.azmk8s.io"
    if (inputs.get("oidcIssuerProfile") or {}).get("enabled"):
        issuer = (
            f"https://{region}.oic.prod-aks.azure.com/{subject.place.tenant}/{uuid_of(subject.identifier, 'oidc')}/"
        )
        found["oidcIssuerProfile"] = {"issuerURL": issuer}
    if addons := inputs.get("addonProfiles"):
        found["addonProfiles"] = {key: _addon(subject, nodes, key, one) for key, one in addons.items()}
    return found


def _kubelet_identity(subject: Subject, nodes: str) -> dict[str, str]:
    given = ((subject.inputs.get("identityProfile") or {}).get("kubeletidentity")) or {}
    path = f"/subscriptions/{subject.place.account}/resourceGroups/{nodes}/providers/Microsoft.ManagedIdentity"
    made = f"{path}/userAssignedIdentities/{subject.name}-agentpool"
    return {
        "resourceId": given.get("resourceId") or made,
        "clientId": given.get("clientId") or uuid_of(subject.identifier, "kubelet client"),
        "objectId": given.get("objectId") or uuid_of(subject.identifier, "kubelet object"),
    }


def _identity(subject: Subject) -> dict[str, Any]:
    given = subject.inputs.get("identity") or {}
    if given.get("type") != "UserAssigned":
        return {"principalId": uuid_of(subject.identifier, "principal"), "tenantId": subject.place.tenant}
    ids = given.get("userAssignedIdentities") or []
    found = {one: subject.cloud.find(one) for one in ids}
    return {
        "userAssignedIdentities": {
            one: {
                "clientId": record["outputs"]["clientId"] if record else uuid_of(one, "client"),
                "principalId": record["outputs"]["principalId"] if record else uuid_of(one, "principal"),
            }
            for one, record in found.items()
        }
    }


def _addon(subject: Subject, nodes: str, key: str, given: dict[str, Any]) -> dict[str, Any]:
    if not given.get("enabled"):
        return given
    path = f"/subscriptions/{subject.place.account}/resourceGroups/{nodes}/providers/Microsoft.ManagedIdentity"
    identity = {
        "clientId": uuid_of(subject.identifier, key, "client"),
        "objectId": uuid_of(subject.identifier, key, "object"),
        "resourceId": f"{path}/userAssignedIdentities/{key.lower()}-{subject.name}",
    }
    return {**given, "identity": identity}


def cluster_rules(subject: Subject) -> None:
    """What AKS refuses of a cluster."""
    pools = subject.inputs.get("agentPoolProfiles") or []
    if subject.before is None and not any(pool.get("mode") == "System" for pool in pools):
        raise CloudError("InvalidParameter", f"cluster {subject.name} needs one agent pool of mode System")
    for pool in pools:
        name = str(pool.get("name", ""))
        check_pool(f"cluster {subject.name}", pool, name, is_system=pool.get("mode") == "System")
    profile = subject.inputs.get("securityProfile") or {}
    wants = (profile.get("workloadIdentity") or {}).get("enabled")
    if wants and not (subject.inputs.get("oidcIssuerProfile") or {}).get("enabled"):
        raise CloudError("InvalidParameter", "workload identity needs the OIDC issuer of the cluster")


TYPES = (
    arm_type(
        "containerservice:ManagedCluster",
        CLUSTER,
        replace_on=(
            "diskEncryptionSetID",
            "dnsPrefix",
            "fqdnSubdomain",
            "linuxProfile",
            "nodeResourceGroup",
            "windowsProfile",
            *(
                f"networkProfile.{name}"
                for name in (
                    "dnsServiceIP",
                    "networkDataplane",
                    "networkMode",
                    "networkPlugin",
                    "networkPluginMode",
                    "networkPolicy",
                    "outboundType",
                    "podCidr",
                    "serviceCidr",
                    "serviceCidrs",
                )
            ),
        ),
        computed=cluster_outputs,
        rules=(cluster_rules,),
        needs=("agentPoolProfiles[*].vnetSubnetID", "apiServerAccessProfile.subnetId", "diskEncryptionSetID"),
        excludes=cluster_id,
        seconds=300,
    ),
    arm_type(
        "containerservice:MaintenanceConfiguration",
        CLUSTER + "/maintenanceConfigurations/{configName}",
        has_location=False,
    ),
)
