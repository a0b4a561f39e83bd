"""AKS: agent pools.

Fields in `replace_on` are those of the provider's own table (provider/pkg/gen/replacement.go of pulumi-azure-native,
commit 1b7112a), plus the fields that AKS's API refuses to change, marked below; there the simulation replaces, where
Azure would answer with an error. Rules come from learn.microsoft.com/azure/aks; each refusal names its rule.
"""

import re
from typing import Any

from simulator.clouds.azure.arm import GROUP, arm_type
from simulator.clouds.errors import CloudError
from simulator.clouds.resource_type import Subject

CLUSTER = GROUP + "/providers/Microsoft.ContainerService/managedClusters/{resourceName}"

#: Default Kubernetes version of AKS.
VERSION = "1.33.5"

_POOL_NAME = re.compile(r"[a-z][a-z0-9]{0,11}")
_WINDOWS_POOL_NAME = re.compile(r"[a-z][a-z0-9]{0,5}")
_TAINT = re.compile(r"[^=:]+(=[^:]*)?:(NoSchedule|PreferNoSchedule|NoExecute)")


def cluster_id(subject: Subject) -> str:
    """Return the id of the cluster that a resource is, or is below."""
    return subject.identifier.partition("/agentPools/")[0]


def pool_outputs(subject: Subject) -> dict[str, Any]:
    """Return the outputs of a pool."""
    version = subject.inputs.get("orchestratorVersion") or VERSION
    system = subject.inputs.get("osSKU") or "Ubuntu"
    return {
        "currentOrchestratorVersion": version,
        "orchestratorVersion": version,
        "nodeImageVersion": f"AKS{system}-2204gen2containerd-202608.01.0",
        "powerState": {"code": "Running"},
        "type": subject.inputs.get("type") or "VirtualMachineScaleSets",
    }


def check_pool(subject: str, pool: dict[str, Any], name: str, *, is_system: bool) -> None:
    """Check a pool by the rules of AKS, in a cluster's own list or beside it.

    Raises:
        CloudError: a rule is broken; the text has the rule.
    """
    pattern = _WINDOWS_POOL_NAME if pool.get("osType") == "Windows" else _POOL_NAME
    if not pattern.fullmatch(name):
        raise CloudError(
            "InvalidParameter",
            f"{subject}: agent pool name '{name}' is invalid: lowercase letters and digits, starting with a letter, at "
            "most 12 characters (6 on Windows)",
        )
    if is_system and pool.get("scaleSetPriority") == "Spot":
        raise CloudError("InvalidParameter", f"{subject}: a system pool cannot be of priority Spot")
    if pool.get("scaleSetPriority") != "Spot" and (pool.get("scaleSetEvictionPolicy") or pool.get("spotMaxPrice")):
        raise CloudError("InvalidParameter", f"{subject}: eviction policy and maximum price need priority Spot")
    least = 1 if is_system else 0
    count, low, high = pool.get("count"), pool.get("minCount"), pool.get("maxCount")
    if pool.get("enableAutoScaling"):
        if low is None or high is None or not least <= low <= high <= 1000:
            raise CloudError(
                "InvalidParameter",
                f"{subject}: with autoscaling {least} <= minCount <= maxCount <= 1000; got {low}, {high}",
            )
        if count is not None and not low <= count <= high:
            raise CloudError("InvalidParameter", f"{subject}: count {count} is not between {low} and {high}")
    elif low is not None or high is not None:
        raise CloudError("InvalidParameter", f"{subject}: minCount and maxCount need enableAutoScaling")
    elif count is not None and not least <= count <= 1000:
        raise CloudError("InvalidParameter", f"{subject}: count {count} is not between {least} and 1000")
    for taint in pool.get("nodeTaints") or []:
        if not _TAINT.fullmatch(taint):
            raise CloudError("InvalidParameter", f"{subject}: taint '{taint}' is not key[=value]:effect")
    for label in pool.get("nodeLabels") or {}:
        if label.startswith("kubernetes.azure.com/"):
            raise CloudError(
                "InvalidParameter", f"{subject}: label '{label}' has the reserved prefix kubernetes.azure.com/"
            )


def pool_rules(subject: Subject) -> None:
    """Check an agent pool by the rules of AKS."""
    inputs = subject.inputs
    name = str(inputs["agentPoolName"])
    check_pool(f"agent pool {name}", inputs, name, is_system=inputs.get("mode") == "System")
    cluster = subject.cloud.find(cluster_id(subject))
    if cluster and subject.before is None:
        inline = [pool.get("name") for pool in cluster["inputs"].get("agentPoolProfiles") or []]
        if name in inline:
            raise CloudError("Conflict", f"agent pool {name} is one of the cluster's own agentPoolProfiles")


# Fields that are create-only in API 2025-09-01 (AKS documentation; not in the provider's own table).
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
        "containerservice:AgentPool",
        CLUSTER + "/agentPools/{agentPoolName}",
        replace_on=("gpuInstanceProfile", "vmSize", "networkProfile.nodePublicIPTags", *_POOL_CREATE_ONLY),
        computed=pool_outputs,
        rules=(pool_rules,),
        needs=("vnetSubnetID", "podSubnetID", "capacityReservationGroupID", "proximityPlacementGroupID"),
        excludes=cluster_id,
        seconds=240,
        has_location=False,
    ),
)
