"""What a workspace's pods may do in AWS, without a key: their service account stands for a role of IAM.

The cluster's issuer signs the pod's token, IAM trusts it for exactly one service account, and the role reaches the
team's part of a bucket and nothing else (AWS IAM, OIDC federation; ROSA, pod identity webhook).
"""

import hashlib
import re
from typing import NotRequired

import pulumi
from modelyard.components.aws import policies
from modelyard.components.aws.account import AwsRuleError
from modelyard.components.aws.policies import Reach
from modelyard.components.common.component import Component
from modelyard.components.common.ownership import OwnershipArgs, parse_ownership
from typing_extensions import TypedDict

_DNS_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_PREFIX = re.compile(r"([-\w.=+@]+/)*", re.ASCII)
_ROLE = re.compile(r"[\w+=,.@-]{1,64}", re.ASCII)


class AwsWorkloadRoleArgs(TypedDict):
    """A service account, and the part of a bucket that it may use."""

    ownership: OwnershipArgs
    """Whose it is; the team is also the namespace."""
    oidc_provider_arn: pulumi.Input[str]
    """The cluster's: `RosaCluster.oidc_provider_arn`."""
    oidc_issuer: pulumi.Input[str]
    """The cluster's: `RosaCluster.oidc_issuer`."""
    service_account: str
    """Name of the service account in the team's namespace."""
    bucket: pulumi.Input[str]
    """ARN of the bucket."""
    prefix: NotRequired[str]
    """Keys that it may use begin with this; ends with `/`. Default `<team>/`; empty: the whole bucket."""
    read_only: NotRequired[bool]
    """Servers read models; trainers write checkpoints. Default false."""
    read_buckets: NotRequired[list[pulumi.Input[str]]]
    """ARNs of further buckets, which it may read as a whole: a trainer's models."""
    kms_key_arn: NotRequired[pulumi.Input[str]]
    """Key of the buckets: `AwsModelBuckets.kms_key_arn`. Default: S3's own encryption."""
    role_name: NotRequired[str]
    """Name in IAM, 1 to 64 characters. Default: made of environment, team and service account."""


class AwsWorkloadRole(Component):
    """A role, the trust in one service account, and rights on one part of a bucket."""

    role_arn: pulumi.Output[str]
    """Belongs onto the service account, as annotation `eks.amazonaws.com/role-arn`."""
    annotations: pulumi.Output[dict[str, str]]
    """That annotation."""

    def __init__(self, name: str, args: AwsWorkloadRoleArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        whose = parse_ownership(args["ownership"])
        account = args["service_account"]
        for argument, value in (("ownership.team", whose.team), ("service_account", account)):
            if not _DNS_LABEL.fullmatch(value):
                rule = "is a DNS label: lower-case letters, digits and '-', at most 63"
                raise AwsRuleError(argument, value, rule, "Kubernetes, RFC 1123 labels")
        prefix = _prefix(args.get("prefix", f"{whose.team}/"))
        role_name = _role_name(args.get("role_name"), whose.environment, whose.team, account)
        super().__init__("modelyard:index:AwsWorkloadRole", name, None, opts)
        # Imported here: programs on other clouds do without.
        from pulumi_aws import iam  # noqa: PLC0415

        role = iam.Role(
            name,
            name=role_name,
            description=f"Service account {account} of team {whose.team}",
            assume_role_policy=pulumi.Output.all(args["oidc_provider_arn"], args["oidc_issuer"]).apply(
                lambda known: policies.trust(known[0], known[1], whose.team, account)
            ),
            tags=whose.tags(),
            opts=pulumi.ResourceOptions(parent=self),
        )
        writes = not args.get("read_only", False)
        known = pulumi.Output.all(bucket=args["bucket"], read=args.get("read_buckets", []), key=args.get("kms_key_arn"))
        iam.RolePolicy(
            f"{name}-bucket",
            name="bucket",
            role=role.name,
            policy=known.apply(
                lambda one: policies.rights(
                    [
                        Reach(bucket_arn=one["bucket"], prefix=prefix, writes=writes),
                        *(Reach(bucket_arn=arn, prefix="", writes=False) for arn in one["read"]),
                    ],
                    one["key"],
                )
            ),
            # Not deleted with the role: IAM deletes no role that has a policy left.
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.role_arn = role.arn
        self.annotations = role.arn.apply(lambda one: {"eks.amazonaws.com/role-arn": one})
        self.register_outputs({"role_arn": self.role_arn, "annotations": self.annotations})


def _prefix(prefix: str) -> str:
    if not _PREFIX.fullmatch(prefix):
        # A `*` would be a wildcard of the policy, and without the `/` team-a would reach into team-ab.
        rule = "is empty, or folders that end with '/', of letters, digits and '-_.=+@'"
        raise AwsRuleError("prefix", prefix, rule, "AWS IAM, policy grammar")
    return prefix


def _role_name(given: str | None, *parts: str) -> str:
    if given is not None:
        if not _ROLE.fullmatch(given):
            raise AwsRuleError("role_name", given, "is 1 to 64 letters, digits and '+=,.@-_'", "AWS IAM, quotas: names")
        return given
    whole = "-".join(parts)
    if len(whole) <= 64:
        return whole
    return f"{whole[:53].rstrip('-')}-{hashlib.sha256(whole.encode()).hexdigest()[:10]}"
