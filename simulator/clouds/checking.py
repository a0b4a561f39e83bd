"""Inputs of a resource against the SDK's own types: unknown names, missing names, wrong types, values no enum has.

An SDK's constructor refuses some of it, but not inside dictionaries, and not what only becomes known during an update.
Clouds differ in how strictly they read: AWS's provider turns "true" into a boolean and 1 into "1", Azure's does not.
"""

import difflib
from collections.abc import Iterator
from typing import Any

from simulator.clouds.shapes import Shape, Type
from tools.plugins.wire import Asset, Secret, Unknown

_PYTHON = {"string": str, "integer": int, "number": int | float, "boolean": bool}


def problems(
    inputs: dict[str, Any], shape: Shape, *, lenient: bool = False, closed: bool = True
) -> Iterator[tuple[str, str]]:
    """Pairs of a property path and a sentence, none for inputs that are as the SDK wants them.

    Args:
        inputs: decoded inputs; unknown values are what they should be, as far as can be told.
        lenient: scalars may be written as other scalars.
        closed: enums have no values that the SDK does not list, also where the SDK takes any string.
    """
    checker = _Checker(shape, lenient=lenient, closed=closed)
    yield from checker.properties("", inputs, shape.inputs, shape.required)


class _Checker:
    def __init__(self, shape: Shape, *, lenient: bool, closed: bool) -> None:
        self._shape = shape
        self._lenient = lenient
        self._closed = closed

    def properties(
        self, place: str, given: dict[str, Any], wanted: dict[str, Type], required: tuple[str, ...]
    ) -> Iterator[tuple[str, str]]:
        prefix = f"{place}." if place else ""
        for name in required:
            if name not in given:
                yield prefix + name, f"missing required property '{prefix}{name}'"
        for name, value in given.items():
            if name.startswith("__"):
                continue  # notes of the provider itself
            if name not in wanted:
                near = difflib.get_close_matches(name, wanted, n=1)
                hint = f"; did you mean '{near[0]}'?" if near else f"; known: {', '.join(sorted(wanted))}"
                yield prefix + name, f"unknown property '{prefix}{name}'{hint}"
            else:
                yield from self.value(prefix + name, value, wanted[name])

    def value(self, place: str, given: Any, wanted: Type) -> Iterator[tuple[str, str]]:
        plain = given.value if isinstance(given, Secret) else given
        if wanted == "any" or plain is None or isinstance(plain, Unknown | Asset):
            return
        if isinstance(wanted, str):
            yield from self._scalar(place, plain, wanted)
        elif "enum" in wanted:
            if self._closed or not wanted.get("open"):
                yield from _choice(place, plain, wanted["enum"])
        elif "any_of" in wanted:
            yield from self._alternatives(place, plain, wanted["any_of"])
        elif "list" in wanted:
            yield from self._items(place, plain, wanted["list"])
        elif not isinstance(plain, dict):
            yield place, f"'{place}' should be an object but is {_named(plain)}"
        elif "map" in wanted:
            for key, item in plain.items():
                yield from self.value(f'{place}["{key}"]', item, wanted["map"])
        else:
            found = self._shape.object(wanted) or {"properties": {}, "required": []}
            yield from self.properties(place, plain, found["properties"], tuple(found["required"]))

    def _items(self, place: str, plain: Any, wanted: Type) -> Iterator[tuple[str, str]]:
        if not isinstance(plain, list):
            yield place, f"'{place}' should be a list but is {_named(plain)}"
            return
        for index, item in enumerate(plain):
            yield from self.value(f"{place}[{index}]", item, wanted)

    def _alternatives(self, place: str, plain: Any, wanted: list[Type]) -> Iterator[tuple[str, str]]:
        tried = [list(self.value(place, plain, one)) for one in wanted]
        if all(tried):
            # The alternative that fits best has the fewest complaints.
            yield from min(tried, key=len)

    def _scalar(self, place: str, plain: Any, wanted: str) -> Iterator[tuple[str, str]]:
        if isinstance(plain, dict | list):
            yield place, f"'{place}' should be of type {wanted} but is {_named(plain)}"
        elif self._lenient and (wanted == "string" or _reads_as(plain, wanted)):
            return
        elif isinstance(plain, bool) != (wanted == "boolean") or not isinstance(plain, _PYTHON[wanted]):
            yield place, f"'{place}' should be of type {wanted} but is {_named(plain)}"


def _choice(place: str, plain: Any, allowed: list[Any]) -> Iterator[tuple[str, str]]:
    # ARM compares enum values without regard to case.
    if str(plain).lower() not in {str(one).lower() for one in allowed}:
        yield place, f"'{place}' is {plain!r}; allowed: {', '.join(map(str, allowed))}"


def _reads_as(plain: Any, wanted: str) -> bool:
    if wanted == "boolean":
        return str(plain).lower() in ("true", "false")
    try:
        number = float(plain)
    except (TypeError, ValueError):
        return False
    return wanted == "number" or number.is_integer()


def _named(plain: Any) -> str:
    names = {str: "a string", bool: "a boolean", int: "a number", float: "a number", list: "a list", dict: "an object"}
    return names.get(type(plain), f"a {type(plain).__name__}")
