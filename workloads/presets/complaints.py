"""What is wrong with a value, as lines for the person who wrote it."""

from typing import Any

from pydantic import ValidationError


def complaints(error: ValidationError) -> list[str]:
    """One line per wrong field: where it is, what is wrong, and the value received."""
    return [complaint(detail) for detail in error.errors(include_url=False)]


def complaint(detail: Any) -> str:
    """One line for one detail of a validation error."""
    place = ".".join(str(part) for part in detail["loc"])
    message = detail["msg"].removeprefix("Value error, ")
    received = detail.get("input")
    if detail["type"] == "extra_forbidden":
        message = "unknown field"
    elif detail["type"] not in {"missing", "value_error"} and not isinstance(received, (dict, list)):
        message = f"{message[0].lower()}{message[1:]}, got {received!r}"
    return f"{place}: {message}" if place else message
