import tomllib
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parents[2]


def setuptools_table() -> dict[str, Any]:
    return tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["tool"]["setuptools"]


def test_every_package_is_shipped():
    shipped = setuptools_table()["packages"]
    found = {
        "modelyard." + ".".join(file.relative_to(CHECKOUT).parent.parts)
        for folder in ("cli", "components", "policies", "stacks", "workloads")
        for file in (CHECKOUT / folder).rglob("__init__.py")
        if ".venv" not in file.parts
    }
    assert set(shipped) == found


def test_every_top_package_is_marked_as_typed():
    """`modelyard` is a namespace, so each package below it carries the marker of PEP 561."""
    table = setuptools_table()
    for package, folder in table["package-dir"].items():
        assert "py.typed" in table["package-data"][package], package
        assert (CHECKOUT / folder / "py.typed").read_text() == "", package


def test_the_file_that_makes_the_components_a_plugin_is_shipped():
    assert "PulumiPlugin.yaml" in setuptools_table()["package-data"]["modelyard.components"]
