"""The front door: `import modelyard.components as yard` has all that a program needs, and loads none of it."""

import enum
import importlib
import inspect
import pkgutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_type_hints

import modelyard.components as yard
import pulumi
import pytest
from modelyard.components.common.component import Component
from typing_extensions import is_typeddict

CHECKOUT = Path(__file__).resolve().parents[2]


def components() -> list[type[pulumi.ComponentResource]]:
    """All components that a module of the package defines."""
    return [
        value
        for module in pkgutil.walk_packages(yard.__path__, f"{yard.__name__}.")
        if not module.name.endswith("__main__")
        for value in vars(importlib.import_module(module.name)).values()
        if isinstance(value, type) and issubclass(value, pulumi.ComponentResource) and value is not Component
        if value.__module__ == module.name
    ]


def types_of_arguments(hint: Any) -> Iterator[type]:
    """Yield the TypedDicts and enums that an annotation is made of."""
    if is_typeddict(hint):
        yield hint
        for inner in get_type_hints(hint, localns={"Output": pulumi.Output, "T": Any}).values():
            yield from types_of_arguments(inner)
    elif isinstance(hint, type) and issubclass(hint, enum.Enum):
        yield hint
    for inner in get_args(hint):
        yield from types_of_arguments(inner)


def run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_components_and_the_types_of_their_arguments_are_exported():
    exports = {getattr(yard, name) for name in yard.__all__}
    for component in components():
        arguments = inspect.get_annotations(component.__init__)["args"]
        assert {component, *types_of_arguments(arguments)} <= exports


def test_the_names_are_sorted_and_listed_by_dir():
    assert yard.__all__ == sorted(yard.__all__)
    assert set(yard.__all__) <= set(dir(yard))


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="has no attribute 'EksCluster'"):
        getattr(yard, "EksCluster")  # noqa: B009 - type checkers know that there is none


def test_importing_the_front_door_loads_no_provider():
    code = """
import sys, modelyard.components
print([name for name in ("pulumi_aws", "pulumi_azure_native", "pulumi_kubernetes", "httpx") if name in sys.modules])
"""
    assert run(code) == "[]"


@pytest.mark.parametrize(
    ("extra", "missing", "prefixes"),
    [("azure", "pulumi_aws", ("Aks", "Azure")), ("aws", "pulumi_azure_native", ("Aws", "Rosa"))],
    ids=["azure", "aws"],
)
def test_the_components_of_a_cloud_need_its_extra_only(extra: str, missing: str, prefixes: tuple[str, ...]):
    code = f"""
import sys
sys.modules[{missing!r}] = None
import modelyard.components as yard
loaded = [getattr(yard, name).__name__ for name in yard.__all__ if name.startswith({prefixes!r})]
print(len(loaded) > 4)
"""
    assert run(code) == "True", extra
    requirements = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert any(requirement.startswith("httpx") for requirement in requirements[extra])


@pytest.mark.parametrize(
    ("component", "extra"), [("AksGpuNodePool", "azure"), ("RosaGpuMachinePool", "aws")], ids=["azure", "aws"]
)
def test_a_missing_extra_is_named(component: str, extra: str):
    code = f"""
import sys
sys.modules["httpx"] = None
import modelyard.components as yard
try:
    yard.{component}
except ModuleNotFoundError as error:
    print(error)
"""
    assert run(code) == f"{component} needs httpx, which is not installed: pip install 'modelyard[{extra}]'"
