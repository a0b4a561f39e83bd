"""The environment files of the repository, with what `make up` adds to them."""

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
BUNDLES = ROOT / "tests" / "components" / "bundles"
KEY = "modelyard:environment"


def environment(name: str, **machine: Any) -> dict[str, Any]:
    """The object in Pulumi.<name>.yaml, complete."""
    given = yaml.safe_load((ROOT / f"Pulumi.{name}.yaml").read_text())["config"][KEY]
    given = copy.deepcopy(given)
    if name == "local":
        given["images"] = {"train": "localhost/modelyard/train:0a1b", "serve": "localhost/modelyard/serve:0a1b"}
        given["storage"] = {"host_folder": "/volumes"}
    return {**given, **machine}


@pytest.fixture
def local() -> dict[str, Any]:
    return environment("local")


@pytest.fixture
def existing() -> dict[str, Any]:
    return environment("existing")
