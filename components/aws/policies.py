"""What a workspace's role trusts and may do in AWS, as policy documents. Pure.

Sources: AWS IAM user guide ("OIDC federation", "Policy grammar"), Amazon S3 ("Actions"), AWS KMS ("Permissions").
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

AUDIENCE = "sts.amazonaws.com"
"""Audience of tokens that STS takes; the cluster's webhook for pod identities asks for it."""


@dataclass(frozen=True, kw_only=True)
class Reach:
    """A part of a bucket, and whether it may be changed."""

    bucket_arn: str
    prefix: str
    """Keys that begin with it; empty: the whole bucket."""
    writes: bool


def trust(provider_arn: str, issuer: str, namespace: str, service_account: str) -> str:
    """Lets pods of one service account take the role, and nobody else (IRSA).

    Args:
        provider_arn: of the cluster's OIDC provider in IAM.
        issuer: of the tokens, with or without its scheme.
        namespace: of the service account.
        service_account: its name.
    """
    host = issuer.removeprefix("https://").rstrip("/")
    subject = f"system:serviceaccount:{namespace}:{service_account}"
    condition = {"StringEquals": {f"{host}:sub": subject, f"{host}:aud": AUDIENCE}}
    return _document(
        [
            {
                "Effect": "Allow",
                "Action": "sts:AssumeRoleWithWebIdentity",
                "Principal": {"Federated": provider_arn},
                "Condition": condition,
            }
        ]
    )


def rights(reaches: Iterable[Reach], key_arn: str | None) -> str:
    """Reading, and where wanted writing, of parts of buckets, and the use of their key.

    Versions are out of reach: what a workspace deletes or overwrites can be taken back.

    Args:
        reaches: parts of buckets.
        key_arn: that the objects are encrypted with; None: S3's own.
    """
    reaches = list(reaches)
    statements: list[dict[str, Any]] = []
    for number, one in enumerate(reaches):
        listing: dict[str, Any] = {
            "Sid": f"List{number}",
            "Effect": "Allow",
            "Action": ["s3:ListBucket", "s3:ListBucketMultipartUploads"] if one.writes else ["s3:ListBucket"],
            "Resource": [one.bucket_arn],
        }
        if one.prefix:
            listing["Condition"] = {"StringLike": {"s3:prefix": [one.prefix, f"{one.prefix}*"]}}
        actions = ["s3:GetObject"]
        if one.writes:
            actions += ["s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"]
        objects = {
            "Sid": f"Objects{number}",
            "Effect": "Allow",
            "Action": actions,
            "Resource": [f"{one.bucket_arn}/{one.prefix}*"],
        }
        statements += [listing, objects]
    if key_arn is not None:
        actions = ["kms:Decrypt", *(["kms:GenerateDataKey"] if any(one.writes for one in reaches) else [])]
        statements.append({"Sid": "Key", "Effect": "Allow", "Action": actions, "Resource": [key_arn]})
    return _document(statements)


def _document(statements: list[dict[str, Any]]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})
