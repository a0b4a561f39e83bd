"""Keys of AWS KMS that rotate every year."""

import pulumi
from modelyard.components.aws.policies import key_policy
from pulumi_aws import kms


def create_key(
    name: str, description: str, account_id: str, *, tags: dict[str, str], opts: pulumi.ResourceOptions
) -> pulumi.Output[str]:
    """Register a key of the account and return its ARN."""
    return kms.Key(
        name,
        description=description,
        enable_key_rotation=True,
        # Days in which a deletion can be cancelled; afterwards all encrypted data is lost. The longest that KMS has.
        deletion_window_in_days=30,
        policy=key_policy(account_id),
        tags=tags,
        opts=opts,
    ).arn
