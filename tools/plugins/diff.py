"""Comparison of a program's present and earlier inputs, field by field."""

from dataclasses import dataclass
from enum import Enum
from typing import Any

from tools.plugins.wire import Unknown

# Path in a resource's properties; in a rule, `*` stands for any item of a list.
Path = tuple[str | int, ...]

_MISSING = object()


class Change(Enum):
    """Kind of a difference."""

    ADD = "add"
    DELETE = "delete"
    UPDATE = "update"


@dataclass(frozen=True)
class Difference:
    """Changed field.

    Attributes:
        path: path of the field.
        change: kind of the difference.
        replaces: True if the object must be replaced.
    """

    path: Path
    change: Change
    replaces: bool

    @property
    def property_path(self) -> str:
        """Path in Pulumi's notation, such as `spec.containers[0].image` or `metadata.labels["a/b"]`."""
        return format_path(self.path)


def format_path(path: Path) -> str:
    """Write a path in Pulumi's notation."""
    result = ""
    for step in path:
        if isinstance(step, int):
            result += f"[{step}]"
        elif any(character in step for character in '."[]') or not step:
            escaped = step.replace('"', '\\"')
            result += f'["{escaped}"]'
        else:
            result += f".{step}" if result else step
    return result


def parse_path(text: str) -> Path:
    """Read a path in Pulumi's notation; `*` and `[*]` are the string `*`.

    Raises:
        ValueError: a bracket or a quote is not closed.
    """
    path: list[str | int] = []
    rest = text
    while rest:
        if rest[0] == ".":
            rest = rest[1:]
        elif rest.startswith('["'):
            step, rest = _quoted(rest[2:], text)
            path.append(step)
        elif rest[0] == "[":
            step, closed, rest = rest[1:].partition("]")
            if not closed:
                raise ValueError(f"property path {text!r}: a bracket is not closed")
            path.append(int(step) if step.isdigit() else step)
        else:
            end = min((position for position in (rest.find("."), rest.find("[")) if position >= 0), default=len(rest))
            path.append(rest[:end])
            rest = rest[end:]
    return tuple(path)


def _quoted(rest: str, whole: str) -> tuple[str, str]:
    step = ""
    position = 0
    while position < len(rest):
        character = rest[position]
        if character == "\\" and rest[position + 1 : position + 2] == '"':
            step += '"'
            position += 2
        elif character == '"':
            if rest[position + 1 : position + 2] != "]":
                break
            return step, rest[position + 2 :]
        else:
            step += character
            position += 1
    raise ValueError(f"property path {whole!r}: a quote is not closed")


def compare(old: dict[str, Any], new: dict[str, Any], immutable: list[Path]) -> list[Difference]:
    """List the fields of `new` that differ from `old`, outermost first.

    A field that is added or removed as a whole is one difference. Lists are compared item by item. An unknown value
    differs from everything.
    """
    differences: list[Difference] = []
    _compare((), old, new, immutable, differences)
    return differences


def _compare(path: Path, old: Any, new: Any, immutable: list[Path], differences: list[Difference]) -> None:
    if isinstance(old, dict) and isinstance(new, dict):
        for key in [*old, *(key for key in new if key not in old)]:
            _compare((*path, key), old.get(key, _MISSING), new.get(key, _MISSING), immutable, differences)
        return
    if isinstance(old, list) and isinstance(new, list):
        for index in range(max(len(old), len(new))):
            before = old[index] if index < len(old) else _MISSING
            after = new[index] if index < len(new) else _MISSING
            _compare((*path, index), before, after, immutable, differences)
        return
    if old is _MISSING:
        change = Change.ADD
    elif new is _MISSING:
        change = Change.DELETE
    elif _is_same(old, new):
        return
    else:
        change = Change.UPDATE
    differences.append(Difference(path, change, is_immutable(path, immutable)))


def is_immutable(path: Path, fields: list[Path]) -> bool:
    """Tell whether a change at `path` touches one of `fields`: it is inside, or contains it."""
    for field in fields:
        length = min(len(path), len(field))
        pairs = zip(path[:length], field[:length], strict=True)
        if all(step == pattern or (pattern == "*" and isinstance(step, int)) for step, pattern in pairs):
            return True
    return False


def _is_same(old: Any, new: Any) -> bool:
    if isinstance(new, Unknown) or isinstance(old, bool) != isinstance(new, bool):
        return False
    # 1 == 1.0 on purpose: the protocol has one kind of number.
    return old == new


def drop_ignored(differences: list[Difference], ignored: list[str]) -> list[Difference]:
    """Return the differences that `ignoreChanges` does not cover.

    Raises:
        ValueError: one of the paths cannot be read.
    """
    paths = [parse_path(text) for text in ignored]
    return [difference for difference in differences if not any(_covers(path, difference.path) for path in paths)]


def _covers(ignored: Path, path: Path) -> bool:
    if len(ignored) > len(path):
        return False
    return all(pattern in ("*", step) for pattern, step in zip(ignored, path, strict=False))
