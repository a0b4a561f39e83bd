"""What a preview says of a resource's outputs: the inputs as they are, everything that only the cloud knows unknown.

The rule of both official providers (convert/previewOutputs.go of pulumi-azure-native: "adding unknowns for all
properties that are not defined in inputs", inside objects too; the Terraform bridge marks computed attributes).
"""

import json
from typing import Any

from simulator.clouds.shapes import Shape, Type
from tools.plugins.wire import UNKNOWN, Secret, contains_unknown, reveal


def planned_outputs(inputs: dict[str, Any], shape: Shape, stable: dict[str, Any]) -> dict[str, Any]:
    """The outputs that a create or an update will have, as far as they can be known before it.

    Args:
        inputs: decoded inputs; secret ones stay secret.
        stable: outputs that an update cannot change.
    """
    return {**_object(inputs, shape.outputs, shape), **stable}


def as_outputs(inputs: dict[str, Any], shape: Shape) -> dict[str, Any]:
    """Those inputs that are outputs as well, in the outputs' types: a policy written as an object becomes its JSON."""
    found = {}
    for name, value in inputs.items():
        if name in shape.outputs:
            found[name] = json.dumps(value) if _is_document(value, shape.outputs[name]) else value
    return found


def _object(given: dict[str, Any], wanted: dict[str, Type], shape: Shape) -> dict[str, Any]:
    return {name: _value(given[name], of, shape) if name in given else UNKNOWN for name, of in wanted.items()}


def _value(given: Any, of: Type, shape: Shape) -> Any:
    if isinstance(given, Secret):
        return Secret(_value(given.value, of, shape))
    found = shape.object(of)
    if found is not None and isinstance(given, dict):
        return _object(given, found["properties"], shape)
    if isinstance(of, dict) and "list" in of and isinstance(given, list):
        return [_value(item, of["list"], shape) for item in given]
    if isinstance(of, dict) and "map" in of and isinstance(given, dict):
        return {key: _value(item, of["map"], shape) for key, item in given.items()}
    if _is_document(given, of) and not contains_unknown(given):
        return json.dumps(reveal(given))
    # Some inputs have another type as outputs: identities are asked for as a list and answered as a map.
    is_other = isinstance(given, list) and isinstance(of, dict) and ("map" in of or "object" in of)
    return UNKNOWN if is_other or _is_document(given, of) else given


def _is_document(given: Any, of: Type) -> bool:
    return of == "string" and isinstance(given, dict)
