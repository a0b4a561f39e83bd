"""The fine-tune on Ray Train: real workers, one of them killed; errors of the user are not retried.

Each run is a driver process with a private Ray instance, as a RayJob's driver is: its exit code and what it leaves in
the results folder are all that others see of it.
"""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")
pytest.importorskip("ray")

from tests.workloads.conftest import Run

pytestmark = pytest.mark.workloads


def drive(settings: dict[str, Any]) -> subprocess.Popen:
    file = Path(settings["results"]).parent / f"{settings['name']}.json"
    file.write_text(json.dumps(settings))
    return subprocess.Popen(
        [sys.executable, "-m", "modelyard.workloads.fine_tune", "--config", str(file)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        # A private instance even where another runs; workers' own logs would only slow this down.
        env=os.environ | {"RAY_ADDRESS": "local", "RAY_TMPDIR": "/tmp", "GLOO_SOCKET_IFNAME": "lo"},  # noqa: S108
    )


def test_ray_run_resumes_after_its_worker_is_killed(settings: dict[str, Any], tmp_path: Path):
    from modelyard.workloads.fine_tune.__main__ import main

    ours = settings | {"name": "killed", "max_steps": 400, "epochs": 100, "checkpoint_every_steps": 40}
    driver = drive(ours)
    run = Run(ours)
    end = time.monotonic() + 150
    while max(run.losses(), default=0) < 45:
        assert driver.poll() is None, driver.communicate()[0]
        assert time.monotonic() < end, "step 45 was not reached"
        time.sleep(0.02)
    os.kill(run.starts()[0]["pid"], signal.SIGKILL)
    output, _ = driver.communicate(timeout=200)
    assert driver.returncode == 0, output

    first, second = run.starts()
    assert first["pid"] != second["pid"]
    assert (first["step"], second["step"] % 40) == (0, 0)
    assert second["step"] >= 40
    # No step is missing, and none was done twice but those since the checkpoint.
    steps = [event["step"] for event in run.history() if "loss" in event]
    assert sorted(set(steps)) == list(range(1, 401))
    assert all(step > second["step"] for step in steps if steps.count(step) > 1)
    metrics = run.read("SUCCEEDED")
    assert metrics["resumed_from_step"] == second["step"]
    assert metrics["perplexity_after"] < metrics["perplexity_before"]
    # Ray has a pointer to our newest checkpoint.
    (pointer,) = sorted((run.folder / "ray/killed").glob("checkpoint_*/pointer.json"))[-1:]
    assert json.loads(pointer.read_text())["step"] == 400

    # And the result is the one without Ray and without a death.
    alone = ours | {"results": str(tmp_path / "alone")}
    file = tmp_path / "alone.json"
    file.write_text(json.dumps(alone))
    assert main(["--config", str(file), "--local"]) == 0
    assert metrics["perplexity_after"] == pytest.approx(Run(alone).read("metrics.json")["perplexity_after"], rel=1e-3)


def test_two_workers_on_ray_and_a_mistake_that_only_a_worker_can_see(settings: dict[str, Any], tmp_path: Path):
    """Training diverges on both workers at once: one attempt, exit code 2, the reason in the marker."""
    wrong = settings | {
        "name": "diverges",
        "workers": 2,
        "learning_rate": 1e30,
        "warmup_fraction": 0.0,
        "schedule": "constant",
        "results": str(tmp_path / "diverges"),
    }
    driver = drive(wrong)
    output, _ = driver.communicate(timeout=200)
    assert driver.returncode == 2, output
    assert "error: the loss is nan" in output
    run = Run(wrong)
    (start,) = run.starts()
    assert start["workers"] == 2
    assert run.read("FAILED")["kind"] == "user"
    assert "lower learning_rate" in run.read("FAILED")["reason"]


def test_a_mistake_that_the_driver_sees_costs_no_ray(settings: dict[str, Any], tmp_path: Path):
    (tmp_path / "empty.txt").write_text("")
    driver = drive(settings | {"train_data": str(tmp_path / "empty.txt")})
    output, _ = driver.communicate(timeout=60)
    assert driver.returncode == 2
    assert "empty.txt is empty" in output
    assert not (Run(settings).folder / "ray").exists()
