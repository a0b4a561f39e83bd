"""From the environment's node pools to their components, to the flavors that quotas count on, and to their cost."""

from typing import TYPE_CHECKING, Any

from modelyard.components.node_pools import capability
from modelyard.components.node_pools.capability import ClusterKind
from modelyard.components.node_pools.gpu_node_pool import GpuNodePool
from modelyard.components.node_pools.openshift_gpu_machine_set import (
    OpenShiftClusterAutoscaler,
    OpenShiftClusterAutoscalerArgs,
    OpenShiftGpuMachineSetArgs,
    derived,
)
from modelyard.components.node_pools.pool import Pool, PoolError
from modelyard.components.ownership import OwnershipArgs
from modelyard.stacks.clusters import PLATFORM_TEAM, Reached
from modelyard.stacks.cost import estimate
from modelyard.stacks.environment import Aks, Environment, Kind, NodePool, Team

if TYPE_CHECKING:
    from modelyard.components.node_pools.aks_gpu_rules import AksPool

FLAVOR = "gpu-nodes"
"""The one flavor of a platform whose nodes somebody else made."""


def compose(environment: Environment, cluster: Reached) -> dict[str, Any]:
    """Registers the pools and, on OpenShift, their autoscaler; returns the stack's outputs about them."""
    made: list[GpuNodePool] = []
    for one in environment.node_pools:
        # AKS works on one pool of a cluster at a time; a second one at once would be refused.
        after = made[-1:] if cluster.aks else []
        args: Any = {**_args(environment, one), "kind": environment.kind.value}
        args["cluster"] = {"cluster": cluster.aks.reference} if cluster.aks else _machine_set(environment, one)
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


def judged(environment: Environment, pool: NodePool) -> Pool:
    """The pool, as its component will check it.

    Raises:
        PoolError: what the component would refuse.
    """
    args: Any = {**_args(environment, pool), **_machine_set(environment, pool)}
    capability.refuse(pool.name, ClusterKind(environment.kind.value), args)
    if environment.cluster.aks is not None:
        return _in_aks(environment, environment.cluster.aks, pool).pool
    machines: OpenShiftGpuMachineSetArgs = args
    return derived(pool.name, machines)[0]


def judge_together(environment: Environment) -> None:
    """Nothing, if all pools at their largest fit the subscription's quota and the cluster's network.

    Raises:
        PoolError: they do not; `argument` is the key under `cluster.aks`.
    """
    aks = environment.cluster.aks
    if aks is None:
        return
    from modelyard.components.clusters import aks_capacity, aks_rule  # noqa: PLC0415 - only for this kind

    demands = [_in_aks(environment, aks, one).demand for one in environment.node_pools]
    try:
        aks_capacity.within_quota(environment.name, demands, aks.vcpu_quota)
        aks_capacity.within_nodes(environment.name, demands, aks.max_nodes)
    except aks_rule.AksRuleError as wrong:
        raise PoolError(environment.name, wrong.argument, wrong.value, wrong.rule, wrong.source) from wrong


def region(environment: Environment) -> str | None:
    """Region whose prices count."""
    aks = environment.cluster.aks
    return environment.cluster.region or (aks.location if aks else None)


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


def _in_aks(environment: Environment, aks: Aks, pool: NodePool) -> "AksPool":
    from modelyard.components.node_pools import aks_gpu_rules  # noqa: PLC0415 - only for this kind

    args: Any = _args(environment, pool)
    # What only Azure knows has no part in the rules.
    args["cluster"] = {
        "name": environment.name,
        "resource_group": environment.name,
        "location": aks.location,
        "kubernetes_version": aks.kubernetes_version,
        "node_subnet": "",
        "max_nodes": aks.max_nodes,
        "vcpu_quota": aks.vcpu_quota,
    }
    return aks_gpu_rules.checked(pool.name, args)


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
    if pool.driver is not None:
        args["driver"] = pool.driver
    for key in ("instance_type", "for_preset", "task", "mig_profile"):
        if getattr(pool, key) is not None:
            args[key] = getattr(pool, key)
    if pool.disk is not None:
        args["disk_gib"] = pool.disk // 1024
    return args


def _machine_set(environment: Environment, pool: NodePool) -> dict[str, Any]:
    if environment.kind is not Kind.OPENSHIFT:
        return {}
    own: dict[str, Any] = {"template": environment.cluster.machine_set}
    if pool.vm_template is not None:
        own["vm_template"] = pool.vm_template
    return own
