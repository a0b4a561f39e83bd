"""Messages about wrong fields: where, the value received, what is allowed, and the nearest name."""

import re
from typing import Any, get_args

from modelyard.workloads.located_yaml import BadYamlError, Located
from modelyard.workloads.suggestions import suggest
from pydantic import BaseModel, ValidationError

_REASONS = {"extra_forbidden": "unknown field", "missing": "is missing"}


def describe_errors(error: ValidationError) -> list[str]:
    """Describe each wrong field in one line."""
    return [describe_error(detail) for detail in error.errors(include_url=False)]


def describe_error(detail: Any) -> str:
    """Describe one detail of a validation error, such as `layers = 0: must be greater than 0`."""
    field = ".".join(str(part) for part in detail["loc"])
    value = detail.get("input")
    reason = _REASONS.get(detail["type"]) or detail["msg"].removeprefix("Value error, ")
    reason = re.sub(r"^(Input|String) should ", "must ", reason)
    if detail["type"] in {*_REASONS, "value_error"} or isinstance(value, (dict, list)):
        return f"{field}: {reason}" if field else reason
    return f"{field} = {value!r}: {reason[0].lower()}{reason[1:]}"


def describe_located_errors(document: Located, error: ValidationError, model: type[BaseModel]) -> list[str]:
    """Describe each wrong field of `model` in one line, with the nearest name, line and column."""
    return [_describe_located(document, detail, model) for detail in error.errors(include_url=False)]


def describe_yaml_error(error: BadYamlError) -> str:
    """Describe a fault of the YAML with line and column at the end, as in the other lines."""
    position, separator, message = str(error).partition(": ")
    return f"{message} ({position})" if separator and position.startswith("line ") else str(error)


def _describe_located(document: Located, detail: Any, model: type[BaseModel]) -> str:
    path = tuple(part for part in detail["loc"] if part != "[key]")  # pydantic's mark of a mapping's key.
    line = describe_error(detail | {"loc": path})
    if detail["type"] == "extra_forbidden":
        fields = _fields_beside(path, model)
        line += f"; {suggest(str(path[-1]), fields, most=1)}" if fields else ""
    elif detail["type"] == "literal_error" and isinstance(detail.get("input"), str):
        hint = suggest(detail["input"], re.findall(r"'([^']+)'", detail["ctx"]["expected"]), most=1)
        line += f"; {hint}" if hint.startswith("did") else ""
    return f"{line} ({document.describe_position(path)})"


def _fields_beside(path: tuple[Any, ...], model: type[BaseModel]) -> list[str]:
    """Return the fields that are valid at the end of `path`; none if it leads out of the models."""
    inner: Any = model
    for part in path[:-1]:
        inner = _inner_model(inner, part)
        if inner is None:
            return []
    return list(inner.model_fields)


def _inner_model(model: Any, part: Any) -> Any:
    """Return the model behind a field, if any: the field's own, an optional one, or that of a mapping's values."""
    field = model.model_fields.get(part) if isinstance(model, type) and issubclass(model, BaseModel) else None
    annotation = model if field is None else field.annotation
    types = [annotation, *get_args(annotation)]
    return next((inner for inner in types if isinstance(inner, type) and issubclass(inner, BaseModel)), None)
