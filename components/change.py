"""What changing an argument does to what runs. The tables of docs are made from this, so that they cannot go stale."""

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


def table(changes: Mapping[str, Change]) -> str:
    """`changes` as a Markdown table, in the order given."""
    rows = [f"| `{name}` | {one.effect.value} | {one.note} |" for name, one in changes.items()]
    return "\n".join(["| argument | change | what happens |", "|---|---|---|", *rows])
