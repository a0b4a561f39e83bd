"""What platform teams import: every component and its arguments, from the package that it belongs to."""

import importlib
import pkgutil
from types import ModuleType

import pulumi
import pytest

PACKAGES = ("clusters", "identities", "node_pools", "operators", "queues", "storage", "workspaces")


def components_of(package: ModuleType) -> set[str]:
    """Names of the components that the package's modules define."""
    return {
        name
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}.")
        for name, value in vars(importlib.import_module(module.name)).items()
        if isinstance(value, type) and issubclass(value, pulumi.ComponentResource) and value.__module__ == module.name
    }


@pytest.mark.parametrize("name", PACKAGES)
def test_a_package_exports_its_components_with_their_arguments_and_nothing_else(name: str):
    package = importlib.import_module(f"modelyard.components.{name}")
    components = components_of(package)

    assert components
    assert package.__all__ == sorted([*components, *(f"{one}Args" for one in components)])
    assert all(hasattr(package, one) for one in package.__all__)
