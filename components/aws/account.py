"""How a rule of AWS is told to somebody whose arguments break it."""

import re
from typing import Any

ACCOUNT = re.compile(r"[0-9]{12}")
REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-[0-9]")


class AwsRuleError(ValueError):
    """Arguments break a rule; the message names argument, value, rule and where it is written."""

    def __init__(self, argument: str, value: Any, rule: str, source: str) -> None:
        self.argument, self.value, self.rule, self.source = argument, value, rule, source
        super().__init__(f"{argument} = {value!r}: {rule} ({source})")


def check_account(argument: str, account_id: str) -> str:
    """`account_id`, if it looks like one.

    Raises:
        AwsRuleError: it does not.
    """
    if not ACCOUNT.fullmatch(account_id):
        raise AwsRuleError(argument, account_id, "is the id of an AWS account: twelve digits, as text", "AWS, accounts")
    return account_id


def check_region(argument: str, region: str) -> str:
    """`region`, if it looks like one.

    Raises:
        AwsRuleError: it does not.
    """
    if not REGION.fullmatch(region):
        raise AwsRuleError(
            argument, region, "is the name of an AWS region, such as us-east-1", "AWS, regions and zones"
        )
    return region
