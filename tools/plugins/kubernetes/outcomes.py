"""Results of operations, as the engine takes them."""

from dataclasses import dataclass
from typing import Any

Properties = dict[str, Any]


@dataclass(frozen=True)
class Outcome:
    """Id and outputs of a resource, and the reason if it is not ready."""

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
