"""Display of the stages: bars on a terminal, plain lines elsewhere."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

#: Shortest pause between two messages where there is no terminal. Seconds.
QUIET = 15.0


class Line:
    """Line of the screen that shows one stage."""

    def __init__(self, console: Console, title: str) -> None:
        self._console = console
        self._title = title
        self._last = 0.0
        self._message = ""
        self._bar = Progress(
            SpinnerColumn(), TextColumn("{task.description}"), BarColumn(bar_width=24), MofNCompleteColumn(),
            TimeElapsedColumn(), console=console, transient=True, disable=not console.is_terminal,
        )  # fmt: skip
        self._task = self._bar.add_task(title, total=None)

    def say(self, message: str, completed: int | None = None, total: int | None = None) -> None:
        """Show `message`, and a bar when a count is given."""
        if not message:
            return
        if self._console.is_terminal:
            text = f"{self._title}: {message}"[: max(20, self._console.width - 55)]
            self._bar.update(self._task, description=text, completed=completed or 0, total=total)
            return
        text = f"{message} {completed or 0}/{total}" if total else message
        now = time.monotonic()
        if text != self._message and now - self._last >= QUIET:
            self._last, self._message = now, text
            self._console.print(f"  {self._title}: {text}", highlight=False, soft_wrap=True)

    @property
    def bar(self) -> Progress:
        """Live display, a context manager."""
        return self._bar


@contextmanager
def stage(console: Console, title: str, seconds: dict[str, float]) -> Iterator[Line]:
    """Show a stage while it runs, print one line when it ends, and keep its seconds under `title`."""
    line = Line(console, title)
    began = time.monotonic()
    with line.bar:
        yield line
    took = time.monotonic() - began
    seconds[title] = round(took, 1)
    console.print(f"  [green]done[/]   {took:6.1f} s  {title}", highlight=False)
