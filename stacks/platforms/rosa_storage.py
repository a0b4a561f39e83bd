"""S3 buckets of a ROSA environment, and the roles that may use them."""

from typing import TYPE_CHECKING, Any

import pulumi
from modelyard.components.aws import bucket_rules as rules
from modelyard.components.aws.account import AwsRuleError
from modelyard.components.common.errors import ArgumentError
from modelyard.components.kubernetes.workspaces.identity import WorkspaceIdentityArgs
from modelyard.stacks.environment.cloud_clusters import Rosa
from modelyard.stacks.environment.environment import Buckets, Environment
from modelyard.stacks.platforms.context import ownership
from modelyard.stacks.platforms.object_storage import CHECKPOINTS, MODELS, Account

if TYPE_CHECKING:
    from modelyard.components.rosa.cluster.component import RosaCluster


def judge(environment: Environment, rosa: Rosa, buckets: Buckets) -> None:
    """Nothing, if the buckets can be made.

    Raises:
        ArgumentError: `argument` is the key under `storage.buckets`.
    """
    stem = environment.name if buckets.name is None else buckets.name
    try:
        for one in (MODELS, CHECKPOINTS):
            rules.check_bucket_name("name", rules.bucket_name(stem, one, rosa.account_id, rosa.region))
    except AwsRuleError as wrong:
        raise ArgumentError(environment.name, wrong.argument, stem, wrong.rule, wrong.source) from wrong


class RosaStorage:
    """Buckets with a key of their own, in the cluster's region and account."""

    def __init__(self, environment: Environment, rosa: Rosa, buckets: Buckets, cluster: "RosaCluster") -> None:
        from modelyard.components.aws.storage import AwsModelBuckets  # noqa: PLC0415 - only on AWS

        self._cluster = cluster
        self._here = pulumi.ResourceOptions(providers=[cluster.aws] if cluster.aws else None)
        self._made = AwsModelBuckets(
            f"{environment.name}-storage",
            {
                "ownership": ownership(environment),
                "account_id": rosa.account_id,
                "region": rosa.region,
                "name_prefix": environment.name if buckets.name is None else buckets.name,
                "buckets": [MODELS, CHECKPOINTS],
                "keep": buckets.keep,
                "deleted_days": buckets.deleted_days,
            },
            self._here,
        )

    @property
    def outputs(self) -> dict[str, Any]:
        """Names of the buckets."""
        return {"buckets": self._made.bucket_names}

    def identity(self, account: Account) -> WorkspaceIdentityArgs:
        """A role that writes the team's checkpoints and reads all models, or one that reads models."""
        from modelyard.components.aws.identity import AwsWorkloadRole, AwsWorkloadRoleArgs  # noqa: PLC0415 - only on AWS

        arns = self._made.bucket_arns
        args: AwsWorkloadRoleArgs = {
            "ownership": account.whose,
            "oidc_provider_arn": self._cluster.oidc_provider_arn,
            "oidc_issuer": self._cluster.oidc_issuer,
            "service_account": account.name,
            "bucket": arns[CHECKPOINTS if account.trains else MODELS],
            "kms_key_arn": self._made.kms_key_arn,
        }
        if account.trains:
            args["read_buckets"] = [arns[MODELS]]
        else:
            args["prefix"], args["read_only"] = "", True
        made = AwsWorkloadRole(f"{account.whose['team']}-{account.name}", args, self._here)
        return {"annotations": {"eks.amazonaws.com/role-arn": made.role_arn}}
