"""Effects of changing an argument on running resources: one table per component, read by its resources and its page.

Each table stands beside its component, in `changes.py`. A component asks `replaced_properties` for the properties that
Pulumi must be told to replace for; docs/change-behaviour.md shows all tables.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass


class Effect(enum.Enum):
    """Effect of a change on running resources."""

    IN_PLACE = "in place"
    """Running resources are not disturbed."""
    ROLLING = "rolling"
    """Nodes are replaced one after the other; pods move within their disruption budgets."""
    REPLACE = "replace"
    """The resource is deleted and created again."""
    REFUSED = "refused"
    """The service does not allow the change; the note names an alternative."""


@dataclass(frozen=True)
class ArgumentChange:
    """Effect of changing one argument, and advice for the people who change it."""

    effect: Effect
    note: str = ""
    properties: tuple[str, ...] = ()
    """`Kind.property` of the cloud's resources that Pulumi must be told to replace for: the service takes them at
    creation only, and the provider would try to change them. Empty where the provider knows by itself."""


def replaced_properties(changes: Mapping[str, ArgumentChange], kind: str) -> tuple[str, ...]:
    """List the properties whose change replaces resources of `kind`, sorted, for `replace_on_changes`."""
    properties = (path.split(".", 1) for change in changes.values() for path in change.properties)
    return tuple(sorted({path for resource, path in properties if resource == kind}))


def render_table(changes: Mapping[str, ArgumentChange]) -> str:
    """Render `changes` as a Markdown table, in their order."""
    rows = [f"| `{name}` | {change.effect.value} | {change.note} |" for name, change in changes.items()]
    return "\n".join(["| argument | change | what happens |", "|---|---|---|", *rows])
