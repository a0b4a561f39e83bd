"""What a policy document says to a request, by the rules of AWS IAM ("Policy evaluation logic", "Condition operators").

moto checks that documents are well-formed, and no conditions; these are the operators that our policies use.
"""

import fnmatch
import json
from collections.abc import Mapping
from typing import Any


def effect(policy: str, action: str, resource: str, context: Mapping[str, str] | None = None) -> str:
    """`Allow`, `Deny`, or `None` where no statement says anything; a denial wins.

    Args:
        policy: document.
        action: `s3:GetObject`.
        resource: ARN; a trust policy names none.
        context: what the request carries, by condition key.
    """
    said = {
        one["Effect"]
        for one in json.loads(policy)["Statement"]
        if _any(one["Action"], action)
        and ("Resource" not in one or _any(one["Resource"], resource))
        and _holds(one.get("Condition", {}), context or {})
    }
    return "Deny" if "Deny" in said else "Allow" if "Allow" in said else "None"


def _any(patterns: str | list[str], value: str) -> bool:
    return any(fnmatch.fnmatchcase(value, one) for one in ([patterns] if isinstance(patterns, str) else patterns))


def _holds(condition: Mapping[str, Mapping[str, Any]], context: Mapping[str, str]) -> bool:
    return all(
        _operator(operator, context.get(key), [value] if isinstance(value, str) else value)
        for operator, keys in condition.items()
        for key, value in keys.items()
    )


def _operator(operator: str, given: str | None, wanted: list[str]) -> bool:
    if operator == "Null":
        return (given is None) == (wanted == ["true"])
    if operator == "StringNotEquals":
        return given not in wanted  # true as well where the request has no such value
    if given is None:
        return False
    return {
        "StringEquals": lambda: given in wanted,
        "StringLike": lambda: _any(wanted, given),
        "Bool": lambda: given == wanted[0],
        "NumericLessThan": lambda: float(given) < float(wanted[0]),
    }[operator]()
