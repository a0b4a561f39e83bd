"""Shows tasks as they run: one line that redraws itself on a terminal, plain lines elsewhere.

Standard library only: rich is one of the things this set-up installs.
"""

import sys
import time

from tools.setup.tasks import Progress

#: Without a terminal, a line at least this often tells that a long compilation is alive. Seconds.
HEARTBEAT = 30.0


def clock(seconds: float) -> str:
    """`75` → `1:15`."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


class Display:
    """Prints what changed since it was last called."""

    def __init__(self, estimates: dict[str, float]) -> None:
        self._estimates = estimates
        self._terminal = sys.stderr.isatty()
        self._told: set[str] = set()
        self._began = time.monotonic()
        self._last = self._began

    def __call__(self, progress: Progress) -> None:
        """Show `progress`."""
        for name, seconds in progress.finished.items():
            if name not in self._told:
                self._told.add(name)
                self._line(f"  done   {clock(seconds):>6}  {name}")
        for name in progress.failed:
            if name not in self._told:
                self._told.add(name)
                self._line(f"  FAILED         {name}")
        running = progress.running()
        now = time.monotonic()
        if not running:
            self._erase()
            return
        if self._terminal:
            self._erase()
            print(self._status(progress, running, now)[:110], end="", file=sys.stderr, flush=True)
        elif now - self._last > HEARTBEAT:
            self._line(self._status(progress, running, now))

    def remaining(self, progress: Progress) -> float:
        """Estimated seconds of work left, all lanes added up."""
        left = 0.0
        for task in progress.planned:
            if task.name in progress.finished:
                continue
            spent = time.monotonic() - progress.started.get(task.name, time.monotonic())
            left += max(self._estimates.get(task.name, task.seconds) - spent, 1.0)
        return left

    def _status(self, progress: Progress, running: list[str], now: float) -> str:
        done, planned = len(progress.finished), len(progress.planned)
        what = ", ".join(f"{name} {clock(now - progress.started[name])}" for name in running)
        return f"  [{done}/{planned}] about {clock(self.remaining(progress))} left: {what}"

    def _line(self, text: str) -> None:
        self._erase()
        self._last = time.monotonic()
        print(text, file=sys.stderr, flush=True)

    def _erase(self) -> None:
        if self._terminal:
            print("\r\033[K", end="", file=sys.stderr, flush=True)
