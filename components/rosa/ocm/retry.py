"""Rules of repeating a request: for which answers, and after how long. Pure: no clock, no sleep."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

TRANSIENT = frozenset({429, 500, 502, 503, 504})
"""Statuses that a repeated request may not meet again."""

NOT_CARRIED_OUT = frozenset({429, 503})
"""Transient statuses of a request that was turned away before anything was done, so that even a creation may be
repeated (RFC 6585 §4, RFC 9110 §15.6.4)."""


@dataclass(frozen=True, kw_only=True)
class Backoff:
    """Exponential back-off with full jitter (Brooker, "Exponential Backoff And Jitter", AWS, 2015). All in seconds."""

    tries: int = 6
    """Attempts in all."""
    first: float = 1.0
    """Upper limit of the first pause; each further limit is twice as high."""
    longest: float = 30.0
    """Upper limit of all pauses."""
    patience: float = 120.0
    """Longest `Retry-After` that is slept through; a longer one is reported to the user."""

    def pauses(self, chance: random.Random) -> Iterator[float]:
        """Yield one pause before each attempt but the first."""
        for attempt in range(self.tries - 1):
            yield chance.uniform(0, min(self.longest, self.first * 2**attempt))


def retry_after(header: str | None, now: datetime | None = None) -> float | None:
    """Read a `Retry-After` header (RFC 9110 §10.2.3: seconds or a date).

    Returns:
        Seconds, 0 for a date in the past; None for no header or one that cannot be read.
    """
    if not header:
        return None
    text = header.strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        date = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    if date.tzinfo is None:
        date = date.replace(tzinfo=UTC)
    return max(0.0, (date - (now or datetime.now(UTC))).total_seconds())
