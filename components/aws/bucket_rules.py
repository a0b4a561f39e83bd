"""Names and policies of buckets for models. Pure.

Sources: Amazon S3 user guide ("Bucket naming rules", "Bucket policy examples", "Policy keys").
"""

import hashlib
import json
import re
from collections.abc import Sequence
from typing import Any

from modelyard.components.aws.account import AwsRuleError

NAMING = "Amazon S3, bucket naming rules"

_NAME = re.compile(r"[a-z0-9]([-a-z0-9]{1,61})[a-z0-9]")
_TAKEN_STARTS = ("xn--", "sthree-", "amzn-s3-demo-")
_TAKEN_ENDS = ("-s3alias", "--ol-s3", "--x-s3", "--table-s3", "-an")
"""Beginnings and ends that S3 keeps for itself."""

LONGEST = 63

_KEY = "s3:x-amz-server-side-encryption-aws-kms-key-id"


def bucket_name(stem: str, bucket: str, *salt: str) -> str:
    """A name that no other bucket of any customer has, as far as 40 bits can tell, and the same at every run.

    Args:
        stem: what it starts with; shortened where it must be.
        bucket: which of the component's buckets.
        salt: account and region.
    """
    end = hashlib.sha256("/".join((stem, *salt)).encode()).hexdigest()[:10]
    start = re.sub(r"[^a-z0-9-]", "-", stem.lower())[: LONGEST - len(end) - len(bucket) - 2].strip("-")
    return f"{start}-{bucket}-{end}"


def check_bucket_name(argument: str, name: str) -> str:
    """`name`, if S3 takes it.

    Raises:
        AwsRuleError: it does not.
    """
    if not _NAME.fullmatch(name):
        rule = "is 3 to 63 lower-case letters, digits and '-', with a letter or digit at both ends (no dots: TLS)"
        raise AwsRuleError(argument, name, rule, NAMING)
    if name.startswith(_TAKEN_STARTS) or name.endswith(_TAKEN_ENDS):
        rule = f"begins with none of {', '.join(_TAKEN_STARTS)} and ends with none of {', '.join(_TAKEN_ENDS)}"
        raise AwsRuleError(argument, name, rule, NAMING)
    return name


def bucket_policy(bucket_arn: str, *, key_arn: str, vpc_endpoints: Sequence[str]) -> str:
    """Refuses what no right may allow: requests without TLS 1.2, other keys and, where told, other ways in.

    It allows nothing; rights are those of roles (`identities.aws_workload_role`).

    Args:
        bucket_arn: the bucket.
        key_arn: the only key that objects may be encrypted with.
        vpc_endpoints: ids of the VPC endpoints that objects may be reached through; none: every way. Only requests
            for objects are refused: Pulumi itself reads the bucket from elsewhere.
    """
    everything = [bucket_arn, f"{bucket_arn}/*"]
    statements: list[dict[str, Any]] = [
        _deny("OnlyTls", everything, ["s3:*"], {"Bool": {"aws:SecureTransport": "false"}}),
        _deny("OnlyTls12", everything, ["s3:*"], {"NumericLessThan": {"s3:TlsVersion": "1.2"}}),
        # A request that names no key gets the bucket's own. "StringNotEquals" alone, with "IfExists" or without, would
        # refuse it: a negated operator is true where the value is missing (AWS IAM, condition operators).
        _deny(
            "OnlyOurKey",
            [f"{bucket_arn}/*"],
            ["s3:PutObject"],
            {"StringNotEquals": {_KEY: key_arn}, "Null": {_KEY: "false"}},
        ),
    ]
    if vpc_endpoints:
        objects = ["s3:GetObject*", "s3:PutObject*", "s3:DeleteObject*"]
        elsewhere = {"StringNotEquals": {"aws:SourceVpce": sorted(vpc_endpoints)}}
        statements.append(_deny("OnlyOurEndpoints", everything, objects, elsewhere))
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def _deny(name: str, resources: list[str], actions: list[str], condition: dict[str, Any]) -> dict[str, Any]:
    return {
        "Sid": name,
        "Effect": "Deny",
        "Principal": "*",
        "Action": actions,
        "Resource": resources,
        "Condition": condition,
    }


def lifecycle(deleted_days: int) -> list[dict[str, Any]]:
    """Rules of a versioned bucket, so that what nobody can see any more does not cost forever.

    Args:
        deleted_days: after which an object that was deleted or overwritten is gone.
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
