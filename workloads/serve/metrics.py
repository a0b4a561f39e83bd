"""Figures of the server in Prometheus' text format. One registry per replica; Ray exports its own figures besides."""

import time
from collections import deque
from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

SPEED_WINDOW_SECONDS = 10.0
"""Seconds over which the speed of generation is averaged."""

FIRST_TOKEN_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class Metrics:
    """Counters of this replica since its start."""

    def __init__(self, in_flight: Callable[[], int], waiting: Callable[[], int]) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "modelyard_requests", "Requests answered", ["route", "status"], registry=self.registry
        )  # exported as modelyard_requests_total
        self.prompt_tokens = Counter("modelyard_prompt_tokens", "Tokens of prompts taken in", registry=self.registry)
        self.generated_tokens = Counter("modelyard_generated_tokens", "Tokens generated", registry=self.registry)
        self.cancelled = Counter(
            "modelyard_requests_cancelled", "Requests whose client left before the end", registry=self.registry
        )
        self.first_token = Histogram(
            "modelyard_time_to_first_token_seconds",
            "From the request's arrival to its first token",
            buckets=FIRST_TOKEN_BUCKETS,
            registry=self.registry,
        )
        self.duration = Histogram(
            "modelyard_request_seconds", "From the request's arrival to its end", ["route"], registry=self.registry
        )
        self._speed = _Speed()
        for name, text, value in (
            ("modelyard_requests_in_flight", "Requests waiting or running", in_flight),
            ("modelyard_queue_depth", "Requests that have not begun to generate", waiting),
            (
                "modelyard_generation_tokens_per_second",
                f"Tokens generated per second over the last {SPEED_WINDOW_SECONDS:g} s",
                self._speed.now,
            ),
        ):
            Gauge(name, text, registry=self.registry).set_function(value)

    def count_generated(self, tokens: int) -> None:
        """Count tokens that were generated just now."""
        self.generated_tokens.inc(tokens)
        self._speed.add(tokens)

    def text(self) -> bytes:
        """Return all figures, as Prometheus reads them."""
        return generate_latest(self.registry)


class _Speed:
    """Tokens per second over a sliding window."""

    def __init__(self) -> None:
        self._events: deque[tuple[float, int]] = deque()
        self._tokens = 0

    def add(self, tokens: int) -> None:
        self._events.append((time.monotonic(), tokens))
        self._tokens += tokens
        self._forget()

    def now(self) -> float:
        self._forget()
        return self._tokens / SPEED_WINDOW_SECONDS

    def _forget(self) -> None:
        horizon = time.monotonic() - SPEED_WINDOW_SECONDS
        while self._events and self._events[0][0] < horizon:
            self._tokens -= self._events.popleft()[1]
