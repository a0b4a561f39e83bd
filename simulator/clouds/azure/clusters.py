"""AKS: clusters and maintenance windows; `agent_pools` has the pools.

Fields in `replace_on` are those of the provider's own table (provider/pkg/gen/replacement.go of pulumi-azure-native,
commit 1b7112a). Rules come from learn.microsoft.com/azure/aks; each refusal names its rule.
"""

from typing import Any

from simulator.clouds.account import fingerprint, make_uuid
from simulator.clouds.azure.agent_pools import CLUSTER, VERSION, check_pool, cluster_id
from simulator.clouds.azure.arm import arm_type
from simulator.clouds.errors import CloudError
from simulator.clouds.resource_type import Subject


def cluster_outputs(subject: Subject) -> dict[str, Any]:
    """Return the outputs of a cluster: addresses, identities, the group of the nodes."""
    inputs, name = subject.inputs, subject.name
    group = str(inputs["resourceGroupName"])
    region = subject.region.lower().replace(" ", "")
    prefix = inputs.get("dnsPrefix") or name
    host = f"{prefix}-{fingerprint(subject.identifier, length=8)}"
    nodes = inputs.get("nodeResourceGroup") or f"MC_{group}_{name}_{region}"
    api = inputs.get("apiServerAccessProfile") or {}
    outputs: dict[str, Any] = {
        "nodeResourceGroup": nodes,
        "kubernetesVersion": inputs.get("kubernetesVersion") or VERSION,
        "currentKubernetesVersion": inputs.get("kubernetesVersion") or VERSION,
        "dnsPrefix": prefix,
        "maxAgentPools": 100,
        "powerState": {"code": "Running"},
        "resourceUID": make_uuid(subject.identifier),
        "identityProfile": {"kubeletidentity": _kubelet_identity(subject, nodes)},
        "identity": _identity(subject),
    }
    if api.get("enablePrivateCluster"):
        outputs["privateFQDN"] = f"{host}.{make_uuid(subject.identifier, 'dns')}.privatelink.{region}.azmk8s.io"
    if not api.get("enablePrivateCluster") or api.get("enablePrivateClusterPublicFQDN"):
        outputs["fqdn"] = f"{host}.hcp.{region}.azmk8s.io"
    outputs["azurePortalFQDN"] = f"{host}.portal.hcp.{region}.azmk8s.io"
    if (inputs.get("oidcIssuerProfile") or {}).get("enabled"):
        issuer = (
            f"https://{region}.oic.prod-aks.azure.com/{subject.scope.tenant}/{make_uuid(subject.identifier, 'oidc')}/"
        )
        outputs["oidcIssuerProfile"] = {"issuerURL": issuer}
    if addons := inputs.get("addonProfiles"):
        outputs["addonProfiles"] = {key: _addon(subject, nodes, key, addon) for key, addon in addons.items()}
    return outputs


def _kubelet_identity(subject: Subject, nodes: str) -> dict[str, str]:
    identity = ((subject.inputs.get("identityProfile") or {}).get("kubeletidentity")) or {}
    path = f"/subscriptions/{subject.scope.account}/resourceGroups/{nodes}/providers/Microsoft.ManagedIdentity"
    default = f"{path}/userAssignedIdentities/{subject.name}-agentpool"
    return {
        "resourceId": identity.get("resourceId") or default,
        "clientId": identity.get("clientId") or make_uuid(subject.identifier, "kubelet client"),
        "objectId": identity.get("objectId") or make_uuid(subject.identifier, "kubelet object"),
    }


def _identity(subject: Subject) -> dict[str, Any]:
    identity = subject.inputs.get("identity") or {}
    if identity.get("type") != "UserAssigned":
        return {"principalId": make_uuid(subject.identifier, "principal"), "tenantId": subject.scope.tenant}
    records = {key: subject.cloud.find(key) for key in identity.get("userAssignedIdentities") or []}
    return {
        "userAssignedIdentities": {
            key: {
                "clientId": record["outputs"]["clientId"] if record else make_uuid(key, "client"),
                "principalId": record["outputs"]["principalId"] if record else make_uuid(key, "principal"),
            }
            for key, record in records.items()
        }
    }


def _addon(subject: Subject, nodes: str, key: str, addon: dict[str, Any]) -> dict[str, Any]:
    if not addon.get("enabled"):
        return addon
    path = f"/subscriptions/{subject.scope.account}/resourceGroups/{nodes}/providers/Microsoft.ManagedIdentity"
    identity = {
        "clientId": make_uuid(subject.identifier, key, "client"),
        "objectId": make_uuid(subject.identifier, key, "object"),
        "resourceId": f"{path}/userAssignedIdentities/{key.lower()}-{subject.name}",
    }
    return {**addon, "identity": identity}


def cluster_rules(subject: Subject) -> None:
    """Check a cluster by the rules of AKS."""
    pools = subject.inputs.get("agentPoolProfiles") or []
    if subject.before is None and not any(pool.get("mode") == "System" for pool in pools):
        raise CloudError("InvalidParameter", f"cluster {subject.name} needs one agent pool of mode System")
    for pool in pools:
        name = str(pool.get("name", ""))
        check_pool(f"cluster {subject.name}", pool, name, is_system=pool.get("mode") == "System")
    profile = subject.inputs.get("securityProfile") or {}
    has_identity = (profile.get("workloadIdentity") or {}).get("enabled")
    if has_identity and not (subject.inputs.get("oidcIssuerProfile") or {}).get("enabled"):
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
