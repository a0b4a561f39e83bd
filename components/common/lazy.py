"""Names of a package that are loaded at their first use: a program for one cloud loads no SDK of another."""

import ast
import importlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

_EXTRAS = {"azure": "azure", "aws": "aws", "rosa": "aws"}
"""Extra of pyproject.toml that each cloud's folder needs."""


def lazy_imports(package: str, file: str) -> Callable[[str], Any]:
    """Return a `__getattr__` (PEP 562) that runs the imports of the package's `if TYPE_CHECKING:` block by name.

    Type checkers read that block, so it is the only list of the names and of their modules.

    Args:
        package: full name of the package.
        file: its `__init__.py`.
    """
    modules = dict(_type_checking_imports(Path(file).read_text(encoding="utf-8")))

    def load(name: str) -> Any:
        if name not in modules:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        try:
            return getattr(importlib.import_module(modules[name]), name)
        except ModuleNotFoundError as error:
            extra = _EXTRAS.get(modules[name].removeprefix(f"{package}.").partition(".")[0])
            if extra is None:
                raise
            text = f"{name} needs {error.name}, which is not installed: pip install 'modelyard[{extra}]'"
            raise ModuleNotFoundError(text, name=error.name) from error

    return load


def _type_checking_imports(source: str) -> Iterator[tuple[str, str]]:
    """Yield each name that `if TYPE_CHECKING:` imports, and its module."""
    for statement in ast.parse(source).body:
        if isinstance(statement, ast.If) and ast.unparse(statement.test) == "TYPE_CHECKING":
            for line in statement.body:
                if isinstance(line, ast.ImportFrom) and line.module:
                    yield from ((name.name, line.module) for name in line.names)
