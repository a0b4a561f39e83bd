"""Ids of AWS accounts and names of AWS regions."""

import re

from modelyard.components.common.errors import ArgumentError

ACCOUNT = re.compile(r"[0-9]{12}")
REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-[0-9]")


def validate_account(component: str, argument: str, account_id: str) -> str:
    """Return the id of an account.

    Raises:
        ArgumentError: it is not written as one.
    """
    if not ACCOUNT.fullmatch(account_id):
        rule = "must be the id of an AWS account: twelve digits, as text"
        raise ArgumentError(component, argument, account_id, rule, "AWS, accounts")
    return account_id


def validate_region(component: str, argument: str, region: str) -> str:
    """Return the name of a region.

    Raises:
        ArgumentError: it is not written as one.
    """
    if not REGION.fullmatch(region):
        rule = "must be the name of an AWS region, such as us-east-1"
        raise ArgumentError(component, argument, region, rule, "AWS, regions and zones")
    return region
