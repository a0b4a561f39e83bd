"""Requests of the engine to a cloud, and their outcomes."""

import time
from dataclasses import dataclass, field
from typing import Any

from simulator.clouds.account import Record
from simulator.clouds.resource_type import Subject


@dataclass(frozen=True)
class Request:
    """Request of the engine.

    Attributes:
        inputs: inputs in clear.
        urn: resource at which messages are shown.
        timeout: longest operation in seconds; 0: no limit.
    """

    inputs: dict[str, Any]
    urn: str = ""
    timeout: float = 0.0


@dataclass(frozen=True)
class Outcome:
    """Resource after an operation.

    Attributes:
        outputs: outputs beyond the inputs.
        problems: reasons why the operation failed; empty when it succeeded.
    """

    identifier: str
    inputs: dict[str, Any]
    outputs: dict[str, Any] = field(default_factory=dict)
    problems: tuple[str, ...] = ()


def record(subject: Subject, state: str, outputs: dict[str, Any], seconds: float) -> Record:
    """Make the record of a resource on which an operation runs for `seconds`."""
    return {
        "id": subject.identifier,
        "type": subject.token,
        "name": subject.name,
        "state": state,
        "inputs": subject.inputs,
        "outputs": outputs,
        "busy_until": time.time() + seconds,
    }
