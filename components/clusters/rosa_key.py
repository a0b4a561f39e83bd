"""The key that a ROSA cluster's disks and etcd are encrypted with."""

import json

import pulumi


def encryption_key(name: str, account_id: str, *, tags: dict[str, str], parent: pulumi.Resource) -> pulumi.Output[str]:
    """Registers a key that turns over every year; returns its ARN."""
    from pulumi_aws import kms  # noqa: PLC0415 - loaded by programs that have such a cluster

    return kms.Key(
        f"{name}-key",
        description=f"Disks and etcd of ROSA cluster {name}",
        enable_key_rotation=True,
        policy=key_policy(account_id),
        # The tag lets the managed ROSA policies use the key (AWS, ROSAKMSProviderPolicy).
        tags={**tags, "red-hat": "true"},
        opts=pulumi.ResourceOptions(parent=parent),
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
