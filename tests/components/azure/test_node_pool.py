"""AksGpuNodePool: what it registers, whole, and what is refused before anything is."""

from pathlib import Path
from typing import Any

import pytest
from modelyard.components.azure.capacity import SPOT as SPOT_QUOTA
from modelyard.components.azure.node_pool.component import AksGpuNodePool
from modelyard.components.azure.node_pool.sizes import SERIES, largest_os_disk_gib, series
from modelyard.components.azure.node_pool.spec import SPOT, checked
from modelyard.components.common.errors import ArgumentError
from modelyard.components.testing import Recorder, compare
from modelyard.workloads.hardware import catalogue

from tests.components.azure.recorded import SUBSCRIPTION, args_class, azure_engine, unknown_properties

GOLDENS = Path(__file__).parent / "goldens"
RESERVED = f"{SUBSCRIPTION}/resourceGroups/gpus/providers/Microsoft.Compute/capacityReservationGroups/h100"

CLUSTER: dict[str, Any] = {
    "name": "gpu-dev",
    "resource_group": "gpu-dev",
    "location": "westeurope",
    "kubernetes_version": "1.33",
    "node_subnet": f"{SUBSCRIPTION}/subnets/nodes",
    "identity": "control-plane",
    "max_nodes": 100,
}
BASE: dict[str, Any] = {
    "cluster": CLUSTER,
    "ownership": {"team": "platform", "owner": "platform-team", "cost_center": "cc-1", "environment": "dev"},
    "max_nodes": 4,
}
A100 = {**BASE, "instance_type": "Standard_NC24ads_A100_v4"}
T4 = {**BASE, "instance_type": "Standard_NC4as_T4_v3"}
ND = {**BASE, "instance_type": "Standard_ND96isr_H100_v5"}
A10 = {**BASE, "instance_type": "Standard_NV36ads_A10_v5"}

CASES: dict[str, dict[str, Any]] = {
    "aks-pool-spot-from-zero": {**A100, "spot": True, "labels": {"example.com/tier": "dev"}},
    "aks-pool-infiniband": {**ND, "infiniband": True, "zones": ["2"], "min_nodes": 2},
    "aks-pool-mig-by-aks": {**A100, "mig_profile": "3g.40gb", "driver": "cloud", "max_surge": "33%"},
    "aks-pool-mig-by-operator": {**A100, "mig_profile": "1g.10gb", "taints": ["example.com/team=a:NoSchedule"]},
    "aks-pool-reserved": {**ND, "capacity_reservation": RESERVED, "min_nodes": 4, "kubernetes_version": "1.32"},
}


def registered(args: dict[str, Any], name: str = "gpupool") -> Recorder:
    engine = azure_engine()
    AksGpuNodePool(name, args)  # type: ignore[arg-type]
    engine.finish()
    return engine


@pytest.mark.parametrize("case", CASES)
def test_what_is_registered_is_the_golden_file(case: str):
    engine = registered(CASES[case])
    compare({f"{one.type} {one.name}": one.inputs for one in engine.registered}, GOLDENS / f"{case}.json")


@pytest.mark.parametrize("case", CASES)
def test_every_property_that_is_sent_exists_in_the_type_of_the_sdk(case: str):
    sent = [one for one in registered(CASES[case]).registered if one.type.startswith("azure-native:")]
    assert sent
    assert {one.name: unknown_properties(args_class(one.type), one.inputs) for one in sent} == {
        one.name: [] for one in sent
    }


def test_the_flavor_of_a_spot_pool_tolerates_the_taint_that_aks_adds():
    made = checked("gpupool", {**A100, "spot": True})  # type: ignore[typeddict-item]
    assert SPOT in made.pool.all_taints
    assert SPOT not in made.pool.taints
    assert made.demand.family == SPOT_QUOTA


def test_an_upgrade_counts_in_what_a_pool_takes():
    made = checked("gpupool", {**A100, "max_surge": "33%"})  # type: ignore[typeddict-item]
    assert (made.demand.nodes, made.demand.vcpus) == (6, 6 * 24)
    assert made.demand.family == "StandardNCADSA100v4Family"


@pytest.mark.parametrize(
    ("args", "disk"),
    [
        (A100, (256, True)),
        (T4, (128, True)),
        ({**T4, "disk_gib": 512}, (512, False)),
        (ND, (256, True)),
        ({**ND, "disk_gib": 1024}, (1024, True)),
    ],
)
def test_the_os_disk_lies_on_the_node_where_it_fits(args: dict[str, Any], disk: tuple[int, bool]):
    made = checked("gpupool", args)  # type: ignore[arg-type]
    assert (made.disk_gib, made.ephemeral) == disk


