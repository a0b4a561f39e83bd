"""Change tables of cluster and pool against the inputs that change: only rows that replace touch fixed inputs.

The simulated Azure replaces by itself for inputs that AKS accepts at creation only; the real provider does so for few
of them and has to be told the others (`replace_on_changes`). So that list is compared with the tables here.
"""

import json
from functools import cache
from typing import Any, NamedTuple

import pytest
from modelyard.components.azure.cluster.changes import AKS_CLUSTER_CHANGES
from modelyard.components.azure.cluster.component import AksCluster
from modelyard.components.azure.node_pool.changes import AKS_GPU_POOL_CHANGES
from modelyard.components.azure.node_pool.component import FIXED, AksGpuNodePool
from modelyard.components.common.change import Effect, replaced_properties

from tests.components.azure.recorded import SUBSCRIPTION, inputs, record
from tests.components.azure.samples import A100, CLUSTER, H100, OWNERSHIP, REFERENCE, RESERVATION

PARTS_OF_IDS = {"agentPoolName", "resourceName", "resourceGroupName"}
"""Parts of the id, for which the provider replaces by itself (pulumi-azure-native, calculateDetailedDiff)."""

POOL = {**A100, "max_nodes": 2}
PRESET = {**{key: value for key, value in POOL.items() if key != "instance_type"}, "for_preset": "gpt2"}
LARGE = {**H100, "max_nodes": 2, "zones": ["1"]}
SPOT = {**POOL, "spot": True}


class PoolChange(NamedTuple):
    """Arguments of a pool, and another value of one of them."""

    argument: str
    before: dict[str, Any]
    after: Any


POOL_CHANGES = [
    PoolChange("cluster", POOL, {**REFERENCE, "node_subnet": f"{SUBSCRIPTION}/subnets/others"}),
    PoolChange("ownership", POOL, {**OWNERSHIP, "owner": "somebody-else"}),
    PoolChange("instance_type", POOL, "Standard_NC4as_T4_v3"),
    PoolChange("for_preset", PRESET, "llama-3.1-70b-instruct"),
    PoolChange("task", {**PRESET, "for_preset": "llama-3.1-8b-instruct"}, "full"),
    PoolChange("min_nodes", POOL, 1),
    PoolChange("max_nodes", POOL, 4),
    PoolChange("spot", POOL, after=True),
    PoolChange("zones", POOL, ["1"]),
    PoolChange("labels", POOL, {"example.com/tier": "dev"}),
    PoolChange("taints", POOL, ["example.com/team=a:NoSchedule"]),
    PoolChange("mig_profile", {**POOL, "driver": "cloud", "mig_profile": "1g.10gb"}, "2g.20gb"),
    PoolChange("driver", POOL, "cloud"),
    PoolChange("pool_name", POOL, "renamed"),
    PoolChange("kubernetes_version", POOL, "1.33"),
    PoolChange("eviction_policy", SPOT, "Deallocate"),
    PoolChange("max_price", SPOT, 2.5),
    PoolChange("spot_max_price", SPOT, 2.5),
    PoolChange("os_sku", POOL, "AzureLinux"),
    PoolChange("disk_gib", POOL, 128),
    PoolChange("ephemeral_disk", POOL, after=False),
    PoolChange("max_pods", POOL, 50),
    PoolChange("max_surge", POOL, "1"),
    PoolChange("drain_minutes", POOL, 30),
    PoolChange("fabric", LARGE, after=True),
    PoolChange("infiniband", LARGE, after=True),
    PoolChange("placement_group", LARGE, f"{SUBSCRIPTION}/proximityPlacementGroups/near"),
    PoolChange("capacity_reservation", LARGE, RESERVATION),
]


def pool_inputs(args: dict[str, Any]) -> dict[str, Any]:
    return dict(_pool_inputs(json.dumps(args)))


@cache
def _pool_inputs(args: str) -> dict[str, Any]:
    return inputs(record(AksGpuNodePool, "gpupool", json.loads(args)), "AgentPool")


def differing(before: dict[str, Any], after: dict[str, Any]) -> set[str]:
    return {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}


def test_every_row_about_a_pool_has_a_change():
    assert {change.argument for change in POOL_CHANGES} == set(AKS_GPU_POOL_CHANGES)


