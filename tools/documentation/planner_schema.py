"""JSON schema of a plan: docs/planner-schema.json.

It is generated from the dataclasses of a plan, so that it cannot differ from them.
"""

import ast
import dataclasses
import inspect
import json
import textwrap
import types
import typing
from typing import Any

from modelyard.workloads.planner.candidate import PLAN_VERSION, Candidate, ModelSummary, Plan
from modelyard.workloads.planner.kaito.differences import Difference
from modelyard.workloads.planner.memory import Memory
from modelyard.workloads.planner.request import FineTune

_PLAIN = {str: "string", bool: "boolean", int: "integer", float: "number"}
_REFERENCED = (Candidate, ModelSummary, Memory)


def build_schema() -> dict[str, Any]:
    """Build the schema of the output of `modelyard plan --json`."""
    plan = _describe_dataclass(Plan)
    plan["properties"]["version"] = {"const": PLAN_VERSION, "description": "Version of this form; the major one only."}
    plan["properties"]["estimator"] = {
        "enum": ["modelyard", "kaito"],
        "description": "Source of nodes and parallelism: the planner, or kaito 0.12's estimate.",
    }
    plan["required"].append("estimator")
    plan["properties"]["prices"] = {
        "type": "array",
        "description": "Sources of the prices of the candidates that fit, the most frequent first.",
        "items": _closed(
            {
                "region": {"type": "string"},
                "at": {"type": ["string", "null"], "description": "Day of the price list; null: it has none."},
                "source": {"type": "string"},
                "candidates": {"type": "integer", "description": "Count of the candidates with a price from there."},
            }
        ),
    }
    plan["required"].append("prices")
    plan["properties"]["fine_tune"] = _fine_tune()
    memory = _describe_dataclass(Memory)
    memory["properties"]["total_gib"] = {"type": "number", "description": "Sum of all but free_gib."}
    memory["required"].append("total_gib")
    candidate = _describe_dataclass(Candidate)
    candidate["properties"]["comparison"] = {
        "$ref": "#/$defs/Comparison",
        "description": "The planner's answer for the same size; only with estimator kaito.",
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A plan of modelyard",
        **plan,
        "$defs": {
            "Candidate": candidate,
            "ModelSummary": _describe_dataclass(ModelSummary),
            "Memory": memory,
            "Comparison": _comparison(candidate["properties"]),
        },
    }


def render_schema() -> str:
    """Render the schema as the text of its file."""
    return json.dumps(build_schema(), indent=2, ensure_ascii=False) + "\n"


def _comparison(candidate: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of the planner's answer beside kaito's, with the defects of kaito's that show."""
    names = ("sku", "fits", "nodes", "tensor_parallel", "pipeline_parallel", "data_parallel", "reasons")
    ours = _closed({name: candidate[name] for name in names})
    difference = {name: {"type": "string"} for name in Difference.model_fields}
    difference["defect"]["description"] = "Stable name of the defect (docs/cli.md)."
    agree = "True for the same nodes and split; null if either has no answer."
    absent = "Null if our catalogue lacks the size. Zero nodes: refused before a split was sought."
    return {
        "description": "Kaito's answer against the planner's.",
        **_closed(
            {
                "agree": {"type": ["boolean", "null"], "description": agree},
                "ours": {"anyOf": [ours, {"type": "null"}], "description": absent},
                "differences": {"type": "array", "items": _closed(difference)},
            }
        ),
    }


def _fine_tune() -> dict[str, Any]:
    """Return the schema of the settings that a fine-tune was planned with, with defaults filled in."""
    descriptions = _docstrings(FineTune)
    properties = {
        name: {**_type(field.annotation), **descriptions.get(name, {})} for name, field in FineTune.model_fields.items()
    }
    properties["sequence_tokens"] = {"type": "integer", "description": "Tokens of one sequence."}
    return {"description": "Settings of a fine-tune with defaults filled in; absent otherwise.", **_closed(properties)}


def _closed(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _describe_dataclass(dataclass: Any) -> dict[str, Any]:
    """Return the schema of a dataclass, with its attributes' docstrings as descriptions."""
    hints = typing.get_type_hints(dataclass)
    descriptions = _docstrings(dataclass)
    names = [field.name for field in dataclasses.fields(dataclass)]
    return {
        "type": "object",
        "description": inspect.cleandoc(dataclass.__doc__ or "").partition("\n")[0],
        "properties": {name: {**_type(hints[name]), **descriptions.get(name, {})} for name in names},
        "required": names,
        "additionalProperties": False,
    }


def _type(hint: Any) -> dict[str, Any]:
    if hint in _PLAIN:
        return {"type": _PLAIN[hint]}
    if hint in _REFERENCED:
        return {"$ref": f"#/$defs/{hint.__name__}"}
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is tuple:
        return {"type": "array", "items": _type(arguments[0])}
    if origin in {typing.Union, types.UnionType} and type(None) in arguments:
        (other,) = (argument for argument in arguments if argument is not type(None))
        if typing.get_origin(other) is typing.Literal:
            return {"enum": [*typing.get_args(other), None]}
        return {"type": [_PLAIN[other], "null"]}
    if origin is typing.Literal:
        return {"enum": list(arguments)}
    raise TypeError(f"no schema for {hint!r}; add it to {__name__}")


def _docstrings(kind: Any) -> dict[str, dict[str, str]]:
    """Read the docstring below each attribute, which Python itself drops."""
    (body,) = ast.parse(textwrap.dedent(inspect.getsource(kind))).body
    if not isinstance(body, ast.ClassDef):
        raise TypeError(f"{kind} is no class")
    descriptions: dict[str, dict[str, str]] = {}
    for attribute, below in zip(body.body, body.body[1:], strict=False):
        if (
            isinstance(attribute, ast.AnnAssign)
            and isinstance(attribute.target, ast.Name)
            and isinstance(below, ast.Expr)
            and isinstance(below.value, ast.Constant)
        ):
            descriptions[attribute.target.id] = {
                "description": inspect.cleandoc(str(below.value.value)).replace("\n", " ")
            }
    return descriptions
