"""Keys of AWS KMS that turn over every year."""

import json

import pulumi


def encryption_key(
    name: str, description: str, account_id: str, *, tags: dict[str, str], opts: pulumi.ResourceOptions
) -> pulumi.Output[str]:
    """Registers a key; returns its ARN.

    Args:
        name: of the resource.
        description: what it encrypts.
        account_id: whose it is.
        tags: of the key.
        opts: options.
    """
    from pulumi_aws import kms  # noqa: PLC0415 - loaded by programs that use AWS

    return kms.Key(
        name,
        description=description,
        enable_key_rotation=True,
        # Until then it can be taken back; afterwards all it encrypted is lost. The longest that AWS KMS has.
        deletion_window_in_days=30,
        policy=key_policy(account_id),
        tags=tags,
        opts=opts,
    ).arn


def key_policy(account_id: str) -> str:
    """Leaves it to the account's IAM policies who may use the key (AWS KMS, default key policy)."""
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"AWS": f"arn:aws:iam::{account_id}:root"},
                    "Action": "kms:*",
                    "Resource": "*",
                }
            ],
        }
    )
