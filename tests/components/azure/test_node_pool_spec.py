"""validate_node_pool: derived values, and each broken rule refused with its whole message."""

from typing import Any, NamedTuple

import pytest
from modelyard.components.azure.capacity import SPOT_FAMILY, PoolDemand
from modelyard.components.azure.node_pool.component import AksGpuNodePool
from modelyard.components.azure.node_pool.sizes import SERIES, find_series, largest_os_disk_gib
from modelyard.components.azure.node_pool.spec import SPOT, validate_node_pool
from modelyard.components.common.errors import ArgumentError
from modelyard.workloads.hardware import catalogue

from tests.components.azure.recorded import azure_engine
from tests.components.azure.samples import A10, A100, H100, REFERENCE, RESERVATION, T4


def test_pods_of_a_spot_pool_tolerate_the_taint_of_aks():
    spec = validate_node_pool("gpupool", {**A100, "spot": True})  # type: ignore[typeddict-item]
    assert SPOT in spec.pool.all_taints
    assert SPOT not in spec.pool.taints
    assert spec.demand.family == SPOT_FAMILY


def test_the_demand_includes_nodes_of_an_upgrade():
    spec = validate_node_pool("gpupool", {**A100, "max_surge": "33%"})  # type: ignore[typeddict-item]
    assert spec.demand == PoolDemand(pool="gpupool", nodes=6, vcpus_per_node=24, family="StandardNCADSA100v4Family")


class Disk(NamedTuple):
    """Arguments, and the OS disk that follows from them."""

    id: str
    args: dict[str, Any]
    gib: int
    ephemeral: bool


DISKS = [
    Disk("default on A100", A100, 256, ephemeral=True),
    Disk("default on T4", T4, 128, ephemeral=True),
    Disk("larger than T4 holds", {**T4, "disk_gib": 512}, 512, ephemeral=False),
    Disk("default on H100", H100, 256, ephemeral=True),
    Disk("all that H100 holds", {**H100, "disk_gib": 1024}, 1024, ephemeral=True),
]


@pytest.mark.parametrize("disk", DISKS, ids=[disk.id for disk in DISKS])
def test_the_os_disk_lies_on_the_node_if_it_fits(disk: Disk):
    spec = validate_node_pool("gpupool", disk.args)  # type: ignore[arg-type]
    assert (spec.disk_gib, spec.ephemeral_disk) == (disk.gib, disk.ephemeral)


def test_every_azure_size_belongs_to_one_series():
    sizes = [instance for instance in catalogue.list_instance_types("azure") if instance.cloud == "azure"]
    matches = {size.name: [series for series in SERIES if series.pattern.fullmatch(size.name)] for size in sizes}
    assert [name for name, series in matches.items() if len(series) != 1] == []
    assert all(largest_os_disk_gib(size) <= max(size.nvme_gib, 1024) for size in sizes)
    assert find_series("Standard_D8ds_v5") is None


class Refusal(NamedTuple):
    """Arguments of the pool `gpupool`, and the message after its name."""

    id: str
    args: dict[str, Any]
    message: str


SPOT_POOLS = "AKS, spot node pools"
VERSIONS = "AKS, upgrade node pools: rules for valid versions"
REGIONS = "Azure reliability, list of regions"

