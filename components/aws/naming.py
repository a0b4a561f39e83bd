"""Names of buckets and roles in AWS. Pure."""

import hashlib
import re

from modelyard.components.common.errors import ArgumentError

BUCKET_NAMING = "Amazon S3, bucket naming rules"

_BUCKET = re.compile(r"[a-z0-9]([-a-z0-9]{1,61})[a-z0-9]")
_RESERVED_STARTS = ("xn--", "sthree-", "amzn-s3-demo-")
_RESERVED_ENDS = ("-s3alias", "--ol-s3", "--x-s3", "--table-s3", "-an")
"""Beginnings and ends that S3 keeps for itself."""
_BUCKET_LENGTH = 63
_ROLE = re.compile(r"[\w+=,.@-]{1,64}", re.ASCII)
_ROLE_LENGTH = 64


def bucket_name(prefix: str, bucket: str, *salt: str) -> str:
    """Compose a name that is unique among the buckets of all AWS customers (40 bits) and the same in every run.

    Args:
        prefix: beginning of the name; shortened where necessary.
        bucket: name of the bucket in the component.
        salt: account and region.
    """
    digest = _digest("/".join((prefix, *salt)))
    length = _BUCKET_LENGTH - len(digest) - len(bucket) - 2
    start = re.sub(r"[^a-z0-9-]", "-", prefix.lower())[:length].strip("-")
    return f"{start}-{bucket}-{digest}"


def validate_bucket_name(component: str, argument: str, bucket: str) -> str:
    """Return a name that S3 accepts.

    Raises:
        ArgumentError: S3 refuses it.
    """
    if not _BUCKET.fullmatch(bucket):
        rule = "must be 3 to 63 lower-case letters, digits and '-', with a letter or digit at both ends (no dots: TLS)"
        raise ArgumentError(component, argument, bucket, rule, BUCKET_NAMING)
    if bucket.startswith(_RESERVED_STARTS) or bucket.endswith(_RESERVED_ENDS):
        rule = f"must not begin with {', '.join(_RESERVED_STARTS)}, nor end with {', '.join(_RESERVED_ENDS)}"
        raise ArgumentError(component, argument, bucket, rule, BUCKET_NAMING)
    return bucket


def validate_role_name(component: str, argument: str, role: str) -> str:
    """Return a name that IAM accepts for a role.

    Raises:
        ArgumentError: IAM refuses it.
    """
    if not _ROLE.fullmatch(role):
        rule = "must be 1 to 64 letters, digits and '+=,.@-_'"
        raise ArgumentError(component, argument, role, rule, "AWS IAM, quotas: names")
    return role


def role_name(*parts: str) -> str:
    """Compose the name of a role; one that is too long ends with a digest of the whole."""
    name = "-".join(parts)
    return name if len(name) <= _ROLE_LENGTH else f"{name[:53].rstrip('-')}-{_digest(name)}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:10]
