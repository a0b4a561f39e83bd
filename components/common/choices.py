"""Values of arguments that must be one of a few, or lie between two numbers."""

import enum
from difflib import get_close_matches
from typing import Any, TypeVar

from modelyard.components.common.errors import ArgumentError

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
    lower_case = {text.lower(): text for text in texts}
    nearest = get_close_matches(str(value).lower(), lower_case, n=1)
    hint = f"; did you mean {lower_case[nearest[0]]!r}?" if nearest else ""
    raise ArgumentError(component, argument, value, f"must be one of {', '.join(texts)}{hint}", source)


def validate_range(component: str, argument: str, value: float, limits: tuple[int, int], source: str = "") -> int:
    """Return `value` as a whole number if it lies within `limits`, both included.

    Raises:
        ArgumentError: it does not.
    """
    least, most = limits
    if not least <= value <= most:
        raise ArgumentError(component, argument, value, f"must be {least} to {most}", source)
    return int(value)
