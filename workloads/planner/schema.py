"""The JSON form of a plan as a JSON schema: `python -m modelyard.workloads.planner.schema > docs/planner-schema.json`.

Made from the dataclasses that a plan consists of, so that it cannot say anything else than they do.
"""

import ast
import dataclasses
import inspect
import json
import sys
import textwrap
import types
import typing
from typing import Any

from modelyard.workloads.planner.candidate import PLAN_VERSION, Candidate, ModelSummary, Plan
from modelyard.workloads.planner.kaito.differences import Difference
from modelyard.workloads.planner.memory import Memory
from modelyard.workloads.planner.request import FineTune

_PLAIN = {str: "string", bool: "boolean", int: "integer", float: "number"}
_GIVEN_BY_CLASS = (Candidate, ModelSummary, Memory)


def schema() -> dict[str, Any]:
    """The schema of what `modelyard plan --json` prints."""
    plan = _object(Plan)
    plan["properties"]["version"] = {"const": PLAN_VERSION, "description": "Of this form; the major version only."}
    plan["properties"]["estimator"] = {
        "enum": ["modelyard", "kaito"],
        "description": "kaito: nodes and parallelism are what kaito 0.12 answers.",
    }
    plan["required"].append("estimator")
    plan["properties"]["prices"] = {
        "type": "array",
        "description": "Where the prices of the candidates that fit come from, the most frequent first.",
        "items": _closed(
            {
                "region": {"type": "string"},
                "at": {"type": ["string", "null"], "description": "Day of the price list; null: it bears none."},
                "source": {"type": "string"},
                "candidates": {"type": "integer", "description": "How many have their price from there."},
            }
        ),
    }
    plan["required"].append("prices")
    plan["properties"]["fine_tune"] = _fine_tune()
    memory = _object(Memory)
    memory["properties"]["total_gib"] = {"type": "number", "description": "Sum of all but free_gib."}
    memory["required"].append("total_gib")
    candidate = _object(Candidate)
    candidate["properties"]["comparison"] = {
        "$ref": "#/$defs/Comparison",
        "description": "What we would do on the same size; only with estimator kaito.",
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A plan of modelyard",
        **plan,
        "$defs": {
            "Candidate": candidate,
            "ModelSummary": _object(ModelSummary),
            "Memory": memory,
            "Comparison": _comparison(candidate["properties"]),
        },
    }


def text() -> str:
    """The schema as the text of its file."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def _comparison(of_candidate: dict[str, Any]) -> dict[str, Any]:
    """Our answer beside kaito's, and each of kaito's mistakes that plays a part."""
    layout = ("sku", "fits", "nodes", "tensor_parallel", "pipeline_parallel", "data_parallel", "reasons")
    ours = _closed({name: of_candidate[name] for name in layout})
    told = {name: {"type": "string"} for name in Difference.model_fields}
    told["defect"]["description"] = "A stable name of the mistake (docs/cli.md)."
    agree = "Same nodes and split; null where one of us has no answer."
    nothing = "Null where our catalogue lacks the size. Zero nodes: refused before a split was sought."
    return {
        "description": "Kaito's answer against ours.",
        **_closed(
            {
                "agree": {"type": ["boolean", "null"], "description": agree},
                "ours": {"anyOf": [ours, {"type": "null"}], "description": nothing},
                "differences": {"type": "array", "items": _closed(told)},
            }
        ),
    }


def _fine_tune() -> dict[str, Any]:
    """The settings that a fine-tune was planned with, defaults filled in."""
    told = _docstrings(FineTune)
    properties = {
        name: {**_type(field.annotation), **told.get(name, {})} for name, field in FineTune.model_fields.items()
    }
    properties["sequence_tokens"] = {"type": "integer", "description": "Tokens of one sequence."}
    return {"description": "The settings of a fine-tune, defaults filled in; only there.", **_closed(properties)}


def _closed(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _object(kind: Any) -> dict[str, Any]:
    hints = typing.get_type_hints(kind)
    told = _docstrings(kind)
    names = [field.name for field in dataclasses.fields(kind)]
    return {
        "type": "object",
        "description": inspect.cleandoc(kind.__doc__ or "").partition("\n")[0],
        "properties": {name: {**_type(hints[name]), **told.get(name, {})} for name in names},
        "required": names,
        "additionalProperties": False,
    }


def _type(hint: Any) -> dict[str, Any]:
    if hint in _PLAIN:
        return {"type": _PLAIN[hint]}
    if hint in _GIVEN_BY_CLASS:
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
    raise TypeError(f"no schema for {hint!r}; teach {__name__}")


def _docstrings(kind: Any) -> dict[str, dict[str, str]]:
    """The text that stands below each attribute, which Python itself forgets."""
    (body,) = ast.parse(textwrap.dedent(inspect.getsource(kind))).body
    if not isinstance(body, ast.ClassDef):
        raise TypeError(f"{kind} is no class")
    found: dict[str, dict[str, str]] = {}
    for attribute, below in zip(body.body, body.body[1:], strict=False):
        if (
            isinstance(attribute, ast.AnnAssign)
            and isinstance(attribute.target, ast.Name)
            and isinstance(below, ast.Expr)
            and isinstance(below.value, ast.Constant)
        ):
            found[attribute.target.id] = {"description": inspect.cleandoc(str(below.value.value)).replace("\n", " ")}
    return found


if __name__ == "__main__":
    sys.stdout.write(text())
