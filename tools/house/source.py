"""Python files under version control, parsed once, by room."""

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tools.setup.locations import CHECKOUT

PRODUCT = ("cli", "components", "policies", "stacks", "workloads")
"""Rooms that are shipped."""


@dataclass(frozen=True)
class Source:
    """One Python file."""

    path: str
    """Relative to the checkout."""

    @property
    def room(self) -> str:
        """Top folder of the file."""
        return self.path.partition("/")[0]

    @cached_property
    def text(self) -> str:
        """Content of the file."""
        return (CHECKOUT / self.path).read_text(encoding="utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        """Syntax tree of the file."""
        return ast.parse(self.text)


def python_files(rooms: tuple[str, ...] = ()) -> Iterator[Source]:
    """List the Python files that git tracks, or would track.

    Args:
        rooms: files or folders relative to the checkout; empty for the whole repository.
    """
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *(rooms or (".",))]
    listing = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=True).stdout
    for path in sorted(set(listing.splitlines())):
        if path.endswith(".py") and Path(CHECKOUT, path).is_file():
            yield Source(path)
