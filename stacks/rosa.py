"""Environments of kind `rosa`: the cluster and its pools, judged without AWS's SDK, then made with it."""

from typing import TYPE_CHECKING, Any

import pulumi
from modelyard.components.clusters.rosa_rules import RosaRuleError
from modelyard.components.node_pools.pool import Pool, PoolError
from modelyard.stacks import pool_arguments
from modelyard.stacks.clouds import Rosa
from modelyard.stacks.environment import Environment, NodePool
from modelyard.stacks.reached import Reached, ownership

if TYPE_CHECKING:
    from modelyard.components.clusters.rosa_arguments import RosaClusterArgs
    from modelyard.components.node_pools.rosa_gpu_rules import RosaPool

AS_IN_THE_COMPONENT = (
    "billing_account_id",
    "acknowledge_gates_for",
    "upgrade_schedule",
    "compute_machine_type",
    "compute_nodes",
    "machine_cidr",
    "service_cidr",
    "pod_cidr",
    "host_prefix",
    "kms_key_arn",
    "oidc_config_id",
    "spot_queue_url",
)
"""Keys that the section and the component call the same, and that may be left out of both."""


def judge(environment: Environment, rosa: Rosa) -> None:
    """Nothing, if the cluster can be made.

    Raises:
        PoolError: a rule of ROSA or AWS is broken; `argument` is the component's.
    """
    from modelyard.components.clusters.rosa_plan import planned  # noqa: PLC0415 - only for this kind

    try:
        planned(environment.name, cluster_args(environment, rosa))
    except RosaRuleError as wrong:
        raise _told(environment, wrong) from wrong


def judged(environment: Environment, rosa: Rosa, pool: NodePool) -> Pool:
    """The pool, as its component will check it.

    Raises:
        PoolError: what the component would refuse.
    """
    return _checked(environment, rosa, pool).pool


def judge_together(environment: Environment, rosa: Rosa) -> None:
    """Nothing, if all pools at their largest fit what the cluster's network was planned for.

    Raises:
        PoolError: they do not; `argument` is the cluster's.
    """
    first = rosa.compute_nodes or max(2, len(rosa.zones))
    shares = {"the first nodes": first, **{one.name: one.max_nodes for one in environment.node_pools}}
    if sum(shares.values()) > rosa.max_nodes:
        told = ", ".join(f"{name} {nodes}" for name, nodes in shares.items())
        rule = f"the pools have {sum(shares.values())} nodes at most ({told}); the network is planned for fewer"
        raise PoolError(environment.name, "max_nodes", rosa.max_nodes, rule, "OCM, autoscaler: max_nodes_total")


def reach(environment: Environment, rosa: Rosa) -> Reached:
    """Registers the cluster."""
    from modelyard.components.clusters.rosa_cluster import RosaCluster  # noqa: PLC0415 - brings AWS's SDK

    made = RosaCluster(environment.name, cluster_args(environment, rosa))
    return Reached(
        provider=made.provider,
        deleted_with=made.managed,
        before=tuple(made.ready),
        of_pools={"cluster": made.reference},
        outputs={
            "cluster": {
                "name": made.name,
                "id": made.cluster_id,
                "server": made.server,
                "console": made.console_url,
                "oidc_issuer": made.oidc_issuer,
            },
            "kubeconfig": pulumi.Output.secret(made.kubeconfig),
        },
    )


def cluster_args(environment: Environment, rosa: Rosa) -> "RosaClusterArgs":
    """As the component takes them."""
    given: dict[str, Any] = {key: getattr(rosa, key) for key in AS_IN_THE_COMPONENT}
    args: Any = {
        **{key: value for key, value in given.items() if value is not None},
        "ownership": ownership(environment),
        "region": rosa.region,
        "zones": list(rosa.zones),
        "account_id": rosa.account_id,
        "creator_arn": rosa.creator_arn,
        "version": rosa.version,
        "private": rosa.private_api,
        "max_nodes": rosa.max_nodes,
        "delete_protection": rosa.production,
        "nat_per_zone": rosa.production,
    }
    if rosa.existing_subnets is not None:
        args["existing_subnets"] = rosa.existing_subnets.model_dump()
    return args


def pool_args(environment: Environment, pool: NodePool) -> dict[str, Any]:
    """Arguments of the pool's component, without those that tell of its cluster."""
    args = pool_arguments.shared(environment, pool)
    if pool.max_price is not None:
        args["max_price"] = pool.max_price
    return args


def _checked(environment: Environment, rosa: Rosa, pool: NodePool) -> "RosaPool":
    from modelyard.components.clusters.rosa_plan import planned  # noqa: PLC0415 - only for this kind
    from modelyard.components.node_pools import rosa_gpu_rules  # noqa: PLC0415

    plan = planned(environment.name, cluster_args(environment, rosa))
    args: Any = pool_args(environment, pool)
    # What only Cluster Manager knows has no part in the rules.
    args["cluster"] = {
        "cluster_id": "",
        "region": plan.region,
        "zones": list(plan.zones),
        "version": plan.version,
        "subnets": {},
        "max_nodes": plan.max_nodes,
        "spot_drains": rosa.spot_queue_url is not None,
        **({"subnet_prefix": plan.subnet_prefix} if plan.subnet_prefix is not None else {}),
    }
    return rosa_gpu_rules.checked(pool.name, args)


def _told(environment: Environment, wrong: RosaRuleError) -> PoolError:
    return PoolError(environment.name, wrong.argument, wrong.value, wrong.rule, wrong.source)
