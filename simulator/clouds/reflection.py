"""Print the types of a Pulumi SDK's resources as JSON: `python reflection.py PACKAGE TOKEN...`.

It runs as a file in a process of its own: the plugins register a bare `pulumi` package (see tools/plugins/protocol.py),
beside which the real SDK cannot be loaded. Standard library and SDK only.

A type is written as "string", "integer", "number", "boolean", "any", {"enum": [values]}, {"list": type}, {"map": type},
{"object": name} or {"any_of": [types]}; an enum with "open": true may have other values. The object types of a resource
are listed once, by name.
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
    """Reader of annotations that collects the object types of one resource."""

    def __init__(self) -> None:
        self.objects: dict[str, dict[str, Any]] = {}

    def read(self, annotation: Any) -> Any:  # noqa: PLR0911 - one per kind of annotation
        """Convert an annotation to the notation of the module docstring."""
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
        members = [member for member in arguments if member is not type(None) and not _is_deferred(member)]
        # A dictionary type of the same object stands beside its class.
        notations = [self.read(member) for member in members if not typing.is_typeddict(member)]
        distinct = [each for index, each in enumerate(notations) if each not in notations[:index]]
        enums = [each for each in distinct if isinstance(each, dict) and "enum" in each]
        if enums and all(each in enums or each == "string" for each in distinct):
            # The SDK also takes plain strings for values newer than itself.
            return {**enums[0], "open": True} if "string" in distinct else enums[0]
        if "any" in distinct or not distinct:
            return "any"
        return distinct[0] if len(distinct) == 1 else {"any_of": distinct}

    def _object(self, cls: type) -> str:
        name = cls.__name__
        if name not in self.objects:
            self.objects[name] = {}
            is_input = _types.is_input_type(cls)
            annotations = _types.input_type_types(cls) if is_input else _types.output_type_types(cls)
            self.objects[name] = {
                "properties": {key: self.read(annotation) for key, annotation in annotations.items()},
                "required": _required(cls) if is_input else [],
            }
        return name


def _is_deferred(annotation: Any) -> bool:
    origin = typing.get_origin(annotation) or annotation
    return origin in (collections.abc.Awaitable, Output)


def _required(cls: type) -> list[str]:
    """List the properties whose constructor argument has no default."""
    names = _types.input_type_py_to_pulumi_names(cls)
    parameters = [each for each in inspect.signature(cls).parameters.values() if each.name in names]
    return [names[parameter.name] for parameter in parameters if parameter.default is parameter.empty]


def resource_class(package: str, token: str) -> type:
    """Find the class of a type token, such as `azure-native:containerservice:AgentPool` or `aws:ec2/vpc:Vpc`."""
    _, module, name = token.split(":")
    folder = module.partition("/")[0]
    path = package if folder == "index" else f"{package}.{folder}"
    return getattr(importlib.import_module(path), name)


def describe(package: str, token: str) -> dict[str, Any]:
    """Describe inputs, required inputs, outputs and object types of one resource."""
    cls = resource_class(package, token)
    module = importlib.import_module(cls.__module__)
    arguments = getattr(module, f"{cls.__name__}InitArgs", None) or getattr(module, f"{cls.__name__}Args")
    reader = _Reader()
    inputs = {key: reader.read(annotation) for key, annotation in _types.input_type_types(arguments).items()}
    outputs = {key: reader.read(annotation) for key, annotation in _types.resource_types(cls).items()}
    return {"inputs": inputs, "required": _required(arguments), "outputs": outputs, "objects": reader.objects}


def main(package: str, tokens: list[str]) -> None:
    """Print a JSON object with the description of each token, or null where the SDK has no such resource."""
    descriptions: dict[str, Any] = {}
    for token in tokens:
        try:
            descriptions[token] = describe(package, token)
        except (AttributeError, ImportError, ValueError):
            descriptions[token] = None
    json.dump(descriptions, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
