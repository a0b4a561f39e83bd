"""What an operation on a resource gives back to the engine."""

from dataclasses import dataclass
from typing import Any

Properties = dict[str, Any]


@dataclass(frozen=True)
class Outcome:
    """What became of a resource: its id, its outputs, and why it is not ready, if it is not."""

    identifier: str
    outputs: Properties
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class Found:
    """A resource that was read: id, inputs, outputs, and why it is not ready, if it is not."""

    identifier: str
    inputs: Properties
    outputs: Properties
    problems: tuple[str, ...] = ()
