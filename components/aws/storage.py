"""S3 buckets for models and checkpoints, which outlive the stack that made them.

A model that took weeks must not go with a `pulumi destroy`: buckets and their key are protected, and stay in AWS when
they leave the stack. `keep: false` is for places where that is not wanted, such as a development environment.
"""

from typing import Any, NotRequired

import pulumi
from modelyard.components.aws import bucket_rules as rules
from modelyard.components.aws.account import AwsRuleError, check_account, check_region
from modelyard.components.aws.kms import encryption_key
from modelyard.components.aws.provider import with_provider
from modelyard.components.common.component import Component
from modelyard.components.common.ownership import OwnershipArgs, parse_ownership
from typing_extensions import TypedDict

BUCKETS = ("models", "checkpoints")


class AwsModelBucketsArgs(TypedDict):
    """Where models and checkpoints are kept."""

    ownership: OwnershipArgs
    """Whose they are."""
    account_id: str
    """AWS account, 12 digits."""
    region: str
    """Region; that of the GPUs, or each load crosses regions and is paid for."""
    name_prefix: NotRequired[str]
    """Beginning of the buckets' names, which are unlike any other in AWS. Default: the component's name."""
    buckets: NotRequired[list[str]]
    """Default `models` and `checkpoints`."""
    kms_key_arn: NotRequired[str]
    """Key that objects are encrypted with. Default: one is made."""
    vpc_endpoints: NotRequired[list[pulumi.Input[str]]]
    """Ids of the VPC endpoints that objects may be reached through. Default: everybody with a right, over TLS."""
    keep: NotRequired[bool]
    """Default true: protected, and kept in AWS when the stack is destroyed."""
    deleted_days: NotRequired[int]
    """Days in which a deleted or overwritten object can be taken back, 1 to 365. Default 14."""


class AwsModelBuckets(Component):
    """Buckets without public access, with versions, encrypted by one key, and that key."""

    bucket_names: pulumi.Output[dict[str, str]]
    """Name of each bucket in AWS, by its name here."""
    bucket_arns: pulumi.Output[dict[str, str]]
    """ARN of each bucket, by its name here."""
    kms_key_arn: pulumi.Output[str]
    """The key; who reads or writes needs rights on it as well."""

    def __init__(self, name: str, args: AwsModelBucketsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        names = _names(name, args)
        days = int(args.get("deleted_days", 14))
        if not 1 <= days <= 365:
            raise AwsRuleError("deleted_days", days, "is 1 to 365", "Amazon S3, lifecycle configuration")
        whose = parse_ownership(args["ownership"]).tags()
        opts = with_provider(name, opts, region=args["region"], account_id=args["account_id"])
        super().__init__("modelyard:index:AwsModelBuckets", name, None, opts)
        self._keep, self._tags, self._days = bool(args.get("keep", True)), whose, days
        self._endpoints = list(args.get("vpc_endpoints", []))
        self.kms_key_arn = pulumi.Output.from_input(args.get("kms_key_arn") or self._key(args["account_id"]))
        self.buckets = {one: self._bucket(one, full) for one, full in names.items()}
        self.bucket_names = pulumi.Output.all(**{one: each.bucket for one, each in self.buckets.items()})
        self.bucket_arns = pulumi.Output.all(**{one: each.arn for one, each in self.buckets.items()})
        self.register_outputs(
            {"bucket_names": self.bucket_names, "bucket_arns": self.bucket_arns, "kms_key_arn": self.kms_key_arn}
        )

    def _kept(self) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self, protect=self._keep, retain_on_delete=self._keep)

    def _key(self, account_id: str) -> pulumi.Output[str]:
        told = f"Objects of {self._name}"
        # Kept as long as an object may be encrypted with it.
        return encryption_key(f"{self._name}-key", told, account_id, tags=self._tags, opts=self._kept())

    def _bucket(self, name: str, full_name: str) -> Any:
        from pulumi_aws import s3  # noqa: PLC0415

        prefix = f"{self._name}-{name}"
        bucket = s3.Bucket(
            prefix,
            bucket=full_name,
            # A bucket with objects cannot be destroyed otherwise.
            force_destroy=not self._keep,
            tags={**self._tags, "Name": full_name},
            opts=self._kept(),
        )
        beside = pulumi.ResourceOptions(parent=self, deleted_with=bucket, retain_on_delete=self._keep)
        versions = s3.BucketVersioning(
            prefix, bucket=bucket.bucket, versioning_configuration={"status": "Enabled"}, opts=beside
        )
        s3.BucketServerSideEncryptionConfiguration(
            prefix,
            bucket=bucket.bucket,
            rules=[
                {
                    "apply_server_side_encryption_by_default": {
                        "sse_algorithm": "aws:kms",
                        "kms_master_key_id": self.kms_key_arn,
                    },
                    # One request to KMS per bucket and while, not per object (Amazon S3, bucket keys).
                    "bucket_key_enabled": True,
                }
            ],
            opts=beside,
        )
        s3.BucketOwnershipControls(
            prefix, bucket=bucket.bucket, rule={"object_ownership": "BucketOwnerEnforced"}, opts=beside
        )
        closed = s3.BucketPublicAccessBlock(
            prefix,
            bucket=bucket.bucket,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=beside,
        )
        # S3 refuses two changes of a bucket's policy and public access at once (OperationAborted).
        s3.BucketPolicy(
            prefix,
            bucket=bucket.bucket,
            policy=self._policy(bucket.arn),
            opts=pulumi.ResourceOptions.merge(beside, pulumi.ResourceOptions(depends_on=[closed])),
        )
        s3.BucketLifecycleConfiguration(
            prefix,
            bucket=bucket.bucket,
            rules=rules.lifecycle(self._days),  # type: ignore[arg-type]  # keys are those of the TypedDict
            opts=pulumi.ResourceOptions.merge(beside, pulumi.ResourceOptions(depends_on=[versions])),
        )
        return bucket

    def _policy(self, arn: pulumi.Output[str]) -> pulumi.Output[str]:
        known = pulumi.Output.all(arn=arn, key=self.kms_key_arn, endpoints=self._endpoints)
        return known.apply(
            lambda one: rules.bucket_policy(one["arn"], key_arn=one["key"], vpc_endpoints=one["endpoints"])
        )


def _names(name: str, args: AwsModelBucketsArgs) -> dict[str, str]:
    """Name in AWS of each bucket, all rules kept."""
    account, region = check_account("account_id", args["account_id"]), check_region("region", args["region"])
    given = list(args.get("buckets", BUCKETS))
    if not given or len(set(given)) != len(given):
        raise AwsRuleError("buckets", given, "one or more, each named once", rules.NAMING)
    stem = args.get("name_prefix", name)
    made = {one: rules.bucket_name(stem, one, account, region) for one in given}
    for one in given:
        if len(one) > 30:
            raise AwsRuleError("buckets", one, "is at most 30 letters, so that the whole name fits", rules.NAMING)
        rules.check_bucket_name("buckets", made[one])
    return made
