"""Waiting for something that OCM does in its own time, telling how it goes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from modelyard.components.rosa.ocm.errors import WaitError

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How a wait passes its time."""

    sleep: Callable[[float], None]
    clock: Callable[[], datetime]
    report: Callable[[str], None]
    """Gets a line whenever what is waited for looks different, and at least every five minutes."""
    every: float = 20.0
    """Seconds between two looks (the Terraform provider looks every 120 s; 20 s is 3 requests a minute)."""


QUIET = timedelta(minutes=5)
"""A wait that says nothing for longer looks dead."""


def until(
    what: str,
    look: Callable[[], T],
    done: Callable[[T], bool],
    describe: Callable[[T], str],
    *,
    limit: timedelta,
    pace: Pace,
) -> T:
    """Looks until it is done.

    Args:
        what: for messages: "cluster gpu1".
        look: reads the state; its errors pass through.
        done: whether the wait is over; raises where it can only fail.
        describe: the state in a few words.
        limit: how long to wait at most.
        pace: pauses, clock and where progress goes.

    Raises:
        WaitError: the time is up; the message has the last state.
    """
    begin = told_at = pace.clock()
    told = ""
    while True:
        seen = look()
        if done(seen):
            return seen
        now, words = pace.clock(), describe(seen)
        if words != told or now - told_at >= QUIET:
            pace.report(f"{what}: {words}, after {_duration(now - begin)} of at most {_duration(limit)}")
            told, told_at = words, now
        if now - begin >= limit:
            raise WaitError(f"{what}: still {words} after {_duration(limit)}; the next up waits again")
        pace.sleep(pace.every)


def _duration(span: timedelta) -> str:
    minutes, seconds = divmod(int(span.total_seconds()), 60)
    return f"{minutes} min" if minutes and not seconds else f"{minutes} min {seconds} s" if minutes else f"{seconds} s"
