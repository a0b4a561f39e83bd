"""Every row about an AKS pool, against what changes in Azure's resource: only rows that replace touch what is fixed.

The simulated Azure replaces by itself for what AKS takes at creation only; the real provider does so for few inputs,
and needs to be told of the others (`replace_on_changes`). So that list is held to the rows here.
"""

import json
from functools import cache
from typing import Any

import pytest
from modelyard.components.azure.cluster.changes import AKS_CLUSTER_CHANGES
from modelyard.components.azure.cluster.component import AksCluster
from modelyard.components.azure.node_pool.changes import AKS_GPU_POOL_CHANGES
from modelyard.components.azure.node_pool.component import FIXED, AksGpuNodePool
from modelyard.components.common.change import Effect, replacing

from tests.components.azure.recorded import SUBSCRIPTION, azure_engine

PATH = {"agentPoolName", "resourceName", "resourceGroupName"}
"""Parts of the id, for which the provider replaces by itself (pulumi-azure-native, calculateDetailedDiff)."""

OWNERSHIP = {"team": "platform", "owner": "platform-team", "cost_center": "cc-1", "environment": "dev"}
CLUSTER: dict[str, Any] = {
    "name": "gpu-dev",
    "resource_group": "gpu-dev",
    "location": "westeurope",
    "kubernetes_version": "1.33",
    "node_subnet": f"{SUBSCRIPTION}/subnets/nodes",
    "identity": "control-plane",
}
POOL: dict[str, Any] = {
    "cluster": CLUSTER,
    "ownership": OWNERSHIP,
    "instance_type": "Standard_NC24ads_A100_v4",
    "max_nodes": 2,
}
PLANNED = {**{key: value for key, value in POOL.items() if key != "instance_type"}, "for_preset": "gpt2"}
LARGE = {**POOL, "instance_type": "Standard_ND96isr_H100_v5", "zones": ["1"]}
SPOT = {**POOL, "spot": True}
RESERVED = f"{SUBSCRIPTION}/resourceGroups/gpus/providers/Microsoft.Compute/capacityReservationGroups/h100"

POOL_ROWS: dict[str, tuple[dict[str, Any], Any]] = {
    "cluster": (POOL, {**CLUSTER, "node_subnet": f"{SUBSCRIPTION}/subnets/others"}),
    "ownership": (POOL, {**OWNERSHIP, "owner": "somebody-else"}),
    "instance_type": (POOL, "Standard_NC4as_T4_v3"),
    "for_preset": (PLANNED, "llama-3.1-70b-instruct"),
    "task": ({**PLANNED, "for_preset": "llama-3.1-8b-instruct"}, "full"),
    "min_nodes": (POOL, 1),
    "max_nodes": (POOL, 4),
    "spot": (POOL, True),
    "zones": (POOL, ["1"]),
    "labels": (POOL, {"example.com/tier": "dev"}),
    "taints": (POOL, ["example.com/team=a:NoSchedule"]),
    "mig_profile": ({**POOL, "driver": "cloud", "mig_profile": "1g.10gb"}, "2g.20gb"),
    "driver": (POOL, "cloud"),
    "pool_name": (POOL, "renamed"),
    "kubernetes_version": (POOL, "1.33"),
    "eviction_policy": (SPOT, "Deallocate"),
    "spot_max_price": (SPOT, 2.5),
    "os_sku": (POOL, "AzureLinux"),
    "disk_gib": (POOL, 128),
    "ephemeral_disk": (POOL, False),
    "max_pods": (POOL, 50),
    "max_surge": (POOL, "1"),
    "drain_minutes": (POOL, 30),
    "infiniband": (LARGE, True),
    "placement_group": (LARGE, f"{SUBSCRIPTION}/proximityPlacementGroups/near"),
    "capacity_reservation": (LARGE, RESERVED),
}


def pool_inputs(args: dict[str, Any]) -> dict[str, Any]:
    return dict(_pool_inputs(json.dumps(args)))


@cache
def _pool_inputs(args: str) -> dict[str, Any]:
    engine = azure_engine()
    AksGpuNodePool("gpupool", json.loads(args))
    engine.finish()
    return next(one.inputs for one in engine.registered if one.type.endswith(":AgentPool"))


def differing(before: dict[str, Any], after: dict[str, Any]) -> set[str]:
    return {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}


def test_there_is_a_sample_of_every_row_about_a_pool():
    assert set(POOL_ROWS) == set(AKS_GPU_POOL_CHANGES)


