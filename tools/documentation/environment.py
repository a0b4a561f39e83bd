"""Reference page of the environment file, from its models."""

import enum
import types
import typing
from typing import Any

from modelyard.stacks.environment.amounts import Duration, Memory, WholeGib
from modelyard.stacks.environment.environment import Environment
from modelyard.stacks.environment.section import Section
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

_INTRODUCTION = """\
# The environment file

`Pulumi.<env>.yaml` holds one object under `config.modelyard:environment`. Every key of it is listed here; any other is
refused, with the nearest one suggested, before anything is created. Examples with reasons:
[Pulumi.local.yaml](../Pulumi.local.yaml), [Pulumi.existing.yaml](../Pulumi.existing.yaml),
[Pulumi.openshift-onprem.yaml](../Pulumi.openshift-onprem.yaml), [Pulumi.aks-dev.yaml](../Pulumi.aks-dev.yaml),
[Pulumi.aks-prod.yaml](../Pulumi.aks-prod.yaml), [Pulumi.rosa-dev.yaml](../Pulumi.rosa-dev.yaml),
[Pulumi.rosa-prod.yaml](../Pulumi.rosa-prod.yaml).

Amounts carry their unit: memory is `512MiB` or `8GiB` (a bare number or `8G` is refused, since it could be read two
ways), durations are `90s`, `30m`, `2h` or `1d`, cores are numbers. Locations are `pvc://claim/path`,
`s3://bucket/prefix`, `hf://owner/name` or an absolute path.

One value can be overridden without editing the file: `make up SET='teams[0].quota.gpus=2'`, or
`pulumi config set --path 'modelyard:environment.teams[0].quota.gpus' 2`.

<!-- Generated: `python -m tools.documentation`. Edit the models in stacks/environment instead. -->
"""

_HEADER = ["| key | value | default | |", "|---|---|---|---|"]

#: Types that a person writes with a unit; pydantic keeps their validators beside the number's type.
_WITH_UNIT = {Memory: ("memory", "MiB"), WholeGib: ("memory", "MiB"), Duration: ("duration", "s")}

_PLAIN = {str: "text", int: "number", float: "number", bool: "`true`, `false`"}


def render_page() -> str:
    """Render the whole page."""
    parts = [_INTRODUCTION]
    for model in _reachable(Environment):
        lines = [f"## {model.__name__}", "", (model.__doc__ or "").strip(), "", *_HEADER]
        lines += [_row(name, field) for name, field in model.model_fields.items()]
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


def _row(name: str, field: FieldInfo) -> str:
    meaning = (field.description or "").replace("\n", " ").replace("|", "\\|")
    return f"| `{name}` | {_value(field)} | {_default(field)} | {meaning} |"


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True)
    if value is None or value is PydanticUndefined or value in ((), {}):
        return ""
    if isinstance(value, (Section, tuple)):
        return "see below"
    return f"`{value}{_kind_and_unit(field)[1]}`" if value != "" else ""


def _value(field: FieldInfo) -> str:
    kind, _unit = _kind_and_unit(field)
    return kind or _words(field.annotation)


def _kind_and_unit(field: FieldInfo) -> tuple[str, str]:
    for kind, words in _WITH_UNIT.items():
        if field.metadata and field.metadata[0] == typing.get_args(kind)[1]:
            return words
    return "", ""


def _words(annotation: Any) -> str:
    """Put a type into the words of people who write YAML."""
    for kind, (words, _unit) in _WITH_UNIT.items():
        if annotation == kind:
            return words
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if isinstance(annotation, type):
        return _class_words(annotation)
    if origin is typing.Annotated:
        return _words(arguments[0])
    if origin in (typing.Union, types.UnionType):
        return " or ".join(_words(choice) for choice in arguments if choice is not types.NoneType)
    if origin is typing.Literal:
        return ", ".join(f"`{choice}`" for choice in arguments)
    return f"list of {_words(arguments[0])}" if origin is tuple else "object"


def _class_words(kind: type) -> str:
    if issubclass(kind, enum.Enum):
        return ", ".join(f"`{member.value}`" for member in kind)
    if issubclass(kind, Section):
        return f"[{kind.__name__}](#{kind.__name__.lower()})"
    return _PLAIN[kind]


def _reachable(model: type[Section]) -> list[type[Section]]:
    """Return `model` and every section inside it, in the order of their keys."""
    models = [model]
    for outer in models:
        for field in outer.model_fields.values():
            models += [inner for inner in _sections(field.annotation) if inner not in models]
    return models


def _sections(annotation: Any) -> list[type[Section]]:
    if isinstance(annotation, type) and issubclass(annotation, Section):
        return [annotation]
    return [section for inner in typing.get_args(annotation) for section in _sections(inner)]
