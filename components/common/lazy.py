"""Names of a package that are loaded when they are first asked for: a program for one cloud loads no SDK of another."""

import importlib
from collections.abc import Callable, Mapping
from typing import Any


def loader(package: str, modules: Mapping[str, str]) -> Callable[[str], Any]:
    """A package's `__getattr__` (PEP 562).

    Args:
        package: its full name.
        modules: for each component, the module of the package that defines it and its arguments, `<Component>Args`.
    """

    def load(name: str) -> Any:
        module = modules.get(name.removesuffix("Args"))
        if module is None:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(importlib.import_module(f"{package}.{module}"), name)

    return load
