"""YAML with the position of every value, so that an error can name line and column.

PyYAML drops positions when it builds values. Here the tree of nodes is built first; values come from it, and positions
are looked up by path: `("prices", "g5.xlarge", "us-east-1")`. A key that stands twice in one mapping is refused, where
PyYAML takes the last one in silence.
"""

from dataclasses import dataclass
from typing import Any

import yaml

_FAST_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_MOST_VALUES = 100_000
"""Most values of a document, far above any file of ours: aliases make a short text grow without end."""

_DEEPEST = 100
"""Most levels of nesting; libyaml's loader is recursive in C and ends the process at some thousand of them."""

_SHORT = 2 * _DEEPEST
"""Characters below which a text cannot be nested so deep that it does harm."""

Path = tuple[str | int, ...]


class BadYamlError(ValueError):
    """Text that is not YAML, has a key twice, or has no end; the message begins with line and column."""


@dataclass(frozen=True, slots=True)
class Located:
    """A parsed document with the positions of its parts."""

    value: Any
    _positions: dict[Path, tuple[int, int]]

    def find_position(self, path: Path) -> tuple[int, int]:
        """Find line and column, from 1, of the value at the path, or of the nearest value above it.

        The position of a mapping's entry is that of its key.
        """
        while path and path not in self._positions:
            path = path[:-1]
        return self._positions.get(path, (1, 1))

    def describe_position(self, path: Path) -> str:
        """Return the position for a message, such as `line 3, column 5`."""
        line, column = self.find_position(path)
        return f"line {line}, column {column}"


def load(text: str) -> Located:
    """Load the document in the text, plain values only.

    Raises:
        BadYamlError: the text is not one YAML document, holds a tag, or a mapping has a key twice.
    """
    check_depth(text)
    loader = _FAST_LOADER(text)
    try:
        node = loader.get_single_node()
        positions: dict[Path, tuple[int, int]] = {}
        if node is not None:
            _locate(node, (), positions)
        value = None if node is None else loader.construct_document(node)
    except BadYamlError:
        raise
    except RecursionError as error:
        raise BadYamlError("nested too deeply") from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        position = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        hint = "; indent with spaces instead of tabs" if mark and _has_tab(text, mark.line, mark.column) else ""
        raise BadYamlError(f"{position}not YAML: {error.problem or error.context}{hint}") from error
    except (yaml.YAMLError, ValueError) as error:
        raise BadYamlError(f"not YAML: {' '.join(str(error).partition(';')[0].split())}") from error
    finally:
        loader.dispose()
    return Located(value, positions)


def _has_tab(text: str, line: int, column: int) -> bool:
    lines = text.splitlines()
    return line < len(lines) and lines[line][column : column + 1] == "\t"


def check_depth(text: str) -> None:
    """Refuse a text that is nested so deep that loading it could end the process; this parser does not recurse.

    Raises:
        BadYamlError: the text is nested too deep. One that is not YAML passes, since `load` explains it better.
    """
    if len(text) < _SHORT:
        return
    depth = 0
    try:
        for event in yaml.parse(text, Loader=_FAST_LOADER):
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
            if depth > _DEEPEST:
                mark = event.start_mark
                raise BadYamlError(f"line {mark.line + 1}, column {mark.column + 1}: nested more than {_DEEPEST} deep")
    except yaml.YAMLError:
        return


def _locate(
    node: yaml.Node, path: Path, positions: dict[Path, tuple[int, int]], ancestors: tuple[yaml.Node, ...] = ()
) -> None:
    """Record the positions of a node and of all below it; `ancestors` are the nodes that hold it."""
    if node in ancestors:
        raise BadYamlError(f"{_describe_node_position(node)}: refers to itself")
    if len(positions) > _MOST_VALUES:
        raise BadYamlError(f"{_describe_node_position(node)}: more than {_MOST_VALUES} values")
    positions.setdefault(path, _node_position(node))
    ancestors = (*ancestors, node)
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            inner = (*path, str(key.value))
            if inner in positions:
                reason = f"{key.value!r} stands twice, first in line {positions[inner][0]}"
                raise BadYamlError(f"{_describe_node_position(key)}: {reason}")
            positions[inner] = _node_position(key)
            _locate(value, inner, positions, ancestors)
    elif isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            _locate(item, (*path, index), positions, ancestors)


def _describe_node_position(node: yaml.Node) -> str:
    line, column = _node_position(node)
    return f"line {line}, column {column}"


def _node_position(node: yaml.Node) -> tuple[int, int]:
    return node.start_mark.line + 1, node.start_mark.column + 1
