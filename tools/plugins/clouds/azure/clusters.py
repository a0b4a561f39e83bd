"""AKS: clusters, agent pools, maintenance windows.

Which changes replace: the provider's own table (provider/pkg/gen/replacement.go of pulumi-azure-native, commit
1b7112a), plus what AKS's API refuses to change, marked below; there the simulation replaces, where Azure would answer
with an error. Rules: facts of learn.microsoft.com/azure/aks, each named in its refusal.
"""

import re
from typing import Any

from tools.plugins.clouds.account import fingerprint, uuid_of
from tools.plugins.clouds.azure.arm import GROUP, arm_type
from tools.plugins.clouds.errors import CloudError
from tools.plugins.clouds.resource_type import Subject

_CLUSTER = GROUP + "/providers/Microsoft.ContainerService/managedClusters/{resourceName}"
_POOL_NAME = re.compile(r"[a-z][a-z0-9]{0,11}")
_WINDOWS_POOL_NAME = re.compile(r"[a-z][a-z0-9]{0,5}")
_TAINT = re.compile(r"[^=:]+(=[^:]*)?:(NoSchedule|PreferNoSchedule|NoExecute)")
_VERSION = "1.33.5"


def _cluster_id(subject: Subject) -> str:
    return subject.identifier.partition("/agentPools/")[0]


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
        "kubernetesVersion": inputs.get("kubernetesVersion") or _VERSION,
        "currentKubernetesVersion": inputs.get("kubernetesVersion") or _VERSION,
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


def pool_outputs(subject: Subject) -> dict[str, Any]:
    """What AKS adds to a pool."""
    version = subject.inputs.get("orchestratorVersion") or _VERSION
    system = subject.inputs.get("osSKU") or "Ubuntu"
    return {
        "currentOrchestratorVersion": version,
        "orchestratorVersion": version,
        "nodeImageVersion": f"AKS{system}-2204gen2containerd-202608.01.0",
        "powerState": {"code": "Running"},
        "type": subject.inputs.get("type") or "VirtualMachineScaleSets",
    }


def _check_pool(place: str, pool: dict[str, Any], name: str, *, is_system: bool) -> None:
    pattern = _WINDOWS_POOL_NAME if pool.get("osType") == "Windows" else _POOL_NAME
    if not pattern.fullmatch(name):
        raise CloudError(
            "InvalidParameter",
            f"{place}: agent pool name '{name}' is invalid: lowercase letters and digits, starting with a letter, at "
            "most 12 characters (6 on Windows)",
        )
    if is_system and pool.get("scaleSetPriority") == "Spot":
        raise CloudError("InvalidParameter", f"{place}: a system pool cannot be of priority Spot")
    if pool.get("scaleSetPriority") != "Spot" and (pool.get("scaleSetEvictionPolicy") or pool.get("spotMaxPrice")):
        raise CloudError("InvalidParameter", f"{place}: eviction policy and maximum price need priority Spot")
    least = 1 if is_system else 0
    count, low, high = pool.get("count"), pool.get("minCount"), pool.get("maxCount")
    if pool.get("enableAutoScaling"):
        if low is None or high is None or not least <= low <= high <= 1000:
            raise CloudError(
                "InvalidParameter",
                f"{place}: with autoscaling {least} <= minCount <= maxCount <= 1000; got {low}, {high}",
            )
        if count is not None and not low <= count <= high:
            raise CloudError("InvalidParameter", f"{place}: count {count} is not between {low} and {high}")
    elif low is not None or high is not None:
        raise CloudError("InvalidParameter", f"{place}: minCount and maxCount need enableAutoScaling")
    elif count is not None and not least <= count <= 1000:
        raise CloudError("InvalidParameter", f"{place}: count {count} is not between {least} and 1000")
    for taint in pool.get("nodeTaints") or []:
        if not _TAINT.fullmatch(taint):
            raise CloudError("InvalidParameter", f"{place}: taint '{taint}' is not key[=value]:effect")
    for label in pool.get("nodeLabels") or {}:
        if label.startswith("kubernetes.azure.com/"):
            raise CloudError(
                "InvalidParameter", f"{place}: label '{label}' has the reserved prefix kubernetes.azure.com/"
            )


def cluster_rules(subject: Subject) -> None:
    """What AKS refuses of a cluster."""
    pools = subject.inputs.get("agentPoolProfiles") or []
    if subject.before is None and not any(pool.get("mode") == "System" for pool in pools):
        raise CloudError("InvalidParameter", f"cluster {subject.name} needs one agent pool of mode System")
    for pool in pools:
        name = str(pool.get("name", ""))
        _check_pool(f"cluster {subject.name}", pool, name, is_system=pool.get("mode") == "System")
    profile = subject.inputs.get("securityProfile") or {}
    wants = (profile.get("workloadIdentity") or {}).get("enabled")
    if wants and not (subject.inputs.get("oidcIssuerProfile") or {}).get("enabled"):
        raise CloudError("InvalidParameter", "workload identity needs the OIDC issuer of the cluster")


def pool_rules(subject: Subject) -> None:
    """What AKS refuses of an agent pool."""
    inputs = subject.inputs
    name = str(inputs["agentPoolName"])
    _check_pool(f"agent pool {name}", inputs, name, is_system=inputs.get("mode") == "System")
    cluster = subject.cloud.find(_cluster_id(subject))
    if cluster and subject.before is None:
        inline = [pool.get("name") for pool in cluster["inputs"].get("agentPoolProfiles") or []]
        if name in inline:
            raise CloudError("Conflict", f"agent pool {name} is one of the cluster's own agentPoolProfiles")


# Create-only in API 2025-09-01 (facts of the AKS documentation; not in the provider's own table): replaced here.
_POOL_CREATE_ONLY = (
    "availabilityZones",
    "capacityReservationGroupID",
    "enableEncryptionAtHost",
    "enableFIPS",
    "enableUltraSSD",
    "gpuProfile",
    "hostGroupID",
    "kubeletConfig",
    "kubeletDiskType",
    "linuxOSConfig",
    "maxPods",
    "osDiskSizeGB",
    "osDiskType",
    "osType",
    "podSubnetID",
    "proximityPlacementGroupID",
    "scaleSetEvictionPolicy",
    "scaleSetPriority",
    "spotMaxPrice",
    "type",
    "vnetSubnetID",
)

TYPES = (
    arm_type(
        "containerservice:ManagedCluster",
        _CLUSTER,
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
        excludes=_cluster_id,
        seconds=300,
    ),
    arm_type(
        "containerservice:AgentPool",
        _CLUSTER + "/agentPools/{agentPoolName}",
        replace_on=("gpuInstanceProfile", "vmSize", "networkProfile.nodePublicIPTags", *_POOL_CREATE_ONLY),
        computed=pool_outputs,
        rules=(pool_rules,),
        needs=("vnetSubnetID", "podSubnetID", "capacityReservationGroupID", "proximityPlacementGroupID"),
        excludes=_cluster_id,
        seconds=240,
        has_location=False,
    ),
    arm_type(
        "containerservice:MaintenanceConfiguration",
        _CLUSTER + "/maintenanceConfigurations/{configName}",
        has_location=False,
    ),
)
