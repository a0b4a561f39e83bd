"""YAML whose values know where they stand, so that an error about one can name its line and column.

PyYAML throws positions away when it builds values. Here the tree of nodes is built first; values come from it, and
positions are looked up by path: `("prices", "g5.xlarge", "us-east-1")`. A key that stands twice in one mapping is
refused, which PyYAML would let pass in silence, the last one winning.
"""

from dataclasses import dataclass
from typing import Any

import yaml

_FAST_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_MOST_VALUES = 100_000
"""Aliases make a short text grow without end; no file of ours comes near this many values."""

_DEEPEST = 100
"""Levels of nesting; libyaml's loader is recursive in C and ends the process at some thousand of them."""

_SHORT = 2 * _DEEPEST
"""A text of fewer characters may be nested deeper, but not so deep that it does harm."""

Path = tuple[str | int, ...]


class BadYamlError(ValueError):
    """The text is not YAML, a key stands twice, or it has no end; the message begins with line and column."""


@dataclass(frozen=True, slots=True)
class Located:
    """A parsed document and where its parts stand."""

    value: Any
    _places: dict[Path, tuple[int, int]]

    def place(self, path: Path) -> tuple[int, int]:
        """Line and column, from 1, of what stands at the path, or of the nearest thing above it that there is.

        Of an entry of a mapping that is its key: what is wrong with a value is found beside it.
        """
        while path and path not in self._places:
            path = path[:-1]
        return self._places.get(path, (1, 1))

    def at(self, path: Path) -> str:
        """`line 3, column 5`, for a message."""
        line, column = self.place(path)
        return f"line {line}, column {column}"


def load(text: str) -> Located:
    """The document in the text, plain values only.

    Raises:
        BadYamlError: the text is not one YAML document, holds a tag, or a mapping has a key twice.
    """
    check_depth(text)
    loader = _FAST_LOADER(text)
    try:
        node = loader.get_single_node()
        places: dict[Path, tuple[int, int]] = {}
        if node is not None:
            _locate(node, (), places)
        value = None if node is None else loader.construct_document(node)
    except RecursionError as wrong:
        raise BadYamlError("nested too deeply") from wrong
    except yaml.MarkedYAMLError as wrong:
        mark = wrong.problem_mark or wrong.context_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise BadYamlError(f"{where}not YAML: {wrong.problem or wrong.context}") from wrong
    except yaml.YAMLError as wrong:
        raise BadYamlError(f"not YAML: {wrong}") from wrong
    finally:
        loader.dispose()
    return Located(value, places)


def check_depth(text: str) -> None:
    """Refuse a text that is nested so deeply that loading it could end the process. The parser below does not recurse.

    Raises:
        BadYamlError: it is. A text that is not YAML passes: its loader says what is wrong.
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
    node: yaml.Node, path: Path, places: dict[Path, tuple[int, int]], above: tuple[yaml.Node, ...] = ()
) -> None:
    """Note where the node and all below it stand; `above` are the nodes that hold it."""
    if node in above:
        raise BadYamlError(f"{_at(node)}: refers to itself")
    if len(places) > _MOST_VALUES:
        raise BadYamlError(f"{_at(node)}: more than {_MOST_VALUES} values")
    places.setdefault(path, _place(node))
    above = (*above, node)
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            inner = (*path, str(key.value))
            if inner in places:
                raise BadYamlError(f"{_at(key)}: {key.value!r} stands twice, first in line {places[inner][0]}")
            places[inner] = _place(key)
            _locate(value, inner, places, above)
    elif isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            _locate(item, (*path, index), places, above)


def _at(node: yaml.Node) -> str:
    line, column = _place(node)
    return f"line {line}, column {column}"


def _place(node: yaml.Node) -> tuple[int, int]:
    return node.start_mark.line + 1, node.start_mark.column + 1
