"""S3 buckets for models and checkpoints, which outlive the stack that created them.

A model that took weeks must not go with a `pulumi destroy`: buckets and their key are protected, and stay in AWS when
they leave the stack. `keep: false` is for environments where that is not wanted, such as development.
"""

from typing import Any, NotRequired

import pulumi
from modelyard.components.aws import naming
from modelyard.components.aws.account import validate_account, validate_region
from modelyard.components.aws.kms import create_key
from modelyard.components.aws.policies import bucket_policy
from modelyard.components.aws.provider import with_aws_provider
from modelyard.components.common.choices import validate_range
from modelyard.components.common.component import Component
from modelyard.components.common.errors import ArgumentError
from modelyard.components.common.ownership import OwnershipArgs, parse_ownership
from pulumi_aws import s3
from typing_extensions import TypedDict

BUCKETS = ("models", "checkpoints")


class AwsModelBucketsArgs(TypedDict):
    """Buckets for models and checkpoints."""

    ownership: OwnershipArgs
    """Team, owner and cost centre, as tags."""
    account_id: str
    """AWS account, 12 digits."""
    region: str
    """Region; that of the GPUs, or each load crosses regions and is paid for."""
    name_prefix: NotRequired[str]
    """Beginning of the buckets' names, which are unique in AWS. Default: the component's name."""
    buckets: NotRequired[list[str]]
    """Names of the buckets. Default `models` and `checkpoints`."""
    kms_key_arn: NotRequired[str]
    """Key that objects are encrypted with. Default: a new one."""
    vpc_endpoints: NotRequired[list[pulumi.Input[str]]]
    """Ids of the VPC endpoints that objects may be reached through. Default: any, over TLS, with the right to do so."""
    keep: NotRequired[bool]
    """Protect the buckets, and keep them in AWS when the stack is destroyed. Default true."""
    deleted_days: NotRequired[int]
    """Days in which a deleted or overwritten object can be restored, 1 to 365. Default 14."""


class AwsModelBuckets(Component):
    """Buckets without public access, with versions, encrypted by one key, and that key."""

    bucket_names: pulumi.Output[dict[str, str]]
    """Name in AWS of each bucket."""
    bucket_arns: pulumi.Output[dict[str, str]]
    """ARN of each bucket."""
    kms_key_arn: pulumi.Output[str]
    """ARN of the key; readers and writers need rights on it as well."""

    def __init__(self, name: str, args: AwsModelBucketsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        names = _validate_names(name, args)
        days = validate_range(
            name, "deleted_days", args.get("deleted_days", 14), (1, 365), "Amazon S3, lifecycle configuration"
        )
        self._tags = parse_ownership(args["ownership"]).tags()
        opts = with_aws_provider(name, opts, region=args["region"], account_id=args["account_id"])
        super().__init__("modelyard:index:AwsModelBuckets", name, None, opts)
        self._keep, self._days = bool(args.get("keep", True)), days
        self._endpoints = list(args.get("vpc_endpoints", []))
        self.kms_key_arn = pulumi.Output.from_input(args.get("kms_key_arn") or self._create_key(args["account_id"]))
        self.buckets: dict[str, s3.Bucket] = {
            bucket: self._create_bucket(bucket, full_name) for bucket, full_name in names.items()
        }
        self.bucket_names = pulumi.Output.all(**{name: bucket.bucket for name, bucket in self.buckets.items()})
        self.bucket_arns = pulumi.Output.all(**{name: bucket.arn for name, bucket in self.buckets.items()})
        self.register_outputs(
            {"bucket_names": self.bucket_names, "bucket_arns": self.bucket_arns, "kms_key_arn": self.kms_key_arn}
        )

    def _protected(self) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self, protect=self._keep, retain_on_delete=self._keep)

    def _create_key(self, account_id: str) -> pulumi.Output[str]:
        # Kept as long as an object may be encrypted with it.
        description = f"Objects of {self._name}"
        return create_key(f"{self._name}-key", description, account_id, tags=self._tags, opts=self._protected())

    def _create_bucket(self, name: str, full_name: str) -> s3.Bucket:
        prefix = f"{self._name}-{name}"
        bucket = s3.Bucket(
            prefix,
            bucket=full_name,
            # A bucket with objects cannot be destroyed otherwise.
            force_destroy=not self._keep,
            tags={**self._tags, "Name": full_name},
            opts=self._protected(),
        )
        options = pulumi.ResourceOptions(parent=self, deleted_with=bucket, retain_on_delete=self._keep)
        versioning = s3.BucketVersioning(
            prefix, bucket=bucket.bucket, versioning_configuration={"status": "Enabled"}, opts=options
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
            opts=options,
        )
        s3.BucketOwnershipControls(
            prefix, bucket=bucket.bucket, rule={"object_ownership": "BucketOwnerEnforced"}, opts=options
        )
        access_block = s3.BucketPublicAccessBlock(
            prefix,
            bucket=bucket.bucket,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=options,
        )
        # S3 refuses two changes of a bucket's policy and public access at once (OperationAborted).
        s3.BucketPolicy(
            prefix,
            bucket=bucket.bucket,
            policy=self._policy(bucket.arn),
            opts=pulumi.ResourceOptions.merge(options, pulumi.ResourceOptions(depends_on=[access_block])),
        )
        s3.BucketLifecycleConfiguration(
            prefix,
            bucket=bucket.bucket,
            rules=_lifecycle_rules(self._days),  # type: ignore[arg-type]  # keys are those of the TypedDict
            opts=pulumi.ResourceOptions.merge(options, pulumi.ResourceOptions(depends_on=[versioning])),
        )
        return bucket

    def _policy(self, arn: pulumi.Output[str]) -> pulumi.Output[str]:
        values = pulumi.Output.all(arn, self.kms_key_arn, self._endpoints)
        return values.apply(lambda known: bucket_policy(known[0], key_arn=known[1], vpc_endpoints=known[2]))


def _validate_names(name: str, args: AwsModelBucketsArgs) -> dict[str, str]:
    """Compose the name in AWS of each bucket."""
    account = validate_account(name, "account_id", args["account_id"])
    region = validate_region(name, "region", args["region"])
    buckets = list(args.get("buckets", BUCKETS))
    if not buckets or len(set(buckets)) != len(buckets):
        rule = "must be one or more names, each once"
        raise ArgumentError(name, "buckets", buckets, rule, naming.BUCKET_NAMING)
    prefix = args.get("name_prefix", name)
    names = {bucket: naming.bucket_name(prefix, bucket, account, region) for bucket in buckets}
    for index, bucket in enumerate(buckets):
        if len(bucket) > 30:
            rule = "must be at most 30 letters, so that the whole name fits"
            raise ArgumentError(name, f"buckets[{index}]", bucket, rule, naming.BUCKET_NAMING)
        naming.validate_bucket_name(name, f"buckets[{index}]", names[bucket])
    return names


def _lifecycle_rules(deleted_days: int) -> list[dict[str, Any]]:
    """Build the rules of a versioned bucket that stop the costs of invisible data.

    Args:
        deleted_days: days after which a deleted or overwritten object is gone.
    """
    return [
        {
            "id": "old-versions",
            "status": "Enabled",
            "filter": {"prefix": ""},
            "noncurrent_version_expiration": {"noncurrent_days": deleted_days},
            "expiration": {"expired_object_delete_marker": True},
        },
        {
            "id": "unfinished-uploads",
            "status": "Enabled",
            "filter": {"prefix": ""},
            # A checkpoint whose writer died half way; a week is longer than any upload.
            "abort_incomplete_multipart_upload": {"days_after_initiation": 7},
        },
    ]
