"""Kubernetes quantities: `500m`, `8Gi`, `1.5`, `2e3`.

The grammar is that of k8s.io/apimachinery v0.36, `pkg/api/resource/quantity.go`: a decimal number followed by a binary
suffix (Ki Mi Gi Ti Pi Ei), a decimal suffix (n u m k M G T P E) or an exponent. Values are exact fractions, so that
`0.6` equals `600m`. One difference: a unit without a number, which upstream reads as 0, is refused.
"""

import re
from fractions import Fraction
from typing import Any

_BINARY = {"Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40, "Pi": 2**50, "Ei": 2**60}
_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_QUANTITY = re.compile(
    r"(?P<number>[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+))(?:(?P<suffix>[KMGTPE]i|[numkMGTPE])|[eE](?P<exponent>[+-]?[0-9]{1,3}))?"
)


def parse_quantity(value: Any) -> Fraction:
    """Return the amount that `value` stands for, in the resource's own unit (cores, bytes, devices).

    Raises:
        ValueError: `value` is neither a number nor a quantity in Kubernetes' notation.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError(_describe_fault(value))
    match = _QUANTITY.fullmatch(str(value))  # str() of a float may use an exponent, which the grammar allows
    if match is None:
        raise ValueError(_describe_fault(value))
    number = Fraction(match["number"])
    if match["exponent"]:
        return number * Fraction(10) ** int(match["exponent"])
    suffix = match["suffix"] or ""
    if suffix in _BINARY:
        return number * _BINARY[suffix]
    return number * Fraction(10) ** _DECIMAL[suffix]


def _describe_fault(value: Any) -> str:
    return f"{value!r} is not a Kubernetes quantity; write a number with an optional unit, such as 500m, 2, 8Gi or 1.5"
