"""Display of running tasks: one line that redraws itself on a terminal, plain lines elsewhere.

Standard library only: rich is one of the things this set-up installs.
"""

import sys
import time

from tools.setup.tasks import Progress

#: Longest pause between two lines where there is no terminal, so that a long compilation is seen to run. Seconds.
HEARTBEAT = 30.0


def clock(seconds: float) -> str:
    """Format seconds as minutes and seconds: `75` → `1:15`."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


class Display:
    """Observer of the tasks that prints the changes since its last call."""

    def __init__(self, estimates: dict[str, float]) -> None:
        self._estimates = estimates
        self._terminal = sys.stderr.isatty()
        self._reported: set[str] = set()
        self._began = time.monotonic()
        self._last = self._began

    def __call__(self, progress: Progress) -> None:
        """Show `progress`."""
        for name, seconds in progress.finished.items():
            if name not in self._reported:
                self._reported.add(name)
                self._print(f"  done   {clock(seconds):>6}  {name}")
        for name in progress.failed:
            if name not in self._reported:
                self._reported.add(name)
                self._print(f"  FAILED         {name}")
        running = progress.running()
        now = time.monotonic()
        if not running:
            self._erase()
            return
        if self._terminal:
            self._erase()
            print(self._status(progress, running, now)[:110], end="", file=sys.stderr, flush=True)
        elif now - self._last > HEARTBEAT:
            self._print(self._status(progress, running, now))

    def remaining(self, progress: Progress) -> float:
        """Estimate the seconds of work left, summed over all lanes."""
        seconds = 0.0
        for task in progress.tasks:
            if task.name in progress.finished:
                continue
            spent = time.monotonic() - progress.started.get(task.name, time.monotonic())
            seconds += max(self._estimates.get(task.name, task.seconds) - spent, 1.0)
        return seconds

    def _status(self, progress: Progress, running: list[str], now: float) -> str:
        finished, total = len(progress.finished), len(progress.tasks)
        names = ", ".join(f"{name} {clock(now - progress.started[name])}" for name in running)
        return f"  [{finished}/{total}] about {clock(self.remaining(progress))} left: {names}"

    def _print(self, text: str) -> None:
        self._erase()
        self._last = time.monotonic()
        print(text, file=sys.stderr, flush=True)

    def _erase(self) -> None:
        if self._terminal:
            print("\r\033[K", end="", file=sys.stderr, flush=True)
