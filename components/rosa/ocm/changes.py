"""What a change of a field does: provider, documentation and tests read the same tables (`fields`)."""

import enum
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pulumi.output import Unknown
from pulumi.runtime import rpc


class Change(enum.Enum):
    """What happens to the resource."""

    IN_PLACE = "in place"
    """OCM sets it; nothing restarts."""
    ROLLING = "rolling"
    """OCM sets it, and replaces the nodes of the pool one by one."""
    UPGRADE = "upgrade"
    """Goes through an upgrade of OCM; only upwards."""
    REPLACE = "replace"
    """OCM cannot change it: deleted, then made anew."""
    ONLY_AT_CREATION = "only at creation"
    """Read once, when the resource is made; a later change does nothing."""


@dataclass(frozen=True)
class Field:
    """A field, by its path in OCM's request body."""

    path: str
    change: Change
    why: str = ""


@dataclass(frozen=True)
class Changes:
    """The difference between what is and what is wanted."""

    changed: tuple[Field, ...]

    @property
    def replaces(self) -> list[str]:
        """Paths that force a replacement."""
        return [one.path for one in self.changed if one.change is Change.REPLACE]

    @property
    def updates(self) -> list[str]:
        """Paths that can be set."""
        return [one.path for one in self.changed if one.change is not Change.REPLACE]

    def __bool__(self) -> bool:
        return bool(self.changed)


def compare(table: tuple[Field, ...], old: Mapping[str, Any], new: Mapping[str, Any]) -> Changes:
    """Which fields of the table differ. A field that is missing is like one that is null or empty."""
    return Changes(
        tuple(
            field
            for field in table
            if field.change is not Change.ONLY_AT_CREATION and _differ(at(old, field.path), at(new, field.path))
        )
    )


def at(value: Mapping[str, Any], path: str) -> Any:
    """The value at a dotted path; None if it is not there."""
    here: Any = value
    for part in path.split("."):
        if not isinstance(here, Mapping) or part not in here:
            return None
        here = here[part]
    return here


def only(value: Mapping[str, Any], paths: list[str]) -> dict[str, Any]:
    """The part of `value` that has the paths: what a PATCH sends. A path that is not there is sent as null."""
    made: dict[str, Any] = {}
    for path in paths:
        here, parts = made, path.split(".")
        for part in parts[:-1]:
            here = here.setdefault(part, {})
        here[parts[-1]] = at(value, path)
    return made


def leaves(value: Mapping[str, Any], whole: frozenset[str] = frozenset(), prefix: str = "") -> Iterator[str]:
    """Paths of all fields; those in `whole` are not looked into."""
    for key, inner in value.items():
        path = f"{prefix}{key}"
        if isinstance(inner, Mapping) and path not in whole:
            yield from leaves(inner, whole, f"{path}.")
        else:
            yield path


def is_unknown(value: Any) -> bool:
    """Whether a value, or anything in it, is not known yet, as at a preview of what is still to be made."""
    if isinstance(value, Mapping):
        return any(is_unknown(inner) for inner in value.values())
    if isinstance(value, list):
        return any(is_unknown(inner) for inner in value)
    return isinstance(value, Unknown) or value == rpc.UNKNOWN


def _differ(old: Any, new: Any) -> bool:
    if is_unknown(new):
        return True  # it may
    if old in (None, [], {}, "") and new in (None, [], {}, ""):
        return False
    return _unordered(old) != _unordered(new)


def _unordered(value: Any) -> Any:
    """OCM's lists are sets (subnets, zones, taints), and come back in any order."""
    if isinstance(value, list):
        return sorted(json.dumps(_unordered(one), sort_keys=True) for one in value)
    if isinstance(value, Mapping):
        return {key: _unordered(one) for key, one in value.items()}
    return value
