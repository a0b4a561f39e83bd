"""The init container that waits for a fine-tune."""

import json
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from modelyard.workloads.serve import wait_for_result


def leave(result: Path, marker: str, content: dict | None = None) -> None:
    (result / "model").mkdir(parents=True, exist_ok=True)
    (result / "model/config.json").write_text("{}")
    (result / marker).write_text(json.dumps(content or {}))


def run(result: Path, *more: str) -> int:
    return wait_for_result.main(["--result", str(result), "--every", "0.05", *more])


def test_a_result_that_is_there_ends_the_wait(tmp_path: Path, capsys: pytest.CaptureFixture):
    leave(tmp_path, "SUCCEEDED")
    assert run(tmp_path) == 0
    assert f"the result is in {tmp_path}" in capsys.readouterr().out


def test_it_waits_until_the_result_comes_and_tells_how_far_it_is(tmp_path: Path, capsys: pytest.CaptureFixture):
    result = tmp_path / "later"

    def fine_tune() -> None:
        time.sleep(0.2)
        result.mkdir()
        (result / "progress.json").write_text(json.dumps({"stage": "training", "step": 5, "steps": 9}))
        time.sleep(0.3)
        leave(result, "SUCCEEDED")

    thread = threading.Thread(target=fine_tune)
    thread.start()
    assert run(result, "--timeout", "20") == 0
    thread.join()
    said = capsys.readouterr().out
    assert "not started" in said
    assert "training, step 5 of 9" in said


def test_a_failure_ends_it_with_the_reason(tmp_path: Path, capsys: pytest.CaptureFixture):
    leave(tmp_path, "FAILED", {"kind": "user", "reason": "the data are empty"})
    assert run(tmp_path) == 2
    assert "failed (user): the data are empty" in capsys.readouterr().out


def test_an_internal_failure_may_be_tried_again(tmp_path: Path, capsys: pytest.CaptureFixture):
    leave(tmp_path, "FAILED", {"kind": "internal", "reason": "the node went away"})

    def next_try() -> None:
        time.sleep(0.3)
        (tmp_path / "FAILED").unlink()
        time.sleep(0.2)
        leave(tmp_path, "SUCCEEDED")

    thread = threading.Thread(target=next_try)
    thread.start()
    assert run(tmp_path, "--timeout", "20") == 0
    thread.join()
    assert "the node went away; waiting for the next try" in capsys.readouterr().out


def test_an_internal_failure_without_a_next_try_ends_it(tmp_path: Path, capsys: pytest.CaptureFixture):
    leave(tmp_path, "FAILED", {"kind": "internal", "reason": "the node went away"})
    assert run(tmp_path, "--patience", "0.3") == 2
    assert capsys.readouterr().out.endswith("failed (internal): the node went away\n")


def test_a_marker_without_a_model_is_not_enough(tmp_path: Path):
    (tmp_path / "SUCCEEDED").write_text("{}")
    assert run(tmp_path, "--timeout", "0.2") == 3


def test_it_starts_fast_because_it_loads_next_to_nothing(tmp_path: Path):
    leave(tmp_path, "SUCCEEDED")
    code = (
        "import sys; from modelyard.workloads.serve import wait_for_result as w; "
        f"w.main(['--result', {str(tmp_path)!r}]); print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"pydantic", "yaml", "torch", "ray", "transformers"} & set(done.stdout.split())