@pytest.mark.parametrize("change", POOL_CHANGES, ids=[change.argument for change in POOL_CHANGES])
def test_a_pool_is_replaced_exactly_as_its_row_says(change: PoolChange):
    after = {**change.before, change.argument: change.after}
    changed = differing(pool_inputs(change.before), pool_inputs(after))

    fixed = changed & {*FIXED, *PARTS_OF_IDS}
    assert changed, "the sample changes nothing"
    assert bool(fixed) is (AKS_GPU_POOL_CHANGES[change.argument].effect is Effect.REPLACE), changed


BUDGET = {"amount_per_month": 100, "emails": ["a@example.com"], "from_month": "2026-12"}
PUBLIC: dict[str, Any] = {
    **CLUSTER,
    "api": {"private": False, "authorized_ranges": ["192.0.2.0/28"]},
    "budget": BUDGET,
    "registry": False,
    "vault": False,
    "monitoring": False,
}


class ClusterChange(NamedTuple):
    """Row of the table, arguments that change, and the kind of resource that shows it."""

    row: str
    args: dict[str, Any]
    kind: str


CLUSTER_CHANGES = [
    ClusterChange("location", {"location": "northeurope"}, "ManagedCluster"),
    ClusterChange("cluster_name", {"cluster_name": "renamed"}, "ManagedCluster"),
    ClusterChange("resource_group", {"resource_group": "theirs"}, "ManagedCluster"),
    ClusterChange("network.services", {"network": {"services": "10.1.0.0/16"}}, "ManagedCluster"),
    ClusterChange("network.dns", {"network": {"dns": "10.0.0.20"}}, "ManagedCluster"),
    ClusterChange("general_pool.vm_size", {"general_pool": {"vm_size": "Standard_D16s_v5"}}, "AgentPool"),
    ClusterChange("general_pool.zones", {"general_pool": {"zones": ["1"]}}, "AgentPool"),
    ClusterChange("budget.from_month", {"budget": {**BUDGET, "from_month": "2027-01"}}, "Budget"),
    ClusterChange("kubernetes_version", {"kubernetes_version": "1.34"}, "ManagedCluster"),
    ClusterChange("admin_groups", {"admin_groups": ["11111111-2222-3333-4444-666666666666"]}, "ManagedCluster"),
    ClusterChange(
        "api.authorized_ranges",
        {"api": {"private": False, "authorized_ranges": ["192.0.2.16/28"]}},
        "ManagedCluster",
    ),
    ClusterChange("maintenance.channel", {"maintenance": {"channel": "none"}}, "ManagedCluster"),
    ClusterChange("system_pool.max_nodes", {"system_pool": {"max_nodes": 5}}, "ManagedCluster"),
    ClusterChange("general_pool.max_nodes", {"general_pool": {"max_nodes": 9}}, "AgentPool"),
    ClusterChange("ownership", {"ownership": {**OWNERSHIP, "owner": "somebody-else"}}, "ManagedCluster"),
    ClusterChange("production", {"production": True}, "ManagedCluster"),
    ClusterChange("budget.emails", {"budget": {**BUDGET, "emails": ["b@example.com"]}}, "Budget"),
]


def flat(inputs: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return the inputs by their path; a value that is no object is a leaf."""
    leaves: dict[str, Any] = {}
    for key, value in inputs.items():
        leaves |= flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {f"{prefix}{key}": value}
    return leaves


def cluster_inputs(args: dict[str, Any], kind: str) -> dict[str, Any]:
    return flat(_cluster_inputs(json.dumps(args))[kind])


@cache
def _cluster_inputs(args: str) -> dict[str, dict[str, Any]]:
    engine = record(AksCluster, "gpu", json.loads(args))
    return {resource.type.rpartition(":")[2]: resource.inputs for resource in engine.registered}


@pytest.mark.parametrize("change", CLUSTER_CHANGES, ids=[change.row for change in CLUSTER_CHANGES])
def test_a_cluster_is_replaced_exactly_as_its_row_says(change: ClusterChange):
    after = {**PUBLIC, **change.args}
    changed = differing(cluster_inputs(PUBLIC, change.kind), cluster_inputs(after, change.kind))

    fixed = changed & {*replaced_properties(AKS_CLUSTER_CHANGES, change.kind), *PARTS_OF_IDS}
    assert changed, "the sample changes nothing"
    assert bool(fixed) is (AKS_CLUSTER_CHANGES[change.row].effect is Effect.REPLACE), changed


def test_every_row_that_names_properties_has_a_change():
    named = {row for row, change in AKS_CLUSTER_CHANGES.items() if change.properties}
    # A change of pods_per_node is refused, because it is the system pool's as well.
    assert named - {"pods_per_node"} <= {change.row for change in CLUSTER_CHANGES}
