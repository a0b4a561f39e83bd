"""Decision of a policy document about a request, by the rules of AWS IAM (policy evaluation, condition operators).

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
    effects = {
        statement["Effect"]
        for statement in json.loads(policy)["Statement"]
        if _any(statement["Action"], action)
        and ("Resource" not in statement or _any(statement["Resource"], resource))
        and _holds(statement.get("Condition", {}), context or {})
    }
    return "Deny" if "Deny" in effects else "Allow" if "Allow" in effects else "None"


def _any(patterns: str | list[str], value: str) -> bool:
    return any(
        fnmatch.fnmatchcase(value, pattern) for pattern in ([patterns] if isinstance(patterns, str) else patterns)
    )


def _holds(condition: Mapping[str, Mapping[str, Any]], context: Mapping[str, str]) -> bool:
    return all(
        _operator(operator, context.get(key), [value] if isinstance(value, str) else value)
        for operator, keys in condition.items()
        for key, value in keys.items()
    )


def _operator(operator: str, value: str | None, values: list[str]) -> bool:
    if operator == "Null":
        return (value is None) == (values == ["true"])
    if operator == "StringNotEquals":
        return value not in values  # true as well where the request has no such value
    if value is None:
        return False
    return {
        "StringEquals": lambda: value in values,
        "StringLike": lambda: _any(values, value),
        "Bool": lambda: value == values[0],
        "NumericLessThan": lambda: float(value) < float(values[0]),
    }[operator]()
