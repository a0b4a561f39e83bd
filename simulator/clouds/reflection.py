"""Reads the types of a Pulumi SDK's resources, as JSON: `python reflection.py PACKAGE TOKEN...`.

Run as a file in a process of its own: the plugins register a bare `pulumi` package (see tools/plugins/protocol.py) that
the real SDK cannot be loaded beside. Standard library and SDK only.

A type is written as "string", "integer", "number", "boolean", "any", {"enum": [values]}, {"list": type}, {"map": type},
{"object": name} or {"any_of": [types]}; an enum with "open": true may have other values. The objects that a resource
uses are listed once, by name.
"""

import collections.abc
import enum
import importlib
import inspect
import json
import sys
import types
import typing
from typing import Any

from pulumi import _types
from pulumi.output import Output

_PLAIN = {str: "string", int: "integer", float: "number", bool: "boolean"}


class _Reader:
    """Collects the object types that one resource uses."""

    def __init__(self) -> None:
        self.objects: dict[str, dict[str, Any]] = {}

    def read(self, annotation: Any) -> Any:  # noqa: PLR0911 - one per kind of annotation
        """One annotation in the notation of the module docstring."""
        if annotation in _PLAIN:
            return _PLAIN[annotation]
        origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
        if origin in (typing.Union, types.UnionType):
            return self._union(arguments)
        if origin in (collections.abc.Sequence, list):
            return {"list": self.read(arguments[0])}
        if origin in (collections.abc.Mapping, dict):
            return {"map": self.read(arguments[1])}
        if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
            return {"enum": [member.value for member in annotation]}
        if isinstance(annotation, type) and (_types.is_input_type(annotation) or _types.is_output_type(annotation)):
            return {"object": self._object(annotation)}
        return "any"

    def _union(self, arguments: tuple[Any, ...]) -> Any:
        wanted = [one for one in arguments if one is not type(None) and not _is_deferred(one)]
        # A dictionary type of the same object stands beside its class.
        wanted = [one for one in wanted if not typing.is_typeddict(one)]
        found = [self.read(one) for one in wanted]
        found = [one for index, one in enumerate(found) if one not in found[:index]]
        closed = [one for one in found if isinstance(one, dict) and "enum" in one]
        if closed and all(one in closed or one == "string" for one in found):
            # The SDK also takes plain strings for values newer than itself.
            return {**closed[0], "open": True} if "string" in found else closed[0]
        if "any" in found or not found:
            return "any"
        return found[0] if len(found) == 1 else {"any_of": found}

    def _object(self, cls: type) -> str:
        name = cls.__name__
        if name not in self.objects:
            self.objects[name] = {}
            is_input = _types.is_input_type(cls)
            annotated = _types.input_type_types(cls) if is_input else _types.output_type_types(cls)
            self.objects[name] = {
                "properties": {key: self.read(one) for key, one in annotated.items()},
                "required": _required(cls) if is_input else [],
            }
        return name


def _is_deferred(annotation: Any) -> bool:
    origin = typing.get_origin(annotation) or annotation
    return origin in (collections.abc.Awaitable, Output)


def _required(cls: type) -> list[str]:
    """The properties whose constructor argument has no default."""
    names = _types.input_type_py_to_pulumi_names(cls)
    parameters = inspect.signature(cls).parameters.values()
    return [names[one.name] for one in parameters if one.name in names and one.default is one.empty]


def resource_class(package: str, token: str) -> type:
    """The class of a type token, such as `azure-native:containerservice:AgentPool` or `aws:ec2/vpc:Vpc`."""
    _, module, name = token.split(":")
    folder = module.partition("/")[0]
    path = package if folder == "index" else f"{package}.{folder}"
    return getattr(importlib.import_module(path), name)


def describe(package: str, token: str) -> dict[str, Any]:
    """Inputs, required inputs, outputs and object types of one resource."""
    cls = resource_class(package, token)
    module = importlib.import_module(cls.__module__)
    arguments = getattr(module, f"{cls.__name__}InitArgs", None) or getattr(module, f"{cls.__name__}Args")
    reader = _Reader()
    inputs = {key: reader.read(one) for key, one in _types.input_type_types(arguments).items()}
    outputs = {key: reader.read(one) for key, one in _types.resource_types(cls).items()}
    return {"inputs": inputs, "required": _required(arguments), "outputs": outputs, "objects": reader.objects}


def main(package: str, tokens: list[str]) -> None:
    """Print a JSON object: per token its description, or null where the SDK has no such resource."""
    found: dict[str, Any] = {}
    for token in tokens:
        try:
            found[token] = describe(package, token)
        except (AttributeError, ImportError, ValueError):
            found[token] = None
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
