"""The component package: its schema builds, whatever the traps of Pulumi's analyzer, and changes only on purpose."""

import json
from pathlib import Path
from typing import Any

import yaml
from modelyard.components.common.component import Component
from modelyard.components.package import COMPONENTS, NAME, VERSION, ModelyardProvider
from modelyard.components.testing import compare

FOLDER = Path(__file__).resolve().parents[2] / "components"


def schema() -> dict[str, Any]:
    return json.loads(ModelyardProvider().schema or "")


def undescribed(fields: dict[str, Any]) -> list[str]:
    return [name for name, field in fields.items() if not field.get("description")]


def test_schema_is_the_golden_one():
    compare(schema(), Path(__file__).parent / "goldens" / "schema.json")


def test_every_component_and_every_input_is_described():
    published = schema()
    assert sorted(published["resources"]) == [f"modelyard:index:{component.__name__}" for component in COMPONENTS]
    for token, resource in published["resources"].items():
        assert resource.get("description"), token
        assert undescribed(resource["inputProperties"]) == [], token
    for token, record in published["types"].items():
        assert undescribed(record.get("properties", {})) == [], token


def test_modules_keep_their_annotations_as_types():
    """Pulumi's analyzer needs classes; with `from __future__ import annotations` it would find strings."""
    for file in FOLDER.rglob("*.py"):
        assert "from __future__ import annotations" not in file.read_text(), file


def test_the_plugin_file_names_the_package():
    plugin = yaml.safe_load((FOLDER / "PulumiPlugin.yaml").read_text())
    assert (plugin["name"], plugin["version"], plugin["runtime"]["name"]) == (NAME, VERSION, "python")


def test_every_component_checks_its_arguments():
    assert [component for component in COMPONENTS if not issubclass(component, Component)] == []
