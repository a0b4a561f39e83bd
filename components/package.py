"""The component package `modelyard`: the components, their published schema, and the provider that makes them."""

import inspect
import json
from collections.abc import Iterator
from typing import Any

import modelyard.components as yard
import pulumi
from modelyard.components.common.errors import ArgumentError
from modelyard.components.common.validation import unknown_key
from pulumi.provider.experimental.analyzer import Analyzer
from pulumi.provider.experimental.component import ComponentProvider
from pulumi.provider.experimental.util import camel_case
from pulumi.provider.server import ComponentInitError
from typing_extensions import get_original_bases, is_typeddict

NAME = "modelyard"
VERSION = "0.1.0"

_EXPORTS = [getattr(yard, name) for name in yard.__all__]

COMPONENTS: tuple[type[pulumi.ComponentResource], ...] = tuple(
    export for export in _EXPORTS if issubclass(export, pulumi.ComponentResource)
)
"""All components, each under the token `modelyard:index:<class name>`."""


class ModelyardProvider(ComponentProvider):
    """Provider of the components.

    It mends three things of Pulumi's own (3.272): inputs that a component does not know are dropped there, an error of
    an argument is shown as a traceback, and inherited arguments have no description in the schema.
    """

    def __init__(self) -> None:
        super().__init__(list(COMPONENTS), NAME, version=VERSION)
        schema = json.loads(self.schema or "")
        for component in COMPONENTS:
            inputs = schema["resources"][f"{NAME}:index:{component.__name__}"]["inputProperties"]
            for name, text in _inherited_descriptions(component):
                inputs[name].setdefault("description", text)
        self.schema = json.dumps(schema)

    def construct(self, name: str, resource_type: str, inputs: Any, options: Any = None) -> Any:
        """Make a component.

        Raises:
            pulumi.InputPropertiesError: arguments are refused; it holds path and text of each.
        """
        try:
            return super().construct(name, resource_type, inputs, options)
        except ComponentInitError as error:
            if not isinstance(error.inner, ArgumentError):
                raise
            faults = error.inner.faults
            details: Any = [{"property_path": fault.property_path, "reason": fault.reason} for fault in faults]
            raise pulumi.InputPropertiesError("", details) from error.inner

    def map_input_properties(
        self, inputs: Any, properties: Any, mapping: Any, component_name: str, property_path: str
    ) -> Any:
        """Translate the names of inputs into those of Python.

        Raises:
            pulumi.InputPropertiesError: there are inputs that the schema does not have.
        """
        unknown = inputs.keys() - properties.keys() if isinstance(inputs, dict) else ()
        if unknown:
            prefix = f"{property_path}." if property_path else ""
            details: Any = [
                {"property_path": f"{prefix}{key}", "reason": unknown_key(key, properties)} for key in sorted(unknown)
            ]
            raise pulumi.InputPropertiesError("", details)
        return super().map_input_properties(inputs, properties, mapping, component_name, property_path)


def _inherited_descriptions(component: type) -> Iterator[tuple[str, str]]:
    """Yield input and description of each argument that the component's TypedDict inherits."""
    analyzer = Analyzer(NAME)
    parents = list(get_original_bases(inspect.get_annotations(component.__init__)["args"]))
    while parents:
        parent = parents.pop()
        if is_typeddict(parent):
            parents += get_original_bases(parent)
            for name in parent.__annotations__:
                if text := analyzer.get_docstring(parent, name):
                    yield camel_case(name), text
