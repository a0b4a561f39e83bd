"""Properties of a resource between engine and cloud: for comparison, and for its state."""

from typing import Any

from simulator.clouds.planning import as_outputs
from simulator.clouds.requests import Outcome
from simulator.clouds.schemas import ResourceSchema
from tools.plugins.wire import mark_like, reveal

Properties = dict[str, Any]


def without_nulls(properties: Properties) -> Properties:
    """Drop unset arguments, which Pulumi sends as null."""
    return {name: value for name, value in properties.items() if value is not None}


def comparable(properties: Properties) -> Properties:
    """Prepare inputs for comparison: in clear, without notes of the provider and without nulls."""
    plain = reveal(properties)
    return {name: value for name, value in plain.items() if not name.startswith("__") and value is not None}


def state(outcome: Outcome, inputs: Properties, schema: ResourceSchema) -> Properties:
    """Merge inputs and outputs into a resource's state, secret where the inputs were."""
    return mark_like(_merge(as_outputs(outcome.inputs, schema), outcome.outputs), inputs)


def _merge(below: Properties, above: Properties) -> Properties:
    merged = dict(below)
    for key, value in above.items():
        both = isinstance(value, dict) and isinstance(merged.get(key), dict)
        merged[key] = _merge(merged[key], value) if both else value
    return merged
