"""When a request is tried again, and how long that waits. Pure: no clock, no sleep."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

TRANSIENT = frozenset({429, 500, 502, 503, 504})
"""Answers that the same request may not get a second time."""

NOT_CARRIED_OUT = frozenset({429, 503})
"""Of these, the ones that say the request was turned away before anything was done, so that even a request which
creates something may be sent again (RFC 6585 §4, RFC 9110 §15.6.4)."""


@dataclass(frozen=True, kw_only=True)
class Backoff:
    """Exponential back-off with full jitter (Brooker, "Exponential Backoff And Jitter", AWS, 2015). All in seconds."""

    tries: int = 6
    """Requests sent in all."""
    first: float = 1.0
    """Upper end of the first wait; each further one doubles."""
    longest: float = 30.0
    """No wait drawn here is longer."""
    patience: float = 120.0
    """A longer `Retry-After` than this is told to the user instead of being slept through."""

    def waits(self, chance: random.Random) -> Iterator[float]:
        """One wait before each try but the first."""
        for attempt in range(self.tries - 1):
            yield chance.uniform(0, min(self.longest, self.first * 2**attempt))


def retry_after(header: str | None, now: datetime | None = None) -> float | None:
    """Seconds that a `Retry-After` header asks for (RFC 9110 §10.2.3: seconds or a date); None if it says nothing.

    A date in the past is 0.
    """
    if not header:
        return None
    text = header.strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        when = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    return max(0.0, (when - (now or datetime.now(UTC))).total_seconds())


def wait_before_retry(drawn: float, asked: float | None) -> float:
    """The wait before the next try: what was drawn, and never less than what the server asked for."""
    return drawn if asked is None else max(drawn, asked)
