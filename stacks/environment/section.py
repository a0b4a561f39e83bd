"""What all parts of an environment file have in common: immutable, and closed to keys they do not know."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator
from pydantic_core import PydanticCustomError

UNKNOWN_KEY = "unknown_key"
"""Kind of the complaint about a key that an object does not have."""


MISPLACED_KEY = "misplaced_key"
"""Kind of the complaint about a key that belongs elsewhere."""


class Section(BaseModel):
    """A part of the file: immutable, and closed to keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    @model_validator(mode="before")
    @classmethod
    def _known_keys(cls, given: Any) -> Any:
        if isinstance(given, Mapping):
            for key in given:
                if key not in cls.model_fields:
                    raise _unknown_key(str(key), sorted(cls.model_fields))
        return given


def misplaced(key: str, text: str) -> PydanticCustomError:
    """The complaint that `key` belongs elsewhere; `text` says where, and why."""
    return PydanticCustomError("misplaced_key", "{text}", {"key": key, "text": text})


def _unknown_key(key: str, allowed: list[str]) -> PydanticCustomError:
    near = get_close_matches(key, allowed, n=1)
    hint = f"did you mean '{near[0]}'? " if near else ""
    return PydanticCustomError(
        "unknown_key",
        "unknown key; {hint}allowed: {allowed}",
        {"key": key, "hint": hint, "allowed": ", ".join(allowed)},
    )
