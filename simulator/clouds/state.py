"""A resource's properties between engine and cloud: what is compared, and what becomes its state."""

from typing import Any

from simulator.clouds.planning import as_outputs
from simulator.clouds.requests import Outcome
from simulator.clouds.shapes import Shape
from tools.plugins.wire import mark_like, reveal

Properties = dict[str, Any]


def without_nulls(properties: Properties) -> Properties:
    """Without unset arguments, which Pulumi sends as null."""
    return {name: value for name, value in properties.items() if value is not None}


def comparable(properties: Properties) -> Properties:
    """Inputs without notes of the provider and without nulls, in clear."""
    plain = reveal(properties)
    return {name: value for name, value in plain.items() if not name.startswith("__") and value is not None}


def state(outcome: Outcome, inputs: Properties, shape: Shape) -> Properties:
    """The outputs of a resource: what was asked for and what the cloud added, secret where the inputs were."""
    return mark_like(_merge(as_outputs(outcome.inputs, shape), outcome.outputs), inputs)


def _merge(below: Properties, above: Properties) -> Properties:
    merged = dict(below)
    for key, value in above.items():
        both = isinstance(value, dict) and isinstance(merged.get(key), dict)
        merged[key] = _merge(merged[key], value) if both else value
    return merged
