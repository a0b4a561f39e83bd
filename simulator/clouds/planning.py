"""Outputs of a resource in a preview: the inputs unchanged, all other outputs unknown.

Both official providers do so (convert/previewOutputs.go of pulumi-azure-native: "adding unknowns for all properties
that are not defined in inputs", inside objects too; the Terraform bridge marks computed attributes).
"""

import json
from typing import Any

from simulator.clouds.schemas import ResourceSchema, Type
from tools.plugins.wire import UNKNOWN, Secret, contains_unknown, reveal


def planned_outputs(inputs: dict[str, Any], schema: ResourceSchema, stable: dict[str, Any]) -> dict[str, Any]:
    """Compute the outputs of a create or an update, as far as they are known before it.

    Args:
        inputs: decoded inputs; secret ones stay secret.
        stable: outputs that an update cannot change.
    """
    return {**_object(inputs, schema.outputs, schema), **stable}


def as_outputs(inputs: dict[str, Any], schema: ResourceSchema) -> dict[str, Any]:
    """Select the inputs that are outputs too, in the outputs' types: a policy written as an object becomes JSON."""
    outputs = {}
    for name, value in inputs.items():
        if name in schema.outputs:
            outputs[name] = json.dumps(value) if _is_document(value, schema.outputs[name]) else value
    return outputs


def _object(inputs: dict[str, Any], types: dict[str, Type], schema: ResourceSchema) -> dict[str, Any]:
    return {name: _value(inputs[name], type_, schema) if name in inputs else UNKNOWN for name, type_ in types.items()}


def _value(value: Any, type_: Type, schema: ResourceSchema) -> Any:
    if isinstance(value, Secret):
        return Secret(_value(value.value, type_, schema))
    object_ = schema.object(type_)
    if object_ is not None and isinstance(value, dict):
        return _object(value, object_["properties"], schema)
    if isinstance(type_, dict) and "list" in type_ and isinstance(value, list):
        return [_value(item, type_["list"], schema) for item in value]
    if isinstance(type_, dict) and "map" in type_ and isinstance(value, dict):
        return {key: _value(item, type_["map"], schema) for key, item in value.items()}
    if _is_document(value, type_) and not contains_unknown(value):
        return json.dumps(reveal(value))
    # Some inputs have another type as outputs: identities are a list as an input and a map as an output.
    is_other = isinstance(value, list) and isinstance(type_, dict) and ("map" in type_ or "object" in type_)
    return UNKNOWN if is_other or _is_document(value, type_) else value


def _is_document(value: Any, type_: Type) -> bool:
    return type_ == "string" and isinstance(value, dict)
