"""Values of arguments that must be one of a few, or lie between two numbers."""

import enum
from typing import Any, TypeVar

from modelyard.components.common.errors import ArgumentError
from modelyard.workloads.suggestions import propose

Choice = TypeVar("Choice", bound=enum.Enum)


def validate_choice(component: str, argument: str, value: Any, choices: type[Choice], source: str = "") -> Choice:
    """Return the member of `choices` that `value` is, or that has this text.

    Raises:
        ArgumentError: there is none; all members are listed, and the nearest one is proposed.
    """
    if isinstance(value, choices):
        return value
    texts = {str(member.value): member for member in choices}
    if isinstance(value, str) and value in texts:
        return texts[value]
    rule = "; ".join(filter(None, [f"must be one of {', '.join(texts)}", propose(str(value), texts)]))
    raise ArgumentError(component, argument, value, rule, source)


def validate_range(
    component: str, argument: str, value: float, limits: tuple[int, int], source: str = "", *, unit: str = ""
) -> int:
    """Return `value` as a whole number if it lies within `limits`, both included.

    Raises:
        ArgumentError: it does not.
    """
    least, most = limits
    if not least <= value <= most:
        raise ArgumentError(component, argument, value, f"must be {least} to {most}{unit and f' {unit}'}", source)
    return int(value)
