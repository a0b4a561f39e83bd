"""Spellings of one value: Kubernetes quantities and durations.

Source: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/ and Go's time.ParseDuration.
"""

import re
from decimal import Decimal
from typing import Any

_SUFFIXES = {
    "n": Decimal("1e-9"),
    "u": Decimal("1e-6"),
    "m": Decimal("1e-3"),
    "": Decimal(1),
    "k": Decimal(10**3),
    "M": Decimal(10**6),
    "G": Decimal(10**9),
    "T": Decimal(10**12),
    "P": Decimal(10**15),
    "E": Decimal(10**18),
    "Ki": Decimal(2**10),
    "Mi": Decimal(2**20),
    "Gi": Decimal(2**30),
    "Ti": Decimal(2**40),
    "Pi": Decimal(2**50),
    "Ei": Decimal(2**60),
}
_QUANTITY = re.compile(r"([+-]?(?:\d+(?:\.\d*)?|\.\d+))(?:([eE][+-]?\d+)|([numkMGTPE]|[KMGTPE]i)?)$", re.ASCII)

_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)", re.ASCII)
_SECONDS = {
    "ns": Decimal("1e-9"),
    "us": Decimal("1e-6"),
    "µs": Decimal("1e-6"),
    "ms": Decimal("1e-3"),
    "s": Decimal(1),
    "m": Decimal(60),
    "h": Decimal(3600),
}


def quantity(value: Any) -> Decimal | None:
    """The number that a quantity such as `500m`, `8Gi` or `1e3` stands for; None when it is none."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    match = _QUANTITY.match(str(value))
    if match is None:
        return None
    digits, exponent, unit = match.groups()
    return Decimal(digits + exponent) if exponent else Decimal(digits) * _SUFFIXES[unit or ""]


def duration_seconds(value: Any) -> Decimal | None:
    """The seconds that a duration such as `1h30m` or `300s` stands for; None when it is none."""
    if not isinstance(value, str) or not value:
        return None
    total, position = Decimal(0), 0
    for match in _DURATION.finditer(value):
        if match.start() != position:
            return None
        total += Decimal(match[1]) * _SECONDS[match[2]]
        position = match.end()
    return total if position == len(value) else None


def is_equivalent(one: Any, other: Any) -> bool:
    """Say if two field values mean the same, though they may be spelled differently."""
    if one == other and isinstance(one, bool) == isinstance(other, bool):
        return True
    for parse in (quantity, duration_seconds):
        first, second = parse(one), parse(other)
        if first is not None and first == second:
            return True
    return False
