"""A value inside a resource's properties, together with the path that leads to it.

Rules read properties through `Field`, for three reasons. Every violation can name its path without building it by
hand. A value that is absent anywhere on the way is simply None. A value that Pulumi does not know yet (an output of a
resource that a preview has not created) travels as `UNKNOWN` until somebody reads it, and only then raises
`UndecidedError`: the rule is undecided for that one subject, and still checks the others.

Properties arrive here as plain dicts and lists. The proxies that pulumi-policy hands out answer False to
`isinstance(x, list)` and to `x == []`, so they are unwrapped at the boundary, in `modelyard.policies.pack`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_PLAIN_KEY = re.compile(r"^[A-Za-z_][A-Za-z0-9_-]*$")


class Unknown:
    """The type of `UNKNOWN`: a value that Pulumi will know only once the resource behind it exists."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN = Unknown()


class UndecidedError(Exception):
    """A rule needed a value that is not known yet.

    Attributes:
        path: where the unknown value stands, such as `spec.containers[0].image`.
    """

    def __init__(self, path: str) -> None:
        super().__init__(f"the value at {path or 'the top'} is not known yet")
        self.path = path


@dataclass(frozen=True, slots=True)
class Field:
    """The value at `path` of a resource: None when absent, `UNKNOWN` when not known yet."""

    path: str
    value: Any = None

    def at(self, *keys: str) -> "Field":
        """The field under `keys`, one after the other; absent and unknown values are passed on, never raised."""
        field = self
        for key in keys:
            inner = field.value.get(key) if isinstance(field.value, dict) else None
            field = Field(_join(field.path, key), UNKNOWN if field.value is UNKNOWN else inner)
        return field

    def read(self) -> Any:
        """The value itself.

        Raises:
            UndecidedError: the value is not known yet.
        """
        if self.value is UNKNOWN:
            raise UndecidedError(self.path)
        return self.value

    def text(self) -> str:
        """The value if it is text, else the empty string.

        Raises:
            UndecidedError: the value is not known yet.
        """
        value = self.read()
        return value if isinstance(value, str) else ""

    def items(self) -> Iterator["Field"]:
        """The members of a list. An unknown list is its own only member, so that reading that member raises."""
        if self.value is UNKNOWN:
            yield self
        elif isinstance(self.value, list):
            for index, member in enumerate(self.value):
                yield Field(f"{self.path}[{index}]", member)

    def members(self) -> Iterator[tuple[str, "Field"]]:
        """Key and field of every entry of an object.

        Raises:
            UndecidedError: the object is not known yet.
        """
        value = self.read()
        if isinstance(value, dict):
            for key in value:
                yield key, self.at(key)

    def strings(self) -> Iterator["Field"]:
        """Every known text below this field, in order. Unknown values are left out."""
        if isinstance(self.value, str):
            yield self
        elif isinstance(self.value, dict):
            for key in self.value:
                yield from self.at(key).strings()
        elif isinstance(self.value, list):
            for member in self.items():
                yield from member.strings()


def _join(path: str, key: str) -> str:
    if not _PLAIN_KEY.match(key):
        return f'{path}["{key}"]'
    return f"{path}.{key}" if path else key
