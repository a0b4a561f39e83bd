"""What the engine asks of a cloud, and what there is afterwards."""

import time
from dataclasses import dataclass, field
from typing import Any

from simulator.clouds.account import Record
from simulator.clouds.resource_type import Subject


@dataclass(frozen=True)
class Request:
    """What the engine asks for.

    Attributes:
        inputs: in clear.
        urn: whose messages are shown where.
        timeout: seconds that the operation may take; 0: as long as it takes.
    """

    inputs: dict[str, Any]
    urn: str = ""
    timeout: float = 0.0


@dataclass(frozen=True)
class Outcome:
    """What exists after an operation.

    Attributes:
        outputs: what the cloud added to the inputs.
        problems: why it is not as it should be; empty when it is.
    """

    identifier: str
    inputs: dict[str, Any]
    outputs: dict[str, Any] = field(default_factory=dict)
    problems: tuple[str, ...] = ()


def record(subject: Subject, state: str, outputs: dict[str, Any], seconds: float) -> Record:
    """A resource on which an operation runs for `seconds`."""
    return {
        "id": subject.identifier,
        "type": subject.token,
        "name": subject.name,
        "state": state,
        "inputs": subject.inputs,
        "outputs": outputs,
        "busy_until": time.time() + seconds,
    }
