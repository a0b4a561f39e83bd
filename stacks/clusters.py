"""The environment's cluster: one that is there, or one that is made; the SDK of a cloud is loaded by its kind only."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pulumi
from modelyard.components.clusters.existing_cluster import ExistingCluster
from modelyard.components.node_pools.pool import PoolError
from modelyard.stacks.environment import Aks, Environment

if TYPE_CHECKING:
    from modelyard.components.clusters.aks_arguments import AksClusterArgs
    from modelyard.components.clusters.aks_cluster import AksCluster

PLATFORM_TEAM = "platform"
"""Clusters and pools belong to the platform; teams hold quota on them."""


@dataclass(frozen=True, kw_only=True)
class Reached:
    """A cluster, as everything inside it needs it."""

    provider: pulumi.ProviderResource
    outputs: dict[str, Any]
    """Of the stack, about the cluster."""
    deleted_with: pulumi.Resource | None = None
    """What takes everything inside along when it is deleted."""
    before: tuple[pulumi.Resource, ...] = ()
    """What must run before anything can be put inside."""
    aks: "AksCluster | None" = None

    def inside(self, *after: pulumi.Resource) -> pulumi.ResourceOptions:
        """Options of a component in the cluster that comes after others."""
        return pulumi.ResourceOptions(
            providers=[self.provider], deleted_with=self.deleted_with, depends_on=[*self.before, *after]
        )


def reach(environment: Environment) -> Reached:
    """Registers the environment's cluster. What is wrong with it was refused when the file was read."""
    if environment.cluster.aks is not None:
        return _aks(environment, environment.cluster.aks)
    args: dict[str, Any] = {"kubeconfig": environment.cluster.kubeconfig}
    if environment.cluster.context is not None:
        args["context"] = environment.cluster.context
    made = ExistingCluster(environment.name, args)  # type: ignore[arg-type]  # keys are those of the TypedDict
    return Reached(provider=made.provider, outputs={})


def judge(environment: Environment) -> None:
    """Nothing, if the cluster can be made.

    Raises:
        PoolError: a rule of the cloud is broken; `argument` is the key under `cluster.aks`.
    """
    aks = environment.cluster.aks
    if aks is None:
        return
    from modelyard.components.clusters.aks_plan import planned  # noqa: PLC0415 - only for this kind
    from modelyard.components.clusters.aks_rule import AksRuleError  # noqa: PLC0415

    try:
        planned(environment.name, aks_args(environment, aks))
    except AksRuleError as wrong:
        raise PoolError(environment.name, wrong.argument, wrong.value, wrong.rule, wrong.source) from wrong


def aks_args(environment: Environment, aks: Aks) -> "AksClusterArgs":
    """As the component takes them."""
    args: AksClusterArgs = {
        "ownership": {
            "team": PLATFORM_TEAM,
            "owner": environment.cluster.owner,
            "cost_center": environment.cluster.cost_center,
            "environment": environment.name,
        },
        "location": aks.location,
        "kubernetes_version": aks.kubernetes_version,
        "admin_groups": list(aks.admin_groups),
        "production": aks.production,
        "api": {"private": aks.private_api},
        "max_nodes": aks.max_nodes,
        "log_days": aks.log_days,
        "local_nvme": aks.local_nvme,
        "vcpu_quota": aks.vcpu_quota,
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


def _aks(environment: Environment, aks: Aks) -> Reached:
    from modelyard.components.clusters.aks_cluster import AksCluster  # noqa: PLC0415 - brings Azure's SDK

    made = AksCluster(environment.name, aks_args(environment, aks))
    return Reached(
        provider=made.provider,
        deleted_with=made.managed,
        before=(made.general_pool,),
        aks=made,
        outputs={
            "cluster": {
                "name": made.name,
                "resource_group": made.resource_group,
                "registry": made.registry,
                "oidc_issuer": made.oidc_issuer,
            },
            "kubeconfig": pulumi.Output.secret(made.kubeconfig),
        },
    )
