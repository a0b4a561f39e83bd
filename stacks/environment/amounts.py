"""Amounts as people write them in an environment file: `8GiB`, `2h`, `1.5`. Each has one spelling per meaning."""

import re
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

_MEMORY = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)\s*([A-Za-z]*)")
_MIB = {"MiB": 1, "GiB": 1024, "TiB": 1024 * 1024}
_DECIMAL = {
    "M": "MiB", "MB": "MiB", "Mi": "MiB", "G": "GiB", "GB": "GiB", "Gi": "GiB", "T": "TiB", "TB": "TiB", "Ti": "TiB",
}  # fmt: skip
_DURATION = re.compile("".join(f"(?:([0-9]{{1,9}}){unit})?" for unit in "dhms"))
_SECONDS = (86400, 3600, 60, 1)
MOST = 100_000
"""Limit of every count, above what one cluster holds: 5,000 nodes (Kubernetes, considerations for large clusters)."""


def memory_mib(text: object) -> int:
    """Return the MiB in an amount such as `512MiB` or `8GiB`.

    Decimal units and Kubernetes' short ones are refused, although they could be read: `8G` is 7 % less than `8GiB`,
    and the text does not show which of the two was meant.

    Raises:
        ValueError: it is not such an amount, or not a whole number of MiB.
    """
    match = _MEMORY.fullmatch(text.strip()) if isinstance(text, str) else None
    if match is None:
        raise ValueError("is not an amount of memory; write it as '512MiB' or '8GiB'")
    number, unit = match.groups()
    if unit not in _MIB:
        nearest = _DECIMAL.get(unit) or next((known for known in _MIB if known.lower() == unit.lower()), "GiB")
        raise ValueError(f"unit {unit!r} is not allowed; write '{number}{nearest}' (units: MiB, GiB, TiB)")
    mib = float(number) * _MIB[unit]
    if mib != int(mib) or mib <= 0:
        raise ValueError("must be a whole number of MiB, above 0")
    return int(mib)


def seconds(text: object) -> int:
    """Return the seconds in a duration such as `90s`, `30m`, `2h` or `1d12h`.

    Raises:
        ValueError: it is not such a duration.
    """
    match = _DURATION.fullmatch(text.strip()) if isinstance(text, str) and text.strip() else None
    if match is None:
        raise ValueError("is not a duration; write it as '90s', '30m', '2h' or '1d12h'")
    total = sum(int(count) * size for count, size in zip(match.groups(), _SECONDS, strict=True) if count)
    if total == 0:
        raise ValueError("must be longer than 0")
    return total


def cores(value: object) -> float:
    """Return a number of cores, to the thousandth: `2`, `0.5`.

    Raises:
        ValueError: it is not such a number.
    """
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,9}m", value):
        raise ValueError(f"write cores as a number: {int(value[:-1]) / 1000:g}")
    try:
        number = float(value)  # type: ignore[arg-type]  # refused below if it is no number
    except (TypeError, ValueError):
        raise ValueError("is not a number of cores; write it as 2 or 0.5") from None
    # Compared with a margin, because 8.005 * 1000 is not 8005 in floating point.
    if isinstance(value, bool) or not 0 < number < 1e7 or abs(round(number * 1000) - number * 1000) > 1e-6:
        raise ValueError("must be above 0, in steps of 0.001")
    return round(number * 1000) / 1000


def whole(value: object) -> int:
    """Return a whole number; `pulumi config set --path` may bring it as text.

    Raises:
        ValueError: it is something else.
    """
    if not isinstance(value, bool):
        if isinstance(value, int) or (isinstance(value, float) and value.is_integer()):
            return int(value)
        if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,18}", value):
            return int(value)
    raise PydanticCustomError("int_type", "expected a whole number")


def number(value: object) -> object:
    """Refuse the switches `true` and `false`, which Python counts as 1 and 0.

    Raises:
        ValueError: it is a switch.
    """
    if isinstance(value, bool):
        raise ValueError("expected a number, got true or false")
    return value


def _whole_gib(mib: int) -> int:
    if mib % 1024:
        raise ValueError("must be a whole number of GiB")
    return mib


Memory = Annotated[int, BeforeValidator(memory_mib)]
"""MiB."""
WholeGib = Annotated[int, BeforeValidator(memory_mib), AfterValidator(_whole_gib)]
"""MiB, a whole number of GiB."""
Duration = Annotated[int, BeforeValidator(seconds)]
"""Seconds."""
Cores = Annotated[float, BeforeValidator(cores)]
Count = Annotated[int, BeforeValidator(whole), Field(ge=1, le=MOST)]
CountOrZero = Annotated[int, BeforeValidator(whole), Field(ge=0, le=MOST)]
Price = Annotated[float, BeforeValidator(number), Field(gt=0, allow_inf_nan=False)]
