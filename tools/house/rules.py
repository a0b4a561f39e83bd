"""The rules that a machine can count. docs/glossary.md has those that only a reader can."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from tools.house.source import Source

OPENINGS = ("What", "Whose", "Whether", "Where", "How", "Nothing", "Something")
"""First words that turn a docstring into a riddle: the reader learns the noun, or that there is none, at its end."""

PRONOUNS = ("made", "told", "whose", "judged")
"""Participles and pronouns that are never the name of a variable: a variable is named by the noun that it holds."""

MOST_LINES = 300
"""Longest file of the product."""

LONGEST_TEST_NAME = 65
"""Longest name of a test, `test_` included; a name states a behaviour, and the case table says the rest."""


@dataclass(frozen=True)
class Finding:
    """A line that breaks a rule."""

    path: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.text}"


def riddles(source: Source) -> Iterator[Finding]:
    """Find docstrings, attribute docstrings included, and `#:` comments that begin with one of `OPENINGS`."""
    for line, text in _docstrings(source.tree):
        first = text.strip().partition("\n")[0]
        if first.split(" ")[0].rstrip(",:;.") in OPENINGS:
            yield Finding(source.path, line, first)
    for number, line_text in enumerate(source.text.splitlines(), 1):
        comment = line_text.strip().removeprefix("#:")
        if comment != line_text.strip() and comment.split()[:1] and comment.split()[0].rstrip(",:;.") in OPENINGS:
            yield Finding(source.path, number, comment.strip())


def pronoun_names(source: Source) -> Iterator[Finding]:
    """Find variables and parameters that are called one of `PRONOUNS`."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id in PRONOUNS:
            yield Finding(source.path, node.lineno, node.id)
        elif isinstance(node, ast.arg) and node.arg in PRONOUNS:
            yield Finding(source.path, node.lineno, node.arg)


def local_imports(source: Source) -> Iterator[Finding]:
    """Find imports inside functions."""
    for function in ast.walk(source.tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            for node in ast.walk(function):
                if isinstance(node, ast.Import | ast.ImportFrom):
                    yield Finding(source.path, node.lineno, ast.unparse(node))


def long_files(source: Source) -> Iterator[Finding]:
    """Find a file of more than `MOST_LINES` lines."""
    lines = source.text.count("\n")
    if lines > MOST_LINES:
        yield Finding(source.path, lines, f"{lines} lines")


def long_test_names(source: Source) -> Iterator[Finding]:
    """Find tests whose name has more than `LONGEST_TEST_NAME` characters."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_") and len(node.name) > LONGEST_TEST_NAME:
            yield Finding(source.path, node.lineno, node.name)


def _docstrings(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield line and text of each string that stands as a statement: docstrings of all kinds."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield node.lineno, node.value.value
