"""Access of a workspace's pods to AWS without a key: an IAM role for their service account.

The cluster's issuer signs the pod's token, IAM trusts it for exactly one service account, and the role reaches the
team's part of a bucket and nothing else (AWS IAM, OIDC federation; ROSA, pod identity webhook).
"""

import re
from typing import NotRequired

import pulumi
from modelyard.components.aws import naming
from modelyard.components.aws.policies import BucketAccess, access_policy, service_account_trust
from modelyard.components.common.component import Component
from modelyard.components.common.errors import ArgumentError
from modelyard.components.common.ownership import OwnershipArgs, parse_ownership
from modelyard.components.kubernetes.workspaces.identity import WorkspaceIdentityArgs
from pulumi_aws import iam
from typing_extensions import TypedDict

ROLE_ANNOTATION = "eks.amazonaws.com/role-arn"
"""Annotation of a service account that names its role (ROSA, pod identity webhook)."""

_DNS_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_PREFIX = re.compile(r"([-\w.=+@]+/)*", re.ASCII)


class AwsWorkloadRoleArgs(TypedDict):
    """A service account, and the part of a bucket that it may use."""

    ownership: OwnershipArgs
    """Team, owner and cost centre, as tags; the team is also the namespace."""
    oidc_provider_arn: pulumi.Input[str]
    """OIDC provider of the cluster in IAM: `RosaCluster.oidc_provider_arn`."""
    oidc_issuer: pulumi.Input[str]
    """Issuer of the cluster's tokens: `RosaCluster.oidc_issuer`."""
    service_account: str
    """Name of the service account in the team's namespace."""
    bucket: pulumi.Input[str]
    """ARN of the bucket."""
    prefix: NotRequired[str]
    """Beginning of the keys that it may use; ends with `/`. Default `<team>/`; empty: the whole bucket."""
    read_only: NotRequired[bool]
    """Grant no writing, as for servers, which only read models. Default false."""
    read_buckets: NotRequired[list[pulumi.Input[str]]]
    """ARNs of further buckets that it may read as a whole: a trainer's models."""
    kms_key_arn: NotRequired[pulumi.Input[str]]
    """Key of the buckets: `AwsModelBuckets.kms_key_arn`. Default: S3's own encryption."""
    role_name: NotRequired[str]
    """Name in IAM, 1 to 64 characters. Default: environment, team and service account."""


class AwsWorkloadRole(Component):
    """A role, the trust in one service account, and rights on one part of a bucket."""

    role_arn: pulumi.Output[str]
    """ARN of the role, for annotation `eks.amazonaws.com/role-arn` of the service account."""
    annotations: pulumi.Output[dict[str, str]]
    """Annotations of the service account."""

    def __init__(self, name: str, args: AwsWorkloadRoleArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        owner = parse_ownership(args["ownership"])
        account = args["service_account"]
        for argument, value in (("ownership.team", owner.team), ("service_account", account)):
            if not _DNS_LABEL.fullmatch(value):
                rule = "must be a DNS label: lower-case letters, digits and '-', at most 63"
                raise ArgumentError(name, argument, value, rule, "Kubernetes, RFC 1123 labels")
        prefix = args.get("prefix", f"{owner.team}/")
        if not _PREFIX.fullmatch(prefix):
            # A `*` would be a wildcard of the policy, and without the `/` team-a would reach into team-ab.
            rule = "must be empty, or folders that end with '/', of letters, digits and '-_.=+@'"
            raise ArgumentError(name, "prefix", prefix, rule, "AWS IAM, policy grammar")
        role_name = args.get("role_name", naming.role_name(owner.environment, owner.team, account))
        naming.validate_role_name(name, "role_name", role_name)
        super().__init__("modelyard:index:AwsWorkloadRole", name, None, opts)
        role = iam.Role(
            name,
            name=role_name,
            description=f"Service account {account} of team {owner.team}",
            assume_role_policy=pulumi.Output.all(args["oidc_provider_arn"], args["oidc_issuer"]).apply(
                lambda values: service_account_trust(values[0], values[1], owner.team, account)
            ),
            tags=owner.tags(),
            opts=pulumi.ResourceOptions(parent=self),
        )
        iam.RolePolicy(
            f"{name}-bucket",
            name="bucket",
            role=role.name,
            policy=_policy(args, prefix),
            # Not deleted with the role: IAM deletes no role that has a policy left.
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.role_arn = role.arn
        self.annotations = role.arn.apply(lambda arn: {ROLE_ANNOTATION: arn})
        self.register_outputs({"role_arn": self.role_arn, "annotations": self.annotations})

    def workspace_identity(self) -> WorkspaceIdentityArgs:
        """Return the argument `identity` of the workspace whose pods take this role."""
        return {"annotations": {ROLE_ANNOTATION: self.role_arn}}


def _policy(args: AwsWorkloadRoleArgs, prefix: str) -> pulumi.Output[str]:
    writes = not args.get("read_only", False)

    def render(bucket: str, read_buckets: list[str], key_arn: str | None) -> str:
        accesses = [BucketAccess(bucket_arn=bucket, prefix=prefix, writes=writes)]
        accesses += [BucketAccess(bucket_arn=arn, prefix="", writes=False) for arn in read_buckets]
        return access_policy(accesses, key_arn)

    values = pulumi.Output.all(args["bucket"], args.get("read_buckets", []), args.get("kms_key_arn"))
    return values.apply(lambda known: render(*known))
