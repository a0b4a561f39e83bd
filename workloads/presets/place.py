"""Where in a YAML text a wrong field stands, and which field was meant."""

from difflib import get_close_matches
from typing import Any, get_args

import yaml
from modelyard.workloads.presets.complaints import complaint
from pydantic import BaseModel, ValidationError


def located(text: str, error: ValidationError, model: type[BaseModel]) -> list[str]:
    """One line per wrong field of `model` in `text`: the field, what is wrong, its nearest name, line and column."""
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    lines = []
    for detail in error.errors(include_url=False):
        line = complaint(detail)
        if detail["type"] == "extra_forbidden":
            line += _nearest(detail["loc"], model)
        mark = _mark(root, detail["loc"])
        lines.append(f"{line} (line {mark.line + 1}, column {mark.column + 1})" if mark else line)
    return lines


def _mark(node: Any, path: tuple[Any, ...]) -> Any:
    """The beginning of the key at the end of `path`, or of the last part of it that the text has."""
    mark = node.start_mark if node is not None else None
    for part in path:
        if isinstance(node, yaml.MappingNode):
            found = next(((key, value) for key, value in node.value if key.value == str(part)), None)
            if found is None:
                return mark
            mark, node = found[0].start_mark, found[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            mark = node.start_mark
        else:
            return mark
    return mark


def _nearest(path: tuple[Any, ...], model: type[BaseModel]) -> str:
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
