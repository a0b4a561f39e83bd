"""Effects of changed fields: provider, documentation and tests read the same tables (`fields`)."""

import enum
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pulumi.output import Unknown
from pulumi.runtime import rpc


class FieldEffect(enum.Enum):
    """Effect of a changed field on the resource."""

    IN_PLACE = "in place"
    """OCM sets it; nothing restarts."""
    ROLLING = "rolling"
    """OCM sets it, and replaces the nodes of the pool one by one."""
    UPGRADE = "upgrade"
    """Goes through an upgrade of OCM; only upwards."""
    REPLACE = "replace"
    """OCM cannot change it: the resource is deleted, then created."""
    ONLY_AT_CREATION = "only at creation"
    """Read once, when the resource is created; a later change does nothing."""


@dataclass(frozen=True)
class Field:
    """A field, by its path in OCM's request body."""

    path: str
    effect: FieldEffect
    reason: str = ""


@dataclass(frozen=True)
class Difference:
    """Fields in which two states of a resource differ."""

    fields: tuple[Field, ...]

    @property
    def replaces(self) -> list[str]:
        """Paths that force a replacement."""
        return [field.path for field in self.fields if field.effect is FieldEffect.REPLACE]

    @property
    def updates(self) -> list[str]:
        """Paths that can be set."""
        return [field.path for field in self.fields if field.effect is not FieldEffect.REPLACE]

    def __bool__(self) -> bool:
        return bool(self.fields)


def compare(table: tuple[Field, ...], old: Mapping[str, Any], new: Mapping[str, Any]) -> Difference:
    """Compare two states by the table. A missing field equals one that is null or empty."""
    return Difference(
        tuple(
            field
            for field in table
            if field.effect is not FieldEffect.ONLY_AT_CREATION
            and _differ(value_at(old, field.path), value_at(new, field.path))
        )
    )


def value_at(value: Mapping[str, Any], path: str) -> Any:
    """Read the value at a dotted path; None if the path does not exist."""
    inner: Any = value
    for part in path.split("."):
        if not isinstance(inner, Mapping) or part not in inner:
            return None
        inner = inner[part]
    return inner


def select_paths(value: Mapping[str, Any], paths: list[str]) -> dict[str, Any]:
    """Cut `value` down to the paths, as the body of a PATCH. A path that does not exist is sent as null."""
    body: dict[str, Any] = {}
    for path in paths:
        inner, parts = body, path.split(".")
        for part in parts[:-1]:
            inner = inner.setdefault(part, {})
        inner[parts[-1]] = value_at(value, path)
    return body


def is_unknown(value: Any) -> bool:
    """Tell whether a preview does not know a value, or a part of it, yet."""
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
    return _without_order(old) != _without_order(new)


def _without_order(value: Any) -> Any:
    """Sort lists: OCM's are sets (subnets, zones, taints), and come back in any order."""
    if isinstance(value, list):
        return sorted(json.dumps(_without_order(item), sort_keys=True) for item in value)
    if isinstance(value, Mapping):
        return {key: _without_order(inner) for key, inner in value.items()}
    return value
