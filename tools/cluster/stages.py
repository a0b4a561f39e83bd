"""Stages of `up` and `down`, reported as they run, with their times."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Event:
    """Begin of a stage (`seconds` is None), or its end."""

    stage: str
    seconds: float | None = None
    detail: str = ""


Report = Callable[[Event], None]


def silent(event: Event) -> None:
    """Report nothing."""


@dataclass
class Stages:
    """Runner of stages, one after the other, that keeps their times in seconds."""

    report: Report = silent
    seconds: dict[str, float] = field(default_factory=dict)

    @contextlib.contextmanager
    def __call__(self, name: str, detail: str = "") -> Iterator[None]:
        """Time the block and report its begin and, if it succeeds, its end."""
        self.report(Event(name, detail=detail))
        began = time.monotonic()
        yield
        self.seconds[name] = round(time.monotonic() - began, 2)
        self.report(Event(name, self.seconds[name], detail))
