"""Tasks that run side by side, in lanes.

A lane is a sequence of tasks that need the same resource (the compiler needs both cores). Lanes run side by side; a
task may also wait for one in another lane. The first failure stops every lane after its running task; all failures
are reported at the end, with the log's name.
"""

import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tools.setup.locations import cache


@dataclass(kw_only=True)
class Task:
    """Step of the set-up."""

    name: str
    run: Callable[[Path], None]
    """Function that gets the log file to write to; it raises RuntimeError with a sentence for the reader."""
    seconds: float
    """Estimated duration of a cold run."""
    is_done: Callable[[], bool] = lambda: False
    after: tuple[str, ...] = ()
    """Names of tasks in other lanes that must have finished."""


@dataclass
class Progress:
    """State of the tasks; written by the lanes, read by the display."""

    tasks: list[Task]
    started: dict[str, float] = field(default_factory=dict)
    finished: dict[str, float] = field(default_factory=dict)
    """Seconds that each finished task took."""
    failed: dict[str, str] = field(default_factory=dict)

    def running(self) -> list[str]:
        """List the names of the running tasks."""
        ended = self.finished.keys() | self.failed.keys()
        return [name for name in self.started if name not in ended]


class SetupFailedError(Exception):
    """One or more tasks failed; the text has a line for each."""


def run_lanes(lanes: Sequence[Sequence[Task]], log: Path, observe: Callable[[Progress], None]) -> dict[str, float]:
    """Run the lanes side by side.

    Args:
        lanes: sequences of tasks.
        log: file that the tasks' commands write to.
        observe: called at every change, and twice a second in between.

    Returns:
        Seconds of each task that ran; tasks that were done already are left out.

    Raises:
        SetupFailedError: one or more tasks failed; the text has a line for each.
    """
    open_lanes = [[task for task in lane if not task.is_done()] for lane in lanes]
    open_tasks = [task for lane in open_lanes for task in lane]
    names = {task.name for task in open_tasks}
    progress = Progress(tasks=open_tasks)
    changed = threading.Condition()

    def work(lane: Sequence[Task]) -> None:
        for task in lane:
            waits_for = set(task.after) & names
            with changed:
                changed.wait_for(lambda: progress.failed or waits_for <= progress.finished.keys())  # noqa: B023
                if progress.failed:
                    return
                progress.started[task.name] = time.monotonic()
                changed.notify_all()
            try:
                task.run(log)
            except Exception as error:  # noqa: BLE001 - every error is reported with its task's name
                with changed:
                    progress.failed[task.name] = str(error)
                    changed.notify_all()
                return
            with changed:
                progress.finished[task.name] = time.monotonic() - progress.started[task.name]
                changed.notify_all()

    threads = [threading.Thread(target=work, args=(lane,), daemon=True) for lane in open_lanes if lane]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        with changed:
            changed.wait(timeout=0.5)
            observe(progress)
    observe(progress)
    if progress.failed:
        raise SetupFailedError("\n".join(f"{name}: {reason}" for name, reason in progress.failed.items()))
    return dict(progress.finished)


@contextmanager
def remembered_durations() -> Iterator[dict[str, float]]:
    """Yield the seconds of each task in earlier runs on this machine; values written into it are kept for the next."""
    file = cache() / "durations.json"
    try:
        durations: dict[str, float] = json.loads(file.read_text())
    except (OSError, ValueError):
        durations = {}
    yield durations
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_suffix(".new")
    unfinished.write_text(json.dumps(durations, indent=1, sort_keys=True))
    unfinished.replace(file)
