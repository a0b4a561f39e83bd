"""Environments of kind `rosa`: the cluster and its pools, judged without AWS's SDK, then made with it."""

import re
from typing import TYPE_CHECKING, Any

import pulumi
from modelyard.components.common.errors import ArgumentError
from modelyard.components.node_pools.spec import NodePoolSpec
from modelyard.components.rosa.cluster.rules import RosaRuleError
from modelyard.stacks.environment.cloud_clusters import Rosa, RosaLogin
from modelyard.stacks.environment.environment import Environment, NodePool
from modelyard.stacks.platforms import node_pool_args
from modelyard.stacks.platforms.context import NoAccessError, Reached, ownership
from modelyard.stacks.platforms.rosa_storage import RosaStorage

if TYPE_CHECKING:
    from modelyard.components.rosa.cluster.args import RosaClusterArgs
    from modelyard.components.rosa.machine_pool.spec import RosaPool

LOGIN_SECRET = "modelyard:loginSecret"  # noqa: S105 - where it is kept
"""Key of the stack's configuration with the client secret of `login`."""

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
    "spot_queue",
)
"""Keys that the section and the component call the same, and that may be left out of both."""


def judge(environment: Environment, rosa: Rosa) -> None:
    """Nothing, if the cluster can be made.

    Raises:
        ArgumentError: a rule of ROSA or AWS is broken; `argument` is the component's.
    """
    from modelyard.components.rosa.cluster.spec import planned  # noqa: PLC0415 - only for this kind

    try:
        planned(environment.name, cluster_args(environment, rosa))
    except RosaRuleError as wrong:
        raise _told(environment, wrong) from wrong


def judged(environment: Environment, rosa: Rosa, pool: NodePool) -> NodePoolSpec:
    """The pool, as its component will check it.

    Raises:
        ArgumentError: what the component would refuse.
    """
    return _checked(environment, rosa, pool).pool


def judge_together(environment: Environment, rosa: Rosa) -> None:
    """Nothing, if all pools at their largest fit the account's quotas, the subnets and the cluster's autoscaler.

    Raises:
        ArgumentError: they do not; `argument` is the cluster's.
    """
    from modelyard.components.rosa import capacity  # noqa: PLC0415 - only for this kind
    from modelyard.components.rosa.cluster.spec import planned  # noqa: PLC0415

    plan = planned(environment.name, cluster_args(environment, rosa))
    demands = [_checked(environment, rosa, one).demand for one in environment.node_pools]
    try:
        capacity.within_quota(demands, plan.vcpu_quota)
        capacity.within_nodes(demands, plan.max_nodes, plan.nodes)
        capacity.within_subnets(demands, plan.subnet_prefix, plan.nodes // len(plan.zones))
    except RosaRuleError as wrong:
        raise _told(environment, wrong) from wrong


def reach(environment: Environment, rosa: Rosa) -> Reached:
    """Registers the cluster."""
    from modelyard.components.rosa.cluster.component import RosaCluster  # noqa: PLC0415 - brings AWS's SDK

    secret = _login_secret() or pulumi.Output.secret("")  # a preview needs none
    made = RosaCluster(environment.name, cluster_args(environment, rosa, secret))
    buckets = environment.storage.buckets
    storage = RosaStorage(environment, rosa, buckets, made) if buckets else None
    return Reached(
        object_storage=storage,
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
            **({"storage": storage.outputs} if storage else {}),
        },
    )


def sign_in(rosa: Rosa) -> None:
    """Nothing, if Cluster Manager will let this program in.

    Raises:
        NoAccessError: no credentials, expired ones, or refused ones; the message says what to set, and holds none.
    """
    from modelyard.components.rosa.ocm.connection import check_sign_in  # noqa: PLC0415 - kind
    from modelyard.components.rosa.ocm.errors import TokenError, UnreachableError  # noqa: PLC0415 - only for this

    if rosa.login is not None and _login_secret() is None:
        raise NoAccessError(f"cluster.rosa.login has no client secret; pulumi config set --secret {LOGIN_SECRET}")
    try:
        check_sign_in()
    except (TokenError, UnreachableError) as wrong:
        raise NoAccessError(str(wrong)) from None


def cluster_args(environment: Environment, rosa: Rosa, login_secret: pulumi.Input[str] = "") -> "RosaClusterArgs":
    """As the component takes them.

    Args:
        environment: whose cluster it is.
        rosa: its section.
        login_secret: client secret of `rosa.login`; the rules do without.
    """
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
        "vcpu_quota": rosa.vcpu_quota,
        "delete_protection": rosa.production,
        "nat_per_zone": rosa.production,
    }
    if rosa.existing_subnets is not None:
        args["existing_subnets"] = rosa.existing_subnets.model_dump()
    if rosa.budget is not None:
        args["budget"] = {"amount_per_month": rosa.budget.amount_per_month, "emails": list(rosa.budget.emails)}
    if rosa.login is not None:
        args["identity_providers"] = [_identity_provider(rosa.login, login_secret)]
        args["admins"] = list(rosa.login.admins)
    return args


def pool_args(environment: Environment, pool: NodePool) -> dict[str, Any]:
    """Arguments of the pool's component, without those that tell of its cluster."""
    args = node_pool_args.shared(environment, pool)
    price = pool.usd_per_hour if pool.max_price is None and pool.spot else pool.max_price
    if price is not None:
        args["max_price"] = price
    if pool.capacity_blocks:
        args["capacity_blocks"] = True
    if pool.fabric:
        args["fabric"] = True  # which no machine pool can have: refused with those that can
    if pool.placement_group is not None:
        args["placement_group"] = pool.placement_group  # the same
    return args


def _checked(environment: Environment, rosa: Rosa, pool: NodePool) -> "RosaPool":
    from modelyard.components.rosa.cluster.spec import planned  # noqa: PLC0415 - only for this kind
    from modelyard.components.rosa.machine_pool import spec  # noqa: PLC0415

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
        "vcpu_quota": plan.vcpu_quota,
        "spot_drains": rosa.spot_queue or rosa.spot_queue_url is not None,
        **({"subnet_prefix": plan.subnet_prefix} if plan.subnet_prefix is not None else {}),
    }
    return spec.checked(pool.name, args)


def _login_secret() -> pulumi.Output[str] | None:
    return pulumi.Config("modelyard").get_secret(LOGIN_SECRET.partition(":")[2])


def _identity_provider(login: RosaLogin, secret: pulumi.Input[str]) -> dict[str, Any]:
    open_id: dict[str, Any] = {"issuer": login.issuer, "client_id": login.client_id, "client_secret": secret}
    if login.groups_claim is not None:
        open_id["claims"] = {"groups": [login.groups_claim]}
    return {"name": login.name, "open_id": open_id}


def _told(environment: Environment, wrong: RosaRuleError) -> ArgumentError:
    argument = re.sub(r"^identity_providers(\[[^\]]*\])?(\.open_id)?", "login", wrong.argument)
    argument = "login.admins" if argument == "admins" else argument
    return ArgumentError(environment.name, argument, wrong.value, wrong.rule, wrong.source)
