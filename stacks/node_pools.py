"""From the environment's node pools to their components, to the flavors that quotas count on, and to their cost."""

from typing import Any

import pulumi
from modelyard.components.node_pools.gpu_node_pool import GpuNodePool
from modelyard.components.node_pools.openshift_gpu_machine_set import (
    OpenShiftClusterAutoscaler,
    OpenShiftGpuMachineSetArgs,
    derived,
)
from modelyard.components.node_pools.pool import Pool
from modelyard.components.ownership import OwnershipArgs
from modelyard.stacks.cost import estimate
from modelyard.stacks.environment import Environment, NodePool, Team

FLAVOR = "gpu-nodes"
"""The one flavor of a platform whose nodes somebody else made."""

PLATFORM_TEAM = "platform"
"""Pools belong to the platform; teams hold quota on them."""


def compose(environment: Environment, opts: pulumi.ResourceOptions) -> dict[str, Any]:
    """Registers the pools and their autoscaler; returns the stack's outputs about them."""
    made = [
        GpuNodePool(
            one.name,
            {**_args(environment, one), "kind": "openshift", "cluster": _cluster(environment, one)},  # type: ignore[typeddict-item]
            opts,
        )
        for one in environment.node_pools
    ]
    pools = [one.pool for one in made]
    OpenShiftClusterAutoscaler(
        "autoscaler", {"max_nodes": environment.cluster.max_nodes or 0, "gpus": gpu_limits(pools)}, opts
    )
    prices = {one.name: one.usd_per_hour for one in environment.node_pools if one.usd_per_hour is not None}
    return {
        "node_pools": {one.name: {"instance_type": one.instance.name, "labels": one.labels} for one in pools},
        "estimate": estimate(pools, environment.cluster.region, prices).output(),
    }


def judged(environment: Environment, pool: NodePool) -> Pool:
    """The pool, as its component will check it.

    Raises:
        PoolError: what the component would refuse.
    """
    args: Any = {**_args(environment, pool), **_cluster(environment, pool)}
    machines: OpenShiftGpuMachineSetArgs = args
    return derived(pool.name, machines)[0]


def gpu_limits(pools: list[Pool]) -> dict[str, int]:
    """Most GPUs of each kind that all pools may have together, as nodes show them."""
    limits: dict[str, int] = {}
    for pool in pools:
        limits[pool.instance.gpu] = limits.get(pool.instance.gpu, 0) + pool.gpus * pool.max_nodes
    return limits


def flavors(environment: Environment) -> list[dict[str, Any]]:
    """One flavor for each pool, or the one of a cluster whose nodes are somebody else's."""
    if not environment.node_pools:
        return [{"name": FLAVOR, "node_labels": environment.cluster.gpu_node_labels}]
    return [_flavor(judged(environment, one)) for one in environment.node_pools]


def flavor_of(environment: Environment, team: Team) -> str:
    """The flavor that the team's quota is counted on."""
    pool = of_team(environment, team)
    return FLAVOR if pool is None else pool.name


def of_team(environment: Environment, team: Team) -> NodePool | None:
    """The pool that the team's quota is counted on; None where there are no pools."""
    if not environment.node_pools:
        return None
    named = [one for one in environment.node_pools if one.name == team.quota.pool]
    return named[0] if named else environment.node_pools[0]


def _flavor(pool: Pool) -> dict[str, Any]:
    labels = {key: value for key, value in pool.labels.items() if key.startswith("modelyard.dev/")}
    return {"name": pool.name, "node_labels": labels, "taints": [one.mapping() for one in pool.all_taints]}


def _args(environment: Environment, pool: NodePool) -> dict[str, Any]:
    whose: OwnershipArgs = {
        "team": PLATFORM_TEAM,
        "owner": environment.cluster.owner,
        "cost_center": environment.cluster.cost_center,
        "environment": environment.name,
    }
    args: dict[str, Any] = {
        "ownership": whose,
        "min_nodes": pool.min_nodes,
        "max_nodes": pool.max_nodes,
        "spot": pool.spot,
        "zones": list(pool.zones),
        "labels": pool.labels,
        "taints": list(pool.taints),
    }
    for key in ("instance_type", "for_preset", "task", "mig_profile"):
        if getattr(pool, key) is not None:
            args[key] = getattr(pool, key)
    if pool.disk is not None:
        args["disk_gib"] = pool.disk // 1024
    return args


def _cluster(environment: Environment, pool: NodePool) -> dict[str, Any]:
    own: dict[str, Any] = {"template": environment.cluster.machine_set}
    if pool.vm_template is not None:
        own["vm_template"] = pool.vm_template
    return own
