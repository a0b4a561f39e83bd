"""From the environment's node pools to their components, to the flavors that quotas count on, and to their cost."""

from typing import Any

from modelyard.components.gpu_node_pool import GpuNodePool
from modelyard.components.node_pools import capabilities
from modelyard.components.node_pools.capabilities import ClusterKind
from modelyard.components.node_pools.spec import NodePoolSpec
from modelyard.components.openshift import spec as openshift
from modelyard.components.openshift.cluster_autoscaler import OpenShiftClusterAutoscaler, OpenShiftClusterAutoscalerArgs
from modelyard.stacks.cost import estimate
from modelyard.stacks.environment.environment import Environment, Kind, NodePool
from modelyard.stacks.environment.team import Team
from modelyard.stacks.platforms import aks, node_pool_args, rosa
from modelyard.stacks.platforms.context import Reached

FLAVOR = "gpu-nodes"
"""The one flavor of a platform whose nodes somebody else made."""


def compose(environment: Environment, cluster: Reached) -> dict[str, Any]:
    """Registers the pools and, on OpenShift, their autoscaler; returns the stack's outputs about them."""
    made: list[GpuNodePool] = []
    for one in environment.node_pools:
        after = made[-1:] if cluster.one_pool_at_a_time else []
        args: Any = {**_args(environment, one), "kind": environment.kind.value}
        args["cluster"] = {**cluster.of_pools, **_machine_set(environment, one)}
        made.append(GpuNodePool(one.name, args, cluster.inside(*after)))
    pools = [one.pool for one in made]
    if environment.kind is Kind.OPENSHIFT:
        limits: OpenShiftClusterAutoscalerArgs = {
            "max_nodes": environment.cluster.max_nodes or 0,
            "gpus": gpu_limits(pools),
        }
        OpenShiftClusterAutoscaler("autoscaler", limits, cluster.inside())
    prices = {one.name: one.usd_per_hour for one in environment.node_pools if one.usd_per_hour is not None}
    return {
        "node_pools": {one.name: {"instance_type": one.instance.name, "labels": one.labels} for one in pools},
        "estimate": estimate(pools, region(environment), prices).output(),
    }


def judged(environment: Environment, pool: NodePool) -> NodePoolSpec:
    """The pool, as its component will check it.

    Raises:
        ArgumentError: what the component would refuse.
    """
    cluster = environment.cluster
    args: Any = {**_args(environment, pool), **_machine_set(environment, pool)}
    capabilities.validate_features(pool.name, ClusterKind(environment.kind.value), args)
    if cluster.aks is not None:
        return aks.judged(environment, cluster.aks, pool)
    if cluster.rosa is not None:
        return rosa.judged(environment, cluster.rosa, pool)
    return openshift.validate_node_pool(pool.name, args).pool


def judge_together(environment: Environment) -> None:
    """Nothing, if all pools at their largest fit the cloud's quota and the cluster's network.

    Raises:
        ArgumentError: they do not; `argument` is the cluster's.
    """
    cluster = environment.cluster
    if cluster.aks is not None:
        aks.judge_together(environment, cluster.aks)
    if cluster.rosa is not None:
        rosa.judge_together(environment, cluster.rosa)


def region(environment: Environment) -> str | None:
    """Region whose prices count."""
    cluster = environment.cluster
    made_in = cluster.aks.location if cluster.aks else cluster.rosa.region if cluster.rosa else None
    return cluster.region or made_in


def gpu_limits(pools: list[NodePoolSpec]) -> dict[str, int]:
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


def _flavor(pool: NodePoolSpec) -> dict[str, Any]:
    labels = {key: value for key, value in pool.labels.items() if key.startswith("modelyard.dev/")}
    return {"name": pool.name, "node_labels": labels, "taints": [one.mapping() for one in pool.all_taints]}


def _args(environment: Environment, pool: NodePool) -> dict[str, Any]:
    """Arguments of the pool as its kind of cluster calls them."""
    of_kind = {Kind.AKS: aks.pool_args, Kind.ROSA: rosa.pool_args}
    return of_kind.get(environment.kind, node_pool_args.shared)(environment, pool)


def _machine_set(environment: Environment, pool: NodePool) -> dict[str, Any]:
    if environment.kind is not Kind.OPENSHIFT:
        return {}
    own: dict[str, Any] = {"template": environment.cluster.machine_set}
    if pool.vm_template is not None:
        own["vm_template"] = pool.vm_template
    if pool.max_price is not None:
        own["max_price"] = pool.max_price
    if pool.fabric:
        own["fabric"] = True
    if pool.placement_group is not None:
        own["placement_group"] = pool.placement_group
    if pool.capacity_blocks:
        own["capacity_blocks"] = True
    return own
