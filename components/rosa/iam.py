"""Registers what a ROSA cluster needs of IAM before it is made: its OIDC provider, and its eleven roles."""

from dataclasses import dataclass
from typing import Any

import pulumi
from modelyard.components.rosa import roles as rosa_roles
from modelyard.components.rosa.ocm.resources.oidc_config import ExistingOidcConfig, OidcConfig
from modelyard.components.rosa.ocm.resources.support_role import SupportPrincipal


@dataclass(frozen=True, kw_only=True)
class Identities:
    """What was made."""

    oidc_config_id: pulumi.Output[str]
    issuer_url: pulumi.Output[str]
    provider_arn: pulumi.Output[str]
    account_roles: dict[str, pulumi.Output[str]]
    """ARN of each, by kind."""
    ready: list[pulumi.Resource]
    """What must be there before the cluster, and go after it."""


def identities(
    name: str, prefix: str, *, oidc_config_id: str | None, tags: dict[str, str], parent: pulumi.Resource
) -> Identities:
    """Registers them.

    Args:
        name: of the component.
        prefix: of the roles' names: the cluster's name.
        oidc_config_id: an OIDC configuration that exists; None makes one.
        tags: of everything.
        parent: the component.
    """
    from pulumi_aws import iam  # noqa: PLC0415 - loaded by programs that have such a cluster

    inside = pulumi.ResourceOptions(parent=parent)
    oidc: OidcConfig | ExistingOidcConfig
    if oidc_config_id is None:
        oidc = OidcConfig(f"{name}-oidc", inside)
    else:
        oidc = ExistingOidcConfig(f"{name}-oidc", oidc_config_id, inside)
    trusted = iam.OpenIdConnectProvider(
        f"{name}-oidc",
        url=oidc.issuer_url,
        client_id_lists=["openshift", "sts.amazonaws.com"],
        thumbprint_lists=[oidc.thumbprint],
        tags=tags,
        opts=inside,
    )
    roles, attached = _account_roles(name, prefix, tags, inside)
    trust = pulumi.Output.all(trusted.arn, oidc.issuer_url)
    attached += _operator_roles(name, prefix, trust, tags, inside)
    return Identities(
        oidc_config_id=oidc.id,
        issuer_url=oidc.issuer_url,
        provider_arn=trusted.arn,
        account_roles=roles,
        ready=[*attached, trusted],
    )


def _account_roles(
    name: str, prefix: str, tags: dict[str, str], inside: pulumi.ResourceOptions
) -> tuple[dict[str, pulumi.Output[str]], list[pulumi.Resource]]:
    from pulumi_aws import iam  # noqa: PLC0415

    support = SupportPrincipal(f"{name}-support", inside)
    trusts: dict[str, pulumi.Input[str]] = {
        "Installer": rosa_roles.trust({"AWS": rosa_roles.INSTALLER}),
        "Support": support.arn.apply(lambda arn: rosa_roles.trust({"AWS": arn})),
        "Worker": rosa_roles.trust({"Service": "ec2.amazonaws.com"}),
    }
    made: dict[str, pulumi.Output[str]] = {}
    attached: list[pulumi.Resource] = []
    for role in rosa_roles.ACCOUNT:
        found = iam.Role(
            f"{name}-{role.kind.lower()}",
            name=role.name(prefix),
            assume_role_policy=trusts[role.kind],
            tags={**tags, "rosa_managed_policies": "true", "rosa_role_type": role.tag},
            opts=inside,
        )
        attached.append(_attach(f"{name}-{role.kind.lower()}", found, role.policy, inside))
        made[role.kind] = found.arn
    return made, attached


def _operator_roles(
    name: str,
    prefix: str,
    trust: pulumi.Output[Any],
    tags: dict[str, str],
    inside: pulumi.ResourceOptions,
) -> list[pulumi.Resource]:
    """Those that pods of the cluster take; `trust` is the provider's ARN and the issuer's address."""
    from pulumi_aws import iam  # noqa: PLC0415

    attached: list[pulumi.Resource] = []
    for role in rosa_roles.OPERATORS:
        policy = trust.apply(
            lambda known, role=role: rosa_roles.federated(known[0], known[1] or "", role.namespace, role.accounts)
        )
        found = iam.Role(
            f"{name}-{role.namespace}-{role.operator}",
            name=role.name(prefix),
            assume_role_policy=policy,
            tags={
                **tags,
                "rosa_managed_policies": "true",
                "operator_namespace": role.namespace,
                "operator_name": role.operator,
            },
            opts=inside,
        )
        attached.append(_attach(f"{name}-{role.namespace}-{role.operator}", found, role.policy, inside))
    return attached


def _attach(name: str, role: Any, policy: str, inside: pulumi.ResourceOptions) -> pulumi.Resource:
    from pulumi_aws import iam  # noqa: PLC0415

    return iam.RolePolicyAttachment(name, role=role.name, policy_arn=f"{rosa_roles.POLICIES}/{policy}", opts=inside)
