"""The front door: every component and its arguments, from `modelyard.components`."""

import importlib
import pkgutil

import modelyard.components as yard
import pulumi
from modelyard.components.common.component import Component


def component_names() -> set[str]:
    """Names of all components that a module of the package defines."""
    return {
        name
        for module in pkgutil.walk_packages(yard.__path__, f"{yard.__name__}.")
        if not module.name.endswith("__main__")
        for name, value in vars(importlib.import_module(module.name)).items()
        if isinstance(value, type) and issubclass(value, pulumi.ComponentResource) and value.__module__ == module.name
    } - {Component.__name__}


def test_the_front_door_exports_each_component_with_its_arguments():
    names = component_names()

    assert set(yard.__all__) >= names | {f"{name}Args" for name in names}
    assert yard.__all__ == sorted(yard.__all__)


def test_each_exported_name_can_be_imported():
    assert all(hasattr(yard, name) for name in yard.__all__)