REFUSALS = [
    Refusal(
        "name that AKS refuses",
        {**T4, "pool_name": "gpu-pool"},
        "pool_name = 'gpu-pool': must be a node pool name: 1 to 12 lower-case letters and digits, with a letter at the "
        "start (AKS, create node pools: naming)",
    ),
    Refusal("unknown zone", {**T4, "zones": ["4"]}, f"zones[0] = '4': must be one of 1, 2, 3 ({REGIONS})"),
    Refusal(
        "newer than the control plane",
        {**T4, "kubernetes_version": "1.34"},
        "kubernetes_version = '1.34': must not be newer than the control plane, which is 1.33; upgrade that first "
        f"({VERSIONS})",
    ),
    Refusal(
        "too far behind the control plane",
        {**T4, "kubernetes_version": "1.30"},
        "kubernetes_version = '1.30': must be at most 2 minor versions behind the control plane, which is 1.33 "
        f"({VERSIONS})",
    ),
    Refusal(
        "spot with surge",
        {**T4, "spot": True, "max_surge": "1"},
        f"max_surge = '1': must be 0 beside spot, because spot pools upgrade without surge ({SPOT_POOLS})",
    ),
    Refusal(
        "surge in words",
        {**T4, "max_surge": "many"},
        "max_surge = 'many': must be a number of nodes such as '1', or a share of them such as '33%' (AKS, upgrade "
        "settings)",
    ),
    Refusal(
        "more nodes than the network holds",
        {**T4, "max_nodes": 101},
        "cluster.max_nodes = 100: must be 101 or more for the pools, nodes of an upgrade included (gpupool 101); raise "
        "it or lower theirs (AKS, IP address planning)",
    ),
    Refusal(
        "more vCPUs than the quota holds",
        {**A100, "cluster": {**REFERENCE, "vcpu_quota": {"StandardNCADSA100v4Family": 72}}},
        "cluster.vcpu_quota[StandardNCADSA100v4Family] = 72: must be 96 or more for the pools (gpupool 4 * 24); ask "
        "Azure for more quota or lower max_nodes (Azure, vCPU quotas)",
    ),
    Refusal(
        "NV size with the operator's driver",
        {**A10, "driver": "operator"},
        "driver = 'operator': must be 'cloud': Standard_NV36ads_A10_v5 needs NVIDIA's GRID driver, which only AKS "
        "installs (AKS, NVIDIA GPU operator)",
    ),
    Refusal(
        "fabric on a size without",
        {**A100, "fabric": True},
        "fabric = True: must be false: Standard_NC24ads_A100_v4 has no InfiniBand; ND sizes with an 'r' in their name "
        "have (Azure, ND series)",
    ),
    Refusal(
        "fabric over two zones",
        {**H100, "fabric": True, "zones": ["1", "2"]},
        "zones = ['1', '2']: must be one zone, because a placement group lies in one, and InfiniBand joins no nodes of "
        "several (AKS, proximity placement groups)",
    ),
    Refusal(
        "fabric with AKS' driver",
        {**H100, "fabric": True, "driver": "cloud"},
        "driver = 'cloud': must be 'operator' beside fabric: AKS' own driver has no peer memory module for GPUDirect "
        "RDMA (aks-rdma-infiniband 700dabb)",
    ),
    Refusal(
        "fabric under both names",
        {**H100, "fabric": True, "infiniband": True},
        "infiniband: is the former name of fabric, which is given as well",
    ),
    Refusal(
        "reservation for spot nodes",
        {**H100, "capacity_reservation": RESERVATION, "spot": True},
        f"capacity_reservation = '{RESERVATION}': must be left out beside spot, because spot nodes are not taken from "
        "a reservation (AKS, capacity reservation groups)",
    ),
    Refusal(
        "reservation of a size without",
        {**A100, "capacity_reservation": RESERVATION},
        f"capacity_reservation = '{RESERVATION}': must be left out, because capacity for Standard_NC24ads_A100_v4 "
        "cannot be reserved (Azure, CapacityReservationSupported)",
    ),
    Refusal(
        "reservation that is no group",
        {**H100, "capacity_reservation": "h100"},
        "capacity_reservation = 'h100': must be a group's id: /subscriptions/…/providers/Microsoft.Compute/"
        "capacityReservationGroups/<name> (AKS, capacity reservation groups)",
    ),
    Refusal(
        "reservation without an identity",
        {
            **H100,
            "capacity_reservation": RESERVATION,
            "cluster": {key: value for key, value in REFERENCE.items() if key != "identity"},
        },
        f"capacity_reservation = '{RESERVATION}': needs cluster.identity, which gets the right to use it (AKS, "
        "capacity reservation groups)",
    ),
    Refusal(
        "disk larger than the node's",
        {**T4, "ephemeral_disk": True, "disk_gib": 256},
        "ephemeral_disk = True: must be false, because Standard_NC4as_T4_v3 has room for 176 GiB and disk_gib is 256 "
        "(AKS, ephemeral OS disks)",
    ),
    Refusal(
        "eviction without spot",
        {**T4, "eviction_policy": "Delete"},
        "eviction_policy = 'Delete': must be left out without spot, because only spot nodes are evicted "
        f"({SPOT_POOLS})",
    ),
    Refusal(
        "unknown eviction",
        {**T4, "spot": True, "eviction_policy": "Stop"},
        f"eviction_policy = 'Stop': must be one of Delete, Deallocate ({SPOT_POOLS})",
    ),
    Refusal(
        "price without spot",
        {**T4, "max_price": 1.0},
        f"max_price = 1.0: must be left out without spot, because only spot nodes have a variable price ({SPOT_POOLS})",
    ),
    Refusal(
        "price with six decimals",
        {**T4, "spot": True, "max_price": 0.1234567},
        f"max_price = 0.1234567: must be above 0, with at most five decimals ({SPOT_POOLS})",
    ),
    Refusal(
        "unknown image",
        {**T4, "os_sku": "Windows2022"},
        "os_sku = 'Windows2022': must be one of Ubuntu, Ubuntu2204, AzureLinux, AzureLinux3 (pulumi_azure_native 3.29, "
        "containerservice.OSSKU)",
    ),
    Refusal("too few pods", {**T4, "max_pods": 5}, "max_pods = 5: must be 10 to 250 (AKS, IP address planning)"),
    Refusal(
        "more pods than the subnet holds",
        {**T4, "max_pods": 120, "cluster": {**REFERENCE, "pod_subnet": "pods", "pods_per_node": 110}},
        "max_pods = 120: must be at most 110, for which the subnet of the pods was planned (cluster.pods_per_node) "
        "(AKS, IP address planning)",
    ),
    Refusal(
        "label of AKS",
        {**T4, "labels": {"kubernetes.azure.com/mode": "user"}},
        "labels = 'kubernetes.azure.com/mode': must not start with 'kubernetes.azure.com/', which is kept for AKS' own "
        "labels and taints (AKS, labels)",
    ),
    Refusal(
        "taint of system pools",
        {**T4, "min_nodes": 1, "taints": ["CriticalAddonsOnly=true:NoExecute"]},
        "taints = 'CriticalAddonsOnly': must not be given, because it is kept for system pools (AKS, system node "
        "pools)",
    ),
    Refusal(
        "autoscaling beside auto-provisioning",
        {**T4, "cluster": {**REFERENCE, "node_auto_provisioning": True}},
        "max_nodes = 4: must be min_nodes beside node auto-provisioning, which AKS refuses together with the cluster "
        "autoscaler; or let Karpenter create the nodes: KarpenterGpuNodePool (AKS, node auto-provisioning limitations)",
    ),
]


