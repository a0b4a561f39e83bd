"""How the stages show themselves: bars on a terminal, plain lines elsewhere."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

#: Without a terminal a changed message is printed, but not more often than this. Seconds.
QUIET = 15.0


class Line:
    """One stage on the screen."""

    def __init__(self, console: Console, title: str) -> None:
        self._console = console
        self._title = title
        self._last = 0.0
        self._said = ""
        self._bar = Progress(
            SpinnerColumn(), TextColumn("{task.description}"), BarColumn(bar_width=24), MofNCompleteColumn(),
            TimeElapsedColumn(), console=console, transient=True, disable=not console.is_terminal,
        )  # fmt: skip
        self._task = self._bar.add_task(title, total=None)

    def say(self, message: str, done: int | None = None, total: int | None = None) -> None:
        """Show `message`, and a bar when there is something to count."""
        if not message:
            return
        if self._console.is_terminal:
            text = f"{self._title}: {message}"[: max(20, self._console.width - 55)]
            self._bar.update(self._task, description=text, completed=done or 0, total=total)
            return
        counted = f"{message} {done or 0}/{total}" if total else message
        now = time.monotonic()
        if counted != self._said and now - self._last >= QUIET:
            self._last, self._said = now, counted
            self._console.print(f"  {self._title}: {counted}", highlight=False, soft_wrap=True)

    @property
    def bar(self) -> Progress:
        """The live display, to be entered."""
        return self._bar


@contextmanager
def stage(console: Console, title: str, seconds: dict[str, float]) -> Iterator[Line]:
    """A stage: shown while it runs, one line when it has ended, its seconds kept under `title`."""
    line = Line(console, title)
    began = time.monotonic()
    with line.bar:
        yield line
    took = time.monotonic() - began
    seconds[title] = round(took, 1)
    console.print(f"  [green]done[/]   {took:6.1f} s  {title}", highlight=False)
