"""Identities of a ROSA cluster in IAM, registered before the cluster: its OIDC provider, and its eleven roles."""

from dataclasses import dataclass

import pulumi
from modelyard.components.aws.policies import trust_policy
from modelyard.components.rosa import roles
from modelyard.components.rosa.ocm.resources.oidc_config import ExistingOidcConfig, OidcConfig
from modelyard.components.rosa.ocm.resources.support_role import SupportPrincipal
from pulumi_aws import iam


@dataclass(frozen=True, kw_only=True)
class ClusterIdentities:
    """OIDC provider and roles of a cluster."""

    oidc_config_id: pulumi.Output[str]
    issuer_url: pulumi.Output[str]
    provider_arn: pulumi.Output[str]
    account_roles: dict[str, pulumi.Output[str]]
    """ARN of each account role, by kind."""
    ready: list[pulumi.Resource]
    """Resources that must exist before the cluster, and go after it."""


def create_identities(
    name: str, prefix: str, *, oidc_config_id: str | None, tags: dict[str, str], parent: pulumi.Resource
) -> ClusterIdentities:
    """Register the OIDC provider, with a new configuration unless one exists, and the roles, named with `prefix`."""
    opts = pulumi.ResourceOptions(parent=parent)
    oidc = (
        OidcConfig(f"{name}-oidc", opts)
        if oidc_config_id is None
        else ExistingOidcConfig(f"{name}-oidc", oidc_config_id, opts)
    )
    provider = iam.OpenIdConnectProvider(
        f"{name}-oidc",
        url=oidc.issuer_url,
        client_id_lists=["openshift", "sts.amazonaws.com"],
        thumbprint_lists=[oidc.thumbprint],
        tags=tags,
        opts=opts,
    )
    managed_tags = {**tags, "rosa_managed_policies": "true"}
    account_roles, attachments = _create_account_roles(name, prefix, managed_tags, opts)
    issuer = pulumi.Output.all(provider.arn, oidc.issuer_url)
    attachments += _create_operator_roles(name, prefix, issuer, managed_tags, opts)
    return ClusterIdentities(
        oidc_config_id=oidc.id,
        issuer_url=oidc.issuer_url,
        provider_arn=provider.arn,
        account_roles=account_roles,
        ready=[*attachments, provider],
    )


def _create_account_roles(
    name: str, prefix: str, tags: dict[str, str], opts: pulumi.ResourceOptions
) -> tuple[dict[str, pulumi.Output[str]], list[pulumi.Resource]]:
    support = SupportPrincipal(f"{name}-support", opts)
    trusts: dict[str, pulumi.Input[str]] = {
        "Installer": trust_policy({"AWS": roles.INSTALLER}),
        "Support": support.arn.apply(lambda arn: trust_policy({"AWS": arn})),
        "Worker": trust_policy({"Service": "ec2.amazonaws.com"}),
    }
    arns: dict[str, pulumi.Output[str]] = {}
    attachments: list[pulumi.Resource] = []
    for role in roles.ACCOUNT:
        resource = iam.Role(
            f"{name}-{role.kind.lower()}",
            name=role.name(prefix),
            assume_role_policy=trusts[role.kind],
            tags={**tags, "rosa_role_type": role.tag},
            opts=opts,
        )
        attachments.append(_attach(f"{name}-{role.kind.lower()}", resource, role.policy, opts))
        arns[role.kind] = resource.arn
    return arns, attachments


def _create_operator_roles(
    name: str,
    prefix: str,
    issuer: pulumi.Output[list[str]],
    tags: dict[str, str],
    opts: pulumi.ResourceOptions,
) -> list[pulumi.Resource]:
    """Register the roles that pods of the cluster take; `issuer` is the provider's ARN and the issuer's address."""
    attachments: list[pulumi.Resource] = []
    for role in roles.OPERATORS:
        resource_name = f"{name}-{role.namespace}-{role.operator}"
        resource = iam.Role(
            resource_name,
            name=role.name(prefix),
            assume_role_policy=issuer.apply(
                lambda values, role=role: roles.operator_trust(values[0], values[1] or "", role)
            ),
            tags={**tags, "operator_namespace": role.namespace, "operator_name": role.operator},
            opts=opts,
        )
        attachments.append(_attach(resource_name, resource, role.policy, opts))
    return attachments


def _attach(name: str, role: iam.Role, policy: str, opts: pulumi.ResourceOptions) -> pulumi.Resource:
    return iam.RolePolicyAttachment(name, role=role.name, policy_arn=f"{roles.POLICIES}/{policy}", opts=opts)
