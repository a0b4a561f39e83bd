"""Environments of kind `aks`: the cluster and its pools, judged without Azure's SDK, then made with it."""

from typing import TYPE_CHECKING, Any

import pulumi
from modelyard.components.common.errors import ArgumentError
from modelyard.components.node_pools.spec import NodePoolSpec
from modelyard.stacks.environment.cloud_clusters import Aks
from modelyard.stacks.environment.environment import Environment, NodePool
from modelyard.stacks.environment.section import Section
from modelyard.stacks.platforms import node_pool_args
from modelyard.stacks.platforms.aks_storage import AksStorage
from modelyard.stacks.platforms.context import Reached, ownership

if TYPE_CHECKING:
    from modelyard.components.azure.cluster.args import AksClusterArgs
    from modelyard.components.azure.node_pool.spec import AksPool


def judge(environment: Environment, aks: Aks) -> None:
    """Nothing, if the cluster can be made.

    Raises:
        ArgumentError: a rule of Azure is broken; `argument` is the component's.
    """
    from modelyard.components.azure.cluster.spec import planned  # noqa: PLC0415 - only for this kind

    try:
        planned(environment.name, cluster_args(environment, aks))
    except ArgumentError as wrong:
        raise _told(environment, wrong) from wrong


def judged(environment: Environment, aks: Aks, pool: NodePool) -> NodePoolSpec:
    """The pool, as its component will check it.

    Raises:
        ArgumentError: what the component would refuse.
    """
    return _checked(environment, aks, pool).pool


def judge_together(environment: Environment, aks: Aks) -> None:
    """Nothing, if all pools at their largest fit the subscription's quota and the cluster's network.

    Raises:
        ArgumentError: they do not; `argument` is the cluster's.
    """
    from modelyard.components.azure import capacity  # noqa: PLC0415 - only for this kind
    from modelyard.components.azure.cluster.spec import planned  # noqa: PLC0415

    demands = [_checked(environment, aks, one).demand for one in environment.node_pools]
    plan = planned(environment.name, cluster_args(environment, aks))
    # The cluster's own pools take part in the network; their sizes have quotas of other families.
    own = [
        capacity.Demand(pool=name, nodes=one.max_nodes + 1, vcpus_per_node=0, family="")
        for name, one in (("system", plan.system), ("general", plan.general))
    ]
    try:
        capacity.within_quota(environment.name, demands, aks.vcpu_quota)
        capacity.within_nodes(environment.name, [*own, *demands], aks.max_nodes)
    except ArgumentError as wrong:
        raise _told(environment, wrong) from wrong


def reach(environment: Environment, aks: Aks) -> Reached:
    """Registers the cluster."""
    from modelyard.components.azure.cluster.component import AksCluster  # noqa: PLC0415 - brings Azure's SDK

    made = AksCluster(environment.name, cluster_args(environment, aks))
    buckets = environment.storage.buckets
    storage = AksStorage(environment, aks, buckets, made) if buckets else None
    return Reached(
        object_storage=storage,
        provider=made.provider,
        deleted_with=made.managed,
        before=(made.general_pool,),
        of_pools={"cluster": made.reference},
        one_pool_at_a_time=True,
        outputs={
            "cluster": {
                "name": made.name,
                "resource_group": made.resource_group,
                "registry": made.registry,
                "oidc_issuer": made.oidc_issuer,
            },
            "kubeconfig": pulumi.Output.secret(made.kubeconfig),
            **({"storage": storage.outputs} if storage else {}),
        },
    )


def cluster_args(environment: Environment, aks: Aks) -> "AksClusterArgs":
    """As the component takes them."""
    args: AksClusterArgs = {
        "ownership": ownership(environment),
        "location": aks.location,
        "kubernetes_version": aks.kubernetes_version,
        "admin_groups": list(aks.admin_groups),
        "production": aks.production,
        "api": {"private": aks.private_api},
        "max_nodes": aks.max_nodes,
        "log_days": aks.log_days,
        "local_nvme": aks.local_nvme,
        "vcpu_quota": aks.vcpu_quota,
        "pods_per_node": aks.pods_per_node,
        "network": _given(aks.network),  # type: ignore[typeddict-item]  # keys are those of the TypedDict
        "system_pool": _given(aks.system_pool),  # type: ignore[typeddict-item]
        "general_pool": _given(aks.general_pool),  # type: ignore[typeddict-item]
    }
    if aks.authorized_ranges:
        args["api"] = {"private": aks.private_api, "authorized_ranges": list(aks.authorized_ranges)}
    if aks.budget is not None:
        args["budget"] = {
            "amount_per_month": aks.budget.amount_per_month,
            "emails": list(aks.budget.emails),
            "from_month": aks.budget.from_month,
        }
    return args


def pool_args(environment: Environment, pool: NodePool) -> dict[str, Any]:
    """Arguments of the pool's component, without those that tell of its cluster."""
    args = node_pool_args.shared(environment, pool)
    if pool.max_price is not None:
        args["spot_max_price"] = pool.max_price
    if pool.capacity_blocks:
        args["capacity_blocks"] = True  # which Azure does not sell: refused with those that do
    if pool.fabric:
        args["infiniband"] = True
    if pool.placement_group is not None:
        args["placement_group"] = pool.placement_group
    return args


def _given(section: Section) -> dict[str, Any]:
    """What was said; the component knows the defaults."""
    return section.model_dump(exclude_none=True)


def _checked(environment: Environment, aks: Aks, pool: NodePool) -> "AksPool":
    from modelyard.components.azure.node_pool import spec  # noqa: PLC0415 - only for this kind

    args: Any = pool_args(environment, pool)
    # What only Azure knows has no part in the rules.
    args["cluster"] = {
        "name": environment.name,
        "resource_group": environment.name,
        "location": aks.location,
        "kubernetes_version": aks.kubernetes_version,
        "node_subnet": "",
        "identity": "",
        "pods_per_node": aks.pods_per_node,
        "max_nodes": aks.max_nodes,
        "vcpu_quota": aks.vcpu_quota,
    }
    return spec.checked(pool.name, args)


def _told(environment: Environment, wrong: ArgumentError) -> ArgumentError:
    return ArgumentError(environment.name, wrong.argument, wrong.value, wrong.rule, wrong.source)
