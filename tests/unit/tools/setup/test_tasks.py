"""Lanes of tasks: order, waiting across lanes, failures, tasks that are done already."""

import threading
from pathlib import Path

import pytest

from tools.setup.tasks import Progress, SetupFailedError, Task, run_lanes


def ignore(_progress: Progress) -> None:
    """Observe nothing."""


class Recorder:
    """Maker of tasks that note when they ran."""

    def __init__(self) -> None:
        self.ran: list[str] = []

    def task(self, name: str, after: tuple[str, ...] = (), *, done: bool = False, error: str = "") -> Task:
        def run(_log: Path) -> None:
            if error:
                raise RuntimeError(error)
            self.ran.append(name)

        return Task(name=name, run=run, seconds=1, after=after, is_done=lambda: done)


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


def test_lane_keeps_its_order_and_waits_for_other_lanes(recorder: Recorder, tmp_path: Path):
    lanes = [
        [recorder.task("compile"), recorder.task("image", after=("venv",))],
        [recorder.task("packages", after=("compile",)), recorder.task("venv")],
    ]

    seconds_by_task = run_lanes(lanes, tmp_path / "log", ignore)

    assert recorder.ran == ["compile", "packages", "venv", "image"]
    assert set(seconds_by_task) == {"compile", "packages", "venv", "image"}


def test_done_task_is_not_run_and_blocks_no_other(recorder: Recorder, tmp_path: Path):
    lanes = [[recorder.task("venv", done=True)], [recorder.task("image", after=("venv",))]]

    seconds_by_task = run_lanes(lanes, tmp_path / "log", ignore)

    assert recorder.ran == ["image"]
    assert set(seconds_by_task) == {"image"}


def test_failure_stops_its_lane_and_the_lanes_that_wait_for_it(recorder: Recorder, tmp_path: Path):
    lanes = [
        [recorder.task("compile", error="no space left; free 2 GiB"), recorder.task("link")],
        [recorder.task("image", after=("link",))],
    ]

    with pytest.raises(SetupFailedError, match="compile: no space left; free 2 GiB"):
        run_lanes(lanes, tmp_path / "log", ignore)

    assert recorder.ran == []


def test_two_failures_are_both_reported(tmp_path: Path):
    both_started = threading.Barrier(2, timeout=10)

    def failing_task(name: str, error: str) -> Task:
        def run(_log: Path) -> None:
            both_started.wait()
            raise RuntimeError(error)

        return Task(name=name, run=run, seconds=1)

    with pytest.raises(SetupFailedError) as raised:
        run_lanes([[failing_task("a", "first")], [failing_task("b", "second")]], tmp_path / "log", ignore)

    assert sorted(str(raised.value).splitlines()) == ["a: first", "b: second"]