@pytest.mark.parametrize("refusal", REFUSALS, ids=[refusal.id for refusal in REFUSALS])
def test_a_broken_rule_is_refused_before_registering(refusal: Refusal):
    args: Any = refusal.args
    with pytest.raises(ArgumentError) as error:
        validate_node_pool("gpupool", args)
    assert str(error.value) == f"gpupool: {refusal.message}"

    engine = azure_engine()
    with pytest.raises(ArgumentError) as same_error:
        AksGpuNodePool("gpupool", args)
    assert same_error.value.argument == error.value.argument
    assert engine.registered == []


SHARED = [
    Refusal("MIG on a T4", {**T4, "mig_profile": "1g.10gb"}, "mig_profile = '1g.10gb': "),
    Refusal(
        "taint that only daemons tolerate, from zero",
        {**T4, "taints": ["CriticalAddonsOnly=true:NoSchedule"]},
        "taints[0] = 'CriticalAddonsOnly=true:NoSchedule': ",
    ),
    Refusal(
        "size that the region does not sell",
        {**H100, "cluster": {**REFERENCE, "location": "australiacentral"}},
        "instance_type = 'Standard_ND96isr_H100_v5': is not sold in 'australiacentral'; ",
    ),
]


@pytest.mark.parametrize("refusal", SHARED, ids=[refusal.id for refusal in SHARED])
def test_rules_of_all_clouds_hold_as_well(refusal: Refusal):
    engine = azure_engine()
    with pytest.raises(ArgumentError) as error:
        AksGpuNodePool("gpupool", refusal.args)  # type: ignore[arg-type]
    assert str(error.value).startswith(f"gpupool: {refusal.message}")
    assert engine.registered == []
