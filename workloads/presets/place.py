"""Where in a preset's text a wrong field stands, and which field or value was meant."""

import re
from difflib import get_close_matches
from typing import Any, get_args

from modelyard.workloads.located_yaml import BadYamlError, Located
from modelyard.workloads.presets.complaints import complaint
from pydantic import BaseModel, ValidationError


def located(document: Located, error: ValidationError, model: type[BaseModel]) -> list[str]:
    """One line per wrong field of `model`: the field, what is wrong, its nearest name, line and column."""
    return [_line(document, detail, model) for detail in error.errors(include_url=False)]


def place_behind(wrong: BadYamlError) -> str:
    """What is wrong with a text that is not YAML, with line and column behind it as in the other lines."""
    place, found, message = str(wrong).partition(": ")
    return f"{message} ({place})" if found and place.startswith("line ") else str(wrong)


def _line(document: Located, detail: Any, model: type[BaseModel]) -> str:
    path = tuple(part for part in detail["loc"] if part != "[key]")  # pydantic's mark of a mapping's key.
    line = complaint(detail | {"loc": path})
    if detail["type"] == "extra_forbidden":
        line += _nearest_field(path, model)
    elif detail["type"] == "literal_error" and isinstance(detail.get("input"), str):
        close = get_close_matches(detail["input"], re.findall(r"'([^']+)'", detail["ctx"]["expected"]), n=1)
        line += f"; did you mean {close[0]}?" if close else ""
    return f"{line} ({document.at(path)})"


def _nearest_field(path: tuple[Any, ...], model: type[BaseModel]) -> str:
    """What the unknown field at the end of `path` may have been meant to be."""
    fields: Any = model
    for part in path[:-1]:
        fields = _inner(fields, part)
        if fields is None:
            return ""
    close = get_close_matches(str(path[-1]), list(fields.model_fields), n=1)
    return f"; did you mean {close[0]}?" if close else f"; known are {', '.join(fields.model_fields)}"


def _inner(model: Any, part: Any) -> Any:
    """The model behind a field, if it is one: itself, optional, or the values of a mapping."""
    field = model.model_fields.get(part) if isinstance(model, type) and issubclass(model, BaseModel) else None
    annotation = model if field is None else field.annotation
    found = [annotation, *get_args(annotation)]
    return next((one for one in found if isinstance(one, type) and issubclass(one, BaseModel)), None)
