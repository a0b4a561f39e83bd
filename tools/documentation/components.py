"""Reference page of each component, written from the package's schema and the change tables.

Descriptions, types and choices are those that the package publishes.
"""

import itertools
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from modelyard.components.common.change import ArgumentChange
from modelyard.components.package import NAME, ModelyardProvider

from tools.documentation.changes import SECTIONS

_HEAD = """\
<!-- Generated: `python -m tools.documentation`. Edit the component's docstrings instead. -->
# {name}

{description}

`from modelyard.components import {name}, {name}Args`; type token `{token}`. Programs in other languages write names in
camel case: `max_nodes` is `maxNodes`.
"""
_INDEX = """\
<!-- Generated: `python -m tools.documentation`. -->
# Components

Inputs and outputs of each component. [Effects of changes](../../change-behaviour.md) explains the column *change*;
[components from TypeScript and YAML](../../how-to/components-from-typescript-and-yaml.md) shows other languages.

| component | purpose |
|---|---|
{rows}
"""


def render_pages() -> dict[str, str]:
    """Return the text of each page by file name."""
    schema = json.loads(ModelyardProvider().schema or "")
    changes = {section.component: section.table() for sections in SECTIONS.values() for section in sections}
    written, rows = {}, []
    for token, resource in sorted(schema["resources"].items()):
        name = token.rpartition(":")[2]
        written[f"{name}.md"] = _page(name, resource, schema["types"], changes.get(name))
        first_sentence = re.split(r"[.]\s|[.]$", resource["description"])[0]
        rows.append(f"| [{name}]({name}.md) | {_cell(first_sentence)} |")
    return {"README.md": _INDEX.format(rows="\n".join(rows)), **written}


def _page(
    name: str, resource: dict[str, Any], types: dict[str, dict[str, Any]], changes: Mapping[str, ArgumentChange] | None
) -> str:
    description = re.sub(r"\n\s+", "\n", resource["description"])
    parts = [_HEAD.format(name=name, description=description, token=f"{NAME}:index:{name}")]
    required = resource.get("requiredInputs", [])
    parts += ["## Inputs\n", _inputs(resource["inputProperties"], required, types, changes, [""])]
    paths: dict[str, list[str]] = {}
    for reference, path in _nested(resource["inputProperties"], types):
        paths.setdefault(reference, []).append(path)
    for reference, places in paths.items():
        fields = types[reference]
        summary = re.sub(r"\n\s+", "\n", fields.get("description", ""))
        parts += [f"### {_type_name(reference)}\n", f"{summary}\n"]
        parts.append(_inputs(fields["properties"], fields.get("required", []), types, changes, places))
    outputs = resource.get("properties", {})
    if outputs:
        rows = [
            f"| `{_snake(key)}` | {_type(field, types)} | {_cell(field.get('description', ''))} |"
            for key, field in outputs.items()
        ]
        parts += ["## Outputs\n", "\n".join(["| output | type | description |", "|---|---|---|", *rows]) + "\n"]
    return "\n".join(parts)


def _inputs(
    fields: dict[str, Any],
    required: list[str],
    types: dict[str, Any],
    changes: Mapping[str, ArgumentChange] | None,
    paths: list[str],
) -> str:
    """Return the table of some fields, which stand at `paths` in the component's arguments."""
    head = ["argument", "type", "required", *(["change"] if changes else []), "description"]
    lines = [f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
    for key in sorted(fields, key=lambda key: key not in required):
        field, name = fields[key], _snake(key)
        effect = [_effect(changes, [f"{path}{name}" for path in paths])] if changes else []
        kind = _type(field, types) + ("" if field.get("plain") else ", or an output")
        cells = [f"`{name}`", kind, "yes" if key in required else "", *effect, _cell(field.get("description", ""))]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _effect(changes: Mapping[str, ArgumentChange], paths: list[str]) -> str:
    """Return the effect of changing arguments; a table may hold an argument or the object that it is part of."""
    parts = (itertools.accumulate(path.split("."), lambda head, key: f"{head}.{key}") for path in paths)
    found = [changes[part].effect.value for prefixes in parts for part in prefixes if part in changes]
    return " or ".join(dict.fromkeys(found))


def _nested(fields: dict[str, Any], types: dict[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
    """Yield reference and path of all object types below some fields."""
    for key, field in fields.items():
        for part in (field, field.get("items", {}), field.get("additionalProperties", {})):
            reference = part.get("$ref", "").rpartition("/")[2]
            if "properties" in types.get(reference, {}):
                inside = f"{path}{_snake(key)}."
                yield reference, inside
                yield from _nested(types[reference]["properties"], types, inside)


def _type(field: dict[str, Any], types: dict[str, Any]) -> str:
    """Return the type of a field in words."""
    if "$ref" in field:
        reference = field["$ref"].rpartition("/")[2]
        if "enum" in types.get(reference, {}):
            return " or ".join(f"`{member['value']}`" for member in types[reference]["enum"])
        title = _type_name(reference)
        return f"[{title}](#{title.lower()})" if reference in types else "anything"
    if field["type"] == "array":
        return f"list of {_type(field['items'], types)}"
    if field["type"] == "object":
        return f"map of {_type(field['additionalProperties'], types)}"
    return {"string": "text", "integer": "whole number", "number": "number", "boolean": "true or false"}[field["type"]]


def _type_name(reference: str) -> str:
    return reference.rpartition(":")[2]


def _snake(name: str) -> str:
    return re.sub(r"([A-Z])", lambda letter: f"_{letter[1].lower()}", name)


def _cell(text: str) -> str:
    return re.sub(r"\s+", " ", text).replace("|", "\\|")
