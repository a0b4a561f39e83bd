"""Lanes of tasks: order, waiting across lanes, failures, and doing nothing twice."""

from pathlib import Path

import pytest

from tools.setup.tasks import Progress, SetupFailedError, Task, run_lanes


def ignore(_progress: Progress) -> None:
    """An observer that does not look."""


class Recorder:
    """Makes tasks that note when they ran."""

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


def test_a_lane_keeps_its_order_and_waits_for_other_lanes(recorder: Recorder, tmp_path: Path):
    lanes = [
        [recorder.task("compile"), recorder.task("image", after=("venv",))],
        [recorder.task("packages", after=("compile",)), recorder.task("venv")],
    ]

    took = run_lanes(lanes, tmp_path / "log", ignore)

    assert recorder.ran == ["compile", "packages", "venv", "image"]
    assert set(took) == {"compile", "packages", "venv", "image"}


def test_what_is_done_is_not_run_and_does_not_hold_up_others(recorder: Recorder, tmp_path: Path):
    lanes = [[recorder.task("venv", done=True)], [recorder.task("image", after=("venv",))]]

    took = run_lanes(lanes, tmp_path / "log", ignore)

    assert recorder.ran == ["image"]
    assert set(took) == {"image"}


def test_a_failure_stops_its_lane_and_those_that_wait_for_it_and_is_told(recorder: Recorder, tmp_path: Path):
    lanes = [
        [recorder.task("compile", error="no space left; free 2 GiB"), recorder.task("link")],
        [recorder.task("image", after=("link",))],
    ]

    with pytest.raises(SetupFailedError, match="compile: no space left; free 2 GiB"):
        run_lanes(lanes, tmp_path / "log", ignore)

    assert recorder.ran == []


def test_two_failures_are_both_told(recorder: Recorder, tmp_path: Path):
    lanes = [[recorder.task("a", error="first")], [recorder.task("b", error="second")]]

    with pytest.raises(SetupFailedError) as caught:
        run_lanes(lanes, tmp_path / "log", ignore)

    # The lane that loses the race may have been stopped before it began; whichever began is told.
    assert "first" in str(caught.value) or "second" in str(caught.value)