def test_every_azure_size_of_the_catalogue_belongs_to_one_series():
    sizes = [one for one in catalogue.instance_types("azure") if one.cloud == "azure"]
    assert [one.name for one in sizes if len([s for s in SERIES if s.pattern.fullmatch(one.name)]) != 1] == []
    assert all(largest_os_disk_gib(one) <= max(one.nvme_gib, 1024) for one in sizes)
    assert series("Standard_D8ds_v5") is None


REFUSED: list[tuple[dict[str, Any], str, str]] = [
    (T4, "gpu-pool", "pool_name = 'gpu-pool': the name of a node pool is 1 to 12 lower-case letters and digits"),
    ({**T4, "zones": ["4"]}, "gpupool", "zones of a region are 1, 2, 3"),
    ({**T4, "kubernetes_version": "1.34"}, "gpupool", "a pool cannot be newer than its control plane, which is 1.33"),
    ({**T4, "kubernetes_version": "1.30"}, "gpupool", "a pool may be 2 minor versions behind"),
    ({**T4, "spot": True, "max_surge": "1"}, "gpupool", "spot pools upgrade without surge"),
    ({**T4, "max_surge": "many"}, "gpupool", "is a number of nodes such as '1'"),
    ({**T4, "max_nodes": 101}, "gpupool", "the pools have 101 nodes at most"),
    (
        {**A100, "cluster": {**CLUSTER, "vcpu_quota": {"StandardNCADSA100v4Family": 72}}},
        "gpupool",
        "the pools take 96 vCPUs at most (gpupool 4 * 24)",
    ),
    ({**A10, "driver": "operator"}, "gpupool", "needs NVIDIA's GRID driver, which AKS installs"),
    ({**T4, "mig_profile": "1g.10gb"}, "gpupool", "which do not support MIG"),
    ({**A100, "infiniband": True}, "gpupool", "Standard_NC24ads_A100_v4 has no InfiniBand"),
    ({**ND, "infiniband": True, "zones": ["1", "2"]}, "gpupool", "a placement group lies in one zone"),
    ({**ND, "infiniband": True, "driver": "cloud"}, "gpupool", "GPUDirect RDMA needs driver 'operator'"),
    ({**ND, "capacity_reservation": RESERVED, "spot": True}, "gpupool", "spot nodes are not taken from a reservation"),
    ({**A100, "capacity_reservation": RESERVED}, "gpupool", "cannot be reserved"),
    ({**ND, "capacity_reservation": "h100"}, "gpupool", "is the id of a group"),
    ({**T4, "ephemeral_disk": True, "disk_gib": 256}, "gpupool", "256 GiB do not fit on Standard_NC4as_T4_v3"),
    ({**T4, "eviction_policy": "Delete"}, "gpupool", "only spot nodes are evicted"),
    ({**T4, "spot": True, "eviction_policy": "Stop"}, "gpupool", "is one of Delete, Deallocate"),
    ({**T4, "spot_max_price": 1.0}, "gpupool", "only goes with spot"),
    ({**T4, "spot": True, "spot_max_price": 0.1234567}, "gpupool", "with at most five decimals"),
    ({**T4, "os_sku": "Windows2022"}, "gpupool", "is one of Ubuntu"),
    ({**T4, "max_pods": 5}, "gpupool", "is 10 to 250"),
    ({**T4, "taints": ["CriticalAddonsOnly=true:NoSchedule"]}, "gpupool", "no pod could ever call for the first node"),
    ({**ND, "cluster": {**CLUSTER, "location": "australiacentral"}}, "gpupool", "is not sold in 'australiacentral'"),
    ({**T4, "labels": {"kubernetes.azure.com/mode": "user"}}, "gpupool", "is kept for AKS' own labels and taints"),
    (
        {**T4, "min_nodes": 1, "taints": ["CriticalAddonsOnly=true:NoExecute"]},
        "gpupool",
        "'CriticalAddonsOnly' is kept for system pools",
    ),
    (
        {**T4, "cluster": {**CLUSTER, "node_auto_provisioning": True}},
        "gpupool",
        "which AKS refuses beside the cluster autoscaler; or let Karpenter make the nodes",
    ),
    (
        {**T4, "max_pods": 120, "cluster": {**CLUSTER, "pod_subnet": "pods", "pods_per_node": 110}},
        "gpupool",
        "max_pods = 120: is at most 110, for which the subnet of the pods was planned",
    ),
]


@pytest.mark.parametrize(("args", "name", "message"), REFUSED, ids=[case[2] for case in REFUSED])
def test_a_pool_that_aks_would_refuse_is_refused_before_anything_is_registered(args, name, message):
    engine = azure_engine()
    with pytest.raises(ArgumentError) as refused:
        AksGpuNodePool(name, args)
    assert message in str(refused.value)
    assert engine.registered == []
