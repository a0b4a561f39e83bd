"""The component package: its schema builds, whatever the traps of Pulumi's analyzer, and changes only on purpose."""

import json
from pathlib import Path
from typing import Any

import yaml
from modelyard.components.node_pools.args import NodePoolArgs
from modelyard.components.package import COMPONENTS, NAME, VERSION
from modelyard.components.testing import compare
from pulumi.provider.experimental.component import ComponentProvider
from pulumi.provider.experimental.util import camel_case

FOLDER = Path(__file__).resolve().parents[2] / "components"


SHARED_BY_POOLS = {camel_case(name) for name in NodePoolArgs.__annotations__}


def schema() -> dict[str, Any]:
    return json.loads(ComponentProvider(list(COMPONENTS), NAME, version=VERSION).schema or "")


def test_schema_is_the_golden_one():
    compare(schema(), Path(__file__).parent / "goldens" / "schema.json")


def test_every_component_and_every_input_is_described():
    made = schema()
    assert sorted(made["resources"]) == [f"modelyard:index:{one.__name__}" for one in COMPONENTS]
    for token, resource in made["resources"].items():
        assert resource.get("description"), token
        undescribed = {name for name, one in resource["inputProperties"].items() if not one.get("description")}
        # Pulumi's analyzer reads the descriptions in a class's own text, not those of the class it inherits from.
        assert undescribed <= SHARED_BY_POOLS, token


def test_modules_keep_their_annotations_as_types():
    """Pulumi's analyzer needs classes; with `from __future__ import annotations` it would find strings."""
    for file in FOLDER.rglob("*.py"):
        assert "from __future__ import annotations" not in file.read_text(), file


def test_the_plugin_file_names_the_package():
    plugin = yaml.safe_load((FOLDER / "PulumiPlugin.yaml").read_text())
    assert (plugin["name"], plugin["version"], plugin["runtime"]["name"]) == (NAME, VERSION, "python")
