"""Check of a resource's inputs against the SDK's types: unknown and missing names, types, values of enums.

An SDK's constructor refuses some faults, but not inside dictionaries, and not in values that only an update knows.
Clouds differ in strictness: AWS's provider turns "true" into a boolean and 1 into "1", Azure's does not.
"""

import difflib
from collections.abc import Iterator
from typing import Any

from simulator.clouds.schemas import ResourceSchema, Type
from tools.plugins.wire import Asset, Secret, Unknown

_PYTHON = {"string": str, "integer": int, "number": int | float, "boolean": bool}


def find_faults(
    inputs: dict[str, Any], schema: ResourceSchema, *, lenient: bool = False, closed: bool = True
) -> Iterator[tuple[str, str]]:
    """Yield the property path and a sentence for each fault in the inputs.

    Args:
        inputs: decoded inputs; unknown values count as correct.
        lenient: scalars may be written as other scalars.
        closed: enums have only the values of the SDK, also where the SDK takes any string.
    """
    checker = _Checker(schema, lenient=lenient, closed=closed)
    yield from checker.properties("", inputs, schema.inputs, schema.required)


class _Checker:
    def __init__(self, schema: ResourceSchema, *, lenient: bool, closed: bool) -> None:
        self._schema = schema
        self._lenient = lenient
        self._closed = closed

    def properties(
        self, path: str, inputs: dict[str, Any], types: dict[str, Type], required: tuple[str, ...]
    ) -> Iterator[tuple[str, str]]:
        prefix = f"{path}." if path else ""
        for name in required:
            if name not in inputs:
                yield prefix + name, f"missing required property '{prefix}{name}'"
        for name, value in inputs.items():
            if name.startswith("__"):
                continue  # a note of the provider itself
            if name not in types:
                matches = difflib.get_close_matches(name, types, n=1)
                hint = f"; did you mean '{matches[0]}'?" if matches else f"; known: {', '.join(sorted(types))}"
                yield prefix + name, f"unknown property '{prefix}{name}'{hint}"
            else:
                yield from self.value(prefix + name, value, types[name])

    def value(self, path: str, value: Any, type_: Type) -> Iterator[tuple[str, str]]:
        plain = value.value if isinstance(value, Secret) else value
        if type_ == "any" or plain is None or isinstance(plain, Unknown | Asset):
            return
        if isinstance(type_, str):
            yield from self._scalar(path, plain, type_)
        elif "enum" in type_:
            if self._closed or not type_.get("open"):
                yield from _choice(path, plain, type_["enum"])
        elif "any_of" in type_:
            yield from self._alternatives(path, plain, type_["any_of"])
        elif "list" in type_:
            yield from self._items(path, plain, type_["list"])
        elif not isinstance(plain, dict):
            yield path, f"'{path}': expected an object, got {_name_type(plain)}"
        elif "map" in type_:
            for key, item in plain.items():
                yield from self.value(f'{path}["{key}"]', item, type_["map"])
        else:
            object_ = self._schema.object(type_) or {"properties": {}, "required": []}
            yield from self.properties(path, plain, object_["properties"], tuple(object_["required"]))

    def _items(self, path: str, plain: Any, type_: Type) -> Iterator[tuple[str, str]]:
        if not isinstance(plain, list):
            yield path, f"'{path}': expected a list, got {_name_type(plain)}"
            return
        for index, item in enumerate(plain):
            yield from self.value(f"{path}[{index}]", item, type_)

    def _alternatives(self, path: str, plain: Any, alternatives: list[Type]) -> Iterator[tuple[str, str]]:
        faults = [list(self.value(path, plain, alternative)) for alternative in alternatives]
        if all(faults):
            # The alternative that fits best has the fewest faults.
            yield from min(faults, key=len)

    def _scalar(self, path: str, plain: Any, type_: str) -> Iterator[tuple[str, str]]:
        if isinstance(plain, dict | list):
            yield path, f"'{path}': expected type {type_}, got {_name_type(plain)}"
        elif self._lenient and (type_ == "string" or _reads_as(plain, type_)):
            return
        elif isinstance(plain, bool) != (type_ == "boolean") or not isinstance(plain, _PYTHON[type_]):
            yield path, f"'{path}': expected type {type_}, got {_name_type(plain)}"


def _choice(path: str, plain: Any, allowed: list[Any]) -> Iterator[tuple[str, str]]:
    # ARM compares enum values without regard to case.
    if str(plain).lower() not in {str(choice).lower() for choice in allowed}:
        yield path, f"'{path}': got {plain!r}; allowed: {', '.join(map(str, allowed))}"


def _reads_as(plain: Any, type_: str) -> bool:
    if type_ == "boolean":
        return str(plain).lower() in ("true", "false")
    try:
        number = float(plain)
    except (TypeError, ValueError):
        return False
    return type_ == "number" or number.is_integer()


def _name_type(plain: Any) -> str:
    names = {str: "a string", bool: "a boolean", int: "a number", float: "a number", list: "a list", dict: "an object"}
    return names.get(type(plain), f"a {type(plain).__name__}")
