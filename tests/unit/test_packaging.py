import tomllib
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]


def test_every_package_is_shipped():
    shipped = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]
    found = {
        "modelyard." + ".".join(file.relative_to(CHECKOUT).parent.parts)
        for folder in ("cli", "components", "policies", "stacks", "workloads")
        for file in (CHECKOUT / folder).rglob("__init__.py")
        if ".venv" not in file.parts
    }
    assert set(shipped) == found
