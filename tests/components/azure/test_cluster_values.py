"""Allowed values and sent properties against the enums and types of the SDK."""

from typing import Any

import pytest
from modelyard.components.azure.cluster import maintenance, managed_cluster
from modelyard.components.azure.cluster.component import AksCluster
from modelyard.components.azure.node_pool import spec
from modelyard.components.azure.node_pool.args import AksGpuNodePoolArgs
from modelyard.components.azure.node_pool.component import AksGpuNodePool
from pulumi_azure_native import containerservice

from tests.components.azure.recorded import SUBSCRIPTION, args_class, azure_engine, unknown_properties

GROUP = "11111111-2222-3333-4444-555555555555"
OWNERSHIP = {"team": "platform", "owner": "platform-team", "cost_center": "cc-1", "environment": "dev"}
CLUSTER: dict[str, Any] = {
    "ownership": OWNERSHIP,
    "location": "westeurope",
    "kubernetes_version": "1.33",
    "admin_groups": [GROUP],
}
REFERENCE: dict[str, Any] = {
    "name": "gpu-dev",
    "resource_group": "gpu-dev",
    "location": "westeurope",
    "kubernetes_version": "1.33",
    "node_subnet": f"{SUBSCRIPTION}/subnets/nodes",
    "pod_subnet": f"{SUBSCRIPTION}/subnets/pods",
    "kubeconfig": "{}",
    "identity": "control-plane",
    "max_nodes": 100,
    "pods_per_node": 110,
    "node_channel": "NodeImage",
    "node_auto_provisioning": False,
    "vcpu_quota": {},
}
SHARED = {"cluster": REFERENCE, "ownership": OWNERSHIP, "max_nodes": 2, "zones": ["1"], "pool_name": "gpus"}
LARGE = {**SHARED, "instance_type": "Standard_ND96isr_H100_v5", "infiniband": True, "driver": "operator"}
RESERVED = f"{SUBSCRIPTION}/resourceGroups/gpus/providers/Microsoft.Compute/capacityReservationGroups/h100"

POOLS: list[dict[str, Any]] = [
    {
        **SHARED,
        "instance_type": "Standard_NC24ads_A100_v4",
        "spot": True,
        "eviction_policy": "Deallocate",
        "spot_max_price": 2.5,
        "labels": {"example.com/tier": "dev"},
        "taints": ["example.com/team=a:NoSchedule"],
        "os_sku": "AzureLinux",
        "disk_gib": 512,
        "ephemeral_disk": False,
        "max_pods": 50,
    },
    {**SHARED, "instance_type": "Standard_NC24ads_A100_v4", "driver": "cloud", "mig_profile": "1g.10gb"},
    {**LARGE, "placement_group": f"{SUBSCRIPTION}/proximityPlacementGroups/near", "kubernetes_version": "1.32"},
    {**LARGE, "capacity_reservation": RESERVED, "min_nodes": 2, "max_surge": "33%", "drain_minutes": 30},
    {**SHARED, "for_preset": "gpt2", "task": "lora"},
]


@pytest.mark.parametrize(
    ("ours", "enum"),
    [
        (spec.OS_SKUS, containerservice.OSSKU),
        (spec.EVICTIONS, containerservice.ScaleSetEvictionPolicy),
        ([f"MIG{one}" for one in spec.MIG_PROFILES], containerservice.GPUInstanceProfile),
        (("Install", "None"), containerservice.GPUDriver),
        (("Spot", "Regular"), containerservice.ScaleSetPriority),
        (("Ephemeral", "Managed"), containerservice.OSDiskType),
        (maintenance.CHANNELS, containerservice.UpgradeChannel),
        (maintenance.NODE_CHANNELS, containerservice.NodeOSUpgradeChannel),
        (maintenance.DAYS, containerservice.WeekDay),
        (("loadBalancer", "managedNATGateway", "userDefinedRouting"), containerservice.OutboundType),
        ((managed_cluster.AUTOSCALER["expander"],), containerservice.Expander),
        (("Auto", "Manual"), containerservice.NodeProvisioningMode),
    ],
    ids=lambda one: one.__name__ if isinstance(one, type) else None,
)
def test_what_we_allow_the_sdk_knows(ours, enum):
    assert set(ours) <= {one.value for one in enum}


def test_the_cases_name_every_argument_of_a_pool():
    named = {key for one in POOLS for key in one}
    assert named == set(AksGpuNodePoolArgs.__annotations__)


@pytest.mark.parametrize("args", POOLS, ids=["spot", "mig", "placed", "reserved", "preset"])
def test_no_argument_of_a_pool_is_sent_as_something_that_the_sdk_does_not_have(args: dict[str, Any]):
    engine = azure_engine()
    AksGpuNodePool("gpupool", args)  # type: ignore[arg-type]
    engine.finish()
    for one in engine.registered:
        if one.type.startswith("azure-native:"):
            assert unknown_properties(args_class(one.type), one.inputs) == [], one.type


@pytest.mark.parametrize(
    "more",
    [
        {"node_auto_provisioning": True, "cilium": True},
        {"cilium": False, "network": {"outbound": "managedNATGateway"}},
        {
            "network": {
                "existing_subnet": f"{SUBSCRIPTION}/subnets/nodes",
                "nodes": "10.9.0.0/22",
                "existing_pod_subnet": f"{SUBSCRIPTION}/subnets/pods",
                "pod_subnet": "10.8.0.0/17",
                "outbound": "userDefinedRouting",
            },
            "resource_group": "theirs",
            "max_nodes": 60,
        },
        {"registry": False, "vault": False, "monitoring": False, "maintenance": {"channel": "none"}},
    ],
    ids=["karpenter", "azure-network-policy", "existing-subnets", "bare"],
)
def test_no_argument_of_a_cluster_is_sent_as_something_that_the_sdk_does_not_have(more: dict[str, Any]):
    engine = azure_engine()
    AksCluster("gpu-dev", {**CLUSTER, **more})  # type: ignore[typeddict-item]
    engine.finish()
    for one in engine.registered:
        if one.type.startswith("azure-native:"):
            assert unknown_properties(args_class(one.type), one.inputs) == [], one.type
