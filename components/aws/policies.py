"""Policy documents of AWS: trust of roles, their rights on buckets, limits of buckets and keys. Pure.

Sources: AWS IAM user guide ("OIDC federation", "Policy grammar"), Amazon S3 ("Actions", "Bucket policy examples",
"Policy keys"), AWS KMS ("Permissions", "Default key policy").
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

AUDIENCE = "sts.amazonaws.com"
"""Audience of tokens that STS accepts; the cluster's webhook for pod identities asks for it."""

_KEY_HEADER = "s3:x-amz-server-side-encryption-aws-kms-key-id"


@dataclass(frozen=True, kw_only=True)
class BucketAccess:
    """Access to a part of a bucket."""

    bucket_arn: str
    prefix: str
    """Beginning of the keys; empty for the whole bucket."""
    writes: bool
    """True to change objects as well."""


def policy_document(statements: Sequence[Mapping[str, Any]]) -> str:
    """Render statements as a policy document."""
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def trust_policy(principal: Mapping[str, str], condition: Mapping[str, Any] | None = None) -> str:
    """Let a principal take a role: with a token where the principal is federated (IRSA)."""
    action = "sts:AssumeRoleWithWebIdentity" if "Federated" in principal else "sts:AssumeRole"
    statement: dict[str, Any] = {"Effect": "Allow", "Action": action, "Principal": principal}
    return policy_document([statement if condition is None else {**statement, "Condition": condition}])


def service_account_trust(provider_arn: str, issuer: str, namespace: str, service_account: str) -> str:
    """Let pods of one service account take the role, and nobody else.

    Args:
        provider_arn: ARN of the cluster's OIDC provider in IAM.
        issuer: issuer of the tokens, with or without its scheme.
        namespace: namespace of the service account.
        service_account: name of the service account.
    """
    host = issuer.removeprefix("https://").rstrip("/")
    subject = f"system:serviceaccount:{namespace}:{service_account}"
    condition = {"StringEquals": {f"{host}:sub": subject, f"{host}:aud": AUDIENCE}}
    return trust_policy({"Federated": provider_arn}, condition)


def access_policy(accesses: Iterable[BucketAccess], key_arn: str | None) -> str:
    """Allow reading, and where requested writing, of parts of buckets, and the use of their key.

    Versions are out of reach: an object that a workspace deletes or overwrites can be restored.

    Args:
        accesses: parts of buckets.
        key_arn: key that the objects are encrypted with; None for S3's own.
    """
    accesses = list(accesses)
    statements: list[dict[str, Any]] = []
    for number, access in enumerate(accesses):
        listing: dict[str, Any] = {
            "Sid": f"List{number}",
            "Effect": "Allow",
            "Action": ["s3:ListBucket", "s3:ListBucketMultipartUploads"] if access.writes else ["s3:ListBucket"],
            "Resource": [access.bucket_arn],
        }
        if access.prefix:
            listing["Condition"] = {"StringLike": {"s3:prefix": [access.prefix, f"{access.prefix}*"]}}
        actions = ["s3:GetObject"]
        if access.writes:
            actions += ["s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"]
        objects = {
            "Sid": f"Objects{number}",
            "Effect": "Allow",
            "Action": actions,
            "Resource": [f"{access.bucket_arn}/{access.prefix}*"],
        }
        statements += [listing, objects]
    if key_arn is not None:
        actions = ["kms:Decrypt", *(["kms:GenerateDataKey"] if any(access.writes for access in accesses) else [])]
        statements.append({"Sid": "Key", "Effect": "Allow", "Action": actions, "Resource": [key_arn]})
    return policy_document(statements)


def bucket_policy(bucket_arn: str, *, key_arn: str, vpc_endpoints: Sequence[str]) -> str:
    """Deny requests without TLS 1.2, with other keys and, if there are `vpc_endpoints`, through other endpoints.

    It allows nothing; rights are those of roles (`access_policy`).

    Args:
        bucket_arn: ARN of the bucket.
        key_arn: the only key that objects may be encrypted with.
        vpc_endpoints: ids of the VPC endpoints that objects may be reached through; empty for any. Only requests for
            objects are denied: Pulumi itself reads the bucket from elsewhere.
    """
    resources = [bucket_arn, f"{bucket_arn}/*"]
    statements: list[dict[str, Any]] = [
        _deny("OnlyTls", resources, ["s3:*"], {"Bool": {"aws:SecureTransport": "false"}}),
        _deny("OnlyTls12", resources, ["s3:*"], {"NumericLessThan": {"s3:TlsVersion": "1.2"}}),
        # A request that names no key gets the bucket's own. "StringNotEquals" alone, with "IfExists" or without, would
        # refuse it: a negated operator is true where the value is missing (AWS IAM, condition operators).
        _deny(
            "OnlyOurKey",
            [f"{bucket_arn}/*"],
            ["s3:PutObject"],
            {"StringNotEquals": {_KEY_HEADER: key_arn}, "Null": {_KEY_HEADER: "false"}},
        ),
    ]
    if vpc_endpoints:
        objects = ["s3:GetObject*", "s3:PutObject*", "s3:DeleteObject*"]
        condition = {"StringNotEquals": {"aws:SourceVpce": sorted(vpc_endpoints)}}
        statements.append(_deny("OnlyOurEndpoints", resources, objects, condition))
    return policy_document(statements)


def key_policy(account_id: str) -> str:
    """Leave the use of a key to the account's IAM policies."""
    principal = {"AWS": f"arn:aws:iam::{account_id}:root"}
    return policy_document([{"Effect": "Allow", "Principal": principal, "Action": "kms:*", "Resource": "*"}])


def _deny(sid: str, resources: list[str], actions: list[str], condition: dict[str, Any]) -> dict[str, Any]:
    return {
        "Sid": sid,
        "Effect": "Deny",
        "Principal": "*",
        "Action": actions,
        "Resource": resources,
        "Condition": condition,
    }