@pytest.mark.parametrize("argument", POOL_ROWS)
def test_a_pool_is_made_again_exactly_where_its_row_says_so(argument: str):
    base, value = POOL_ROWS[argument]

    changed = differing(pool_inputs(base), pool_inputs({**base, argument: value}))

    fixed = changed & {*FIXED, *PATH}
    assert changed, "the sample changes nothing"
    assert bool(fixed) is (AKS_GPU_POOL_CHANGES[argument].effect is Effect.REPLACE), changed


CLUSTER_ARGS: dict[str, Any] = {
    "ownership": OWNERSHIP,
    "location": "westeurope",
    "kubernetes_version": "1.33",
    "admin_groups": ["11111111-2222-3333-4444-555555555555"],
    "api": {"private": False, "authorized_ranges": ["192.0.2.0/28"]},
    "budget": {"amount_per_month": 100, "emails": ["a@example.com"], "from_month": "2026-12"},
}
CLUSTER_ROWS: dict[str, tuple[dict[str, Any], str]] = {
    "location": ({"location": "northeurope"}, "ManagedCluster"),
    "cluster_name": ({"cluster_name": "renamed"}, "ManagedCluster"),
    "resource_group": ({"resource_group": "theirs"}, "ManagedCluster"),
    "network.services": ({"network": {"services": "10.1.0.0/16"}}, "ManagedCluster"),
    "network.dns": ({"network": {"dns": "10.0.0.20"}}, "ManagedCluster"),
    "general_pool.vm_size": ({"general_pool": {"vm_size": "Standard_D16s_v5"}}, "AgentPool"),
    "general_pool.zones": ({"general_pool": {"zones": ["1"]}}, "AgentPool"),
    "budget.from_month": ({"budget": {**CLUSTER_ARGS["budget"], "from_month": "2027-01"}}, "Budget"),
    "kubernetes_version": ({"kubernetes_version": "1.34"}, "ManagedCluster"),
    "admin_groups": ({"admin_groups": ["11111111-2222-3333-4444-666666666666"]}, "ManagedCluster"),
    "api.authorized_ranges": ({"api": {"private": False, "authorized_ranges": ["192.0.2.16/28"]}}, "ManagedCluster"),
    "maintenance.channel": ({"maintenance": {"channel": "none"}}, "ManagedCluster"),
    "system_pool.max_nodes": ({"system_pool": {"max_nodes": 5}}, "ManagedCluster"),
    "general_pool.max_nodes": ({"general_pool": {"max_nodes": 9}}, "AgentPool"),
    "ownership": ({"ownership": {**OWNERSHIP, "owner": "somebody-else"}}, "ManagedCluster"),
    "production": ({"production": True}, "ManagedCluster"),
    "budget.emails": ({"budget": {**CLUSTER_ARGS["budget"], "emails": ["b@example.com"]}}, "Budget"),
}


def flat(inputs: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Inputs by their path; what is no object is a leaf."""
    found: dict[str, Any] = {}
    for key, value in inputs.items():
        found |= flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {f"{prefix}{key}": value}
    return found


def cluster_inputs(args: dict[str, Any], kind: str) -> dict[str, Any]:
    return flat(_cluster_inputs(json.dumps(args))[kind])


@cache
def _cluster_inputs(args: str) -> dict[str, dict[str, Any]]:
    engine = azure_engine()
    bare: Any = {**json.loads(args), "registry": False, "vault": False, "monitoring": False}
    AksCluster("gpu", bare)
    engine.finish()
    return {one.type.rpartition(":")[2]: one.inputs for one in engine.registered}


@pytest.mark.parametrize("row", CLUSTER_ROWS)
def test_a_part_of_a_cluster_is_made_again_exactly_where_its_row_says_so(row: str):
    more, kind = CLUSTER_ROWS[row]

    changed = differing(cluster_inputs(CLUSTER_ARGS, kind), cluster_inputs({**CLUSTER_ARGS, **more}, kind))

    fixed = changed & {*replacing(AKS_CLUSTER_CHANGES, kind), *PATH}
    assert changed, "the sample changes nothing"
    assert bool(fixed) is (AKS_CLUSTER_CHANGES[row].effect is Effect.REPLACE), changed


def test_every_row_that_names_properties_has_a_sample():
    named = {row for row, change in AKS_CLUSTER_CHANGES.items() if change.properties}
    assert named - {"pods_per_node"} <= set(CLUSTER_ROWS)  # refused, because it is the system pool's as well
