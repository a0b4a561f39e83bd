"""Arguments of a component, checked against their own annotations when the program runs.

The TypedDict of a component is its schema in every language. A type checker reads it, but Python itself accepts any
dictionary: it would ignore a misspelt `sopt`, and the pool would cost the full price. Each constructor therefore starts
with a check of keys, types and closed choices. Rules about values are part of each component.
"""

import enum
import functools
import math
from collections.abc import Awaitable, Iterable, Mapping
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

import pulumi
from modelyard.components.common.choices import validate_choice
from modelyard.components.common.errors import ArgumentError, ArgumentsError
from modelyard.workloads.suggestions import propose
from typing_extensions import is_typeddict

Args = TypeVar("Args")

_NOUNS = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "text",
    list: "a list",
    dict: "an object of keys and values",
}
"""Types of annotations in words."""


def validate_arguments(component: str, args: Mapping[str, Any], schema: type[Args]) -> Args:
    """Check `args` against the annotations of `schema`.

    Outputs and awaitables pass, unchecked, where the annotation is a `pulumi.Input`.

    Args:
        component: name of the resource in the program.
        args: the arguments as the caller gave them.
        schema: TypedDict of the arguments.

    Returns:
        The arguments with the types of the annotations: the text of a closed choice becomes its member, a whole number
        that Pulumi carried as floating point an `int`. Optional arguments that are None are left out.

    Raises:
        ArgumentError: an unknown or missing key, or a value of another type; ArgumentsError for several.
    """
    check = _Check(component)
    arguments = check.record("", args, schema)
    if len(check.faults) > 1:
        raise ArgumentsError(check.faults)
    if check.faults:
        raise check.faults[0]
    return cast("Args", arguments)


def unknown_key(key: str, known: Iterable[str]) -> str:
    """Compose the rule that an unknown key breaks, with the nearest known key."""
    names = sorted(known)
    return f"is unknown; {propose(key, names) or 'known are ' + ', '.join(names)}"


class _Check:
    """Conversion of values to annotated types that collects all faults of a component."""

    def __init__(self, component: str) -> None:
        self.component = component
        self.faults: list[ArgumentError] = []

    def record(self, path: str, value: Any, schema: type) -> Any:
        """Return the keys of a TypedDict with converted values."""
        if not isinstance(value, Mapping):
            return self._refuse(path, value, _NOUNS[dict])
        hints, required = _fields(schema)
        for key in sorted(str(key) for key in value if key not in hints):
            self._fault(_join(path, key), None, unknown_key(key, hints))
        present = [key for key in hints if value.get(key) is not None]
        for key in sorted(required.difference(present)):
            self._fault(_join(path, key), None, "is required")
        return {key: self.convert(_join(path, key), value[key], hints[key]) for key in present}

    def convert(self, path: str, value: Any, hint: Any) -> Any:
        """Return `value` as the annotation `hint` has it."""
        kind, inner = get_origin(hint) or hint, get_args(hint)
        if hint is Any:
            return value
        if kind in (Union, UnionType):
            return self._alternatives(path, value, inner)
        if isinstance(value, pulumi.Output | Awaitable):
            self._fault(path, None, "must be known at preview; give the value itself, not an output")
            return None
        if is_typeddict(hint):
            return self.record(path, value, hint)
        if issubclass(kind, enum.Enum):
            return self._member(path, value, kind)
        return self._elements(path, value, inner) if kind in (list, dict) else self._scalar(path, value, kind)

    def _alternatives(self, path: str, value: Any, hints: tuple[Any, ...]) -> Any:
        """Return `value` as the first annotation of a union that it fits; `pulumi.Input` is such a union."""
        if isinstance(value, pulumi.Output | Awaitable) and any(get_origin(hint) is pulumi.Output for hint in hints):
            return value
        plain = [hint for hint in hints if get_origin(hint) not in (pulumi.Output, Awaitable) and hint is not NoneType]
        attempts = [_Check(self.component) for _ in plain]
        for attempt, hint in zip(attempts, plain, strict=True):
            converted = attempt.convert(path, value, hint)
            if not attempt.faults:
                return converted
        # Inputs may be secrets: their faults never show a value.
        self.faults += [
            ArgumentError(self.component, fault.argument, None, fault.rule, fault.source)
            for fault in min((attempt.faults for attempt in attempts), key=len)
        ]
        return None

    def _elements(self, path: str, value: Any, hints: tuple[Any, ...]) -> Any:
        """Return a list, or the values of a dictionary, converted."""
        if len(hints) == 1 and isinstance(value, list | tuple):
            return [self.convert(f"{path}[{index}]", element, hints[0]) for index, element in enumerate(value)]
        if len(hints) == 2 and isinstance(value, Mapping):
            return {key: self.convert(f"{path}[{key}]", element, hints[1]) for key, element in value.items()}
        return self._refuse(path, value, _NOUNS[list if len(hints) == 1 else dict])

    def _member(self, path: str, value: Any, choices: type[enum.Enum]) -> enum.Enum | None:
        try:
            return validate_choice(self.component, path, value, choices)
        except ArgumentError as error:
            self.faults.append(error)
            return None

    def _scalar(self, path: str, value: Any, kind: type) -> Any:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if kind is int and is_number and (isinstance(value, int) or value.is_integer()):
            return int(value)
        if is_number and not math.isfinite(value):
            return self._fault(path, value, "must be a finite number")
        if kind is float and is_number:
            return value
        if kind not in (int, float) and isinstance(value, kind):
            return value
        return self._refuse(path, value, _NOUNS.get(kind, f"of type {kind.__name__}"))

    def _refuse(self, path: str, value: Any, expected: str) -> None:
        shown = value if isinstance(value, str | int | float) else None
        self._fault(path, shown, f"must be {expected}, got {_NOUNS.get(type(value), type(value).__name__)}")

    def _fault(self, path: str, value: Any, rule: str) -> None:
        self.faults.append(ArgumentError(self.component, path, value, rule))


@functools.cache
def _fields(schema: Any) -> tuple[dict[str, Any], frozenset[str]]:
    """Annotations of a TypedDict without their markers, and the keys that it requires."""
    # Pulumi writes `Input` with references by name; they are resolved with the names of its module.
    names = {"Output": pulumi.Output, "T": Any}
    return get_type_hints(schema, localns=names), schema.__required_keys__


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key
