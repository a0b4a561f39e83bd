"""What changing an argument does to what runs: one table per component, which its resources and its page both read.

The tables stand beside their components (`aks_changes`, `karpenter_gpu_changes`, …). A component asks `replacing` which
properties it must tell Pulumi to replace for; `components.change_page` prints all tables as docs/change-behaviour.md.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass


class Effect(enum.Enum):
    """The ways in which a change can arrive."""

    IN_PLACE = "in place"
    """Nothing that runs is disturbed."""
    ROLLING = "rolling"
    """Nodes are replaced one after the other; pods move within their disruption budgets."""
    REPLACE = "replace"
    """The resource is deleted and made again."""
    REFUSED = "refused"
    """The service does not allow it; the text says what to do instead."""


@dataclass(frozen=True)
class Change:
    """What a change of one argument does, and what to know before making it."""

    effect: Effect
    note: str = ""
    properties: tuple[str, ...] = ()
    """`Kind.property` of the cloud's resources for which Pulumi must be told to replace: the service takes them at
    creation only, and the provider would try to change them. Empty where the provider knows by itself."""


def replacing(changes: Mapping[str, Change], kind: str) -> tuple[str, ...]:
    """Properties of resources of `kind` that make another one, sorted: what `replace_on_changes` takes."""
    named = (one.split(".", 1) for change in changes.values() for one in change.properties)
    return tuple(sorted({path for of, path in named if of == kind}))


def table(changes: Mapping[str, Change]) -> str:
    """`changes` as a Markdown table, in the order given."""
    rows = [f"| `{name}` | {one.effect.value} | {one.note} |" for name, one in changes.items()]
    return "\n".join(["| argument | change | what happens |", "|---|---|---|", *rows])
