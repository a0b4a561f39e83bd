"""Checkpoints: whole or not there, whatever happens to the writer or the file."""

import logging
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from modelyard.workloads.failure import InternalError
from modelyard.workloads.fine_tune.checkpoint import CheckpointStore

pytestmark = pytest.mark.workloads


def state(number: float, size: int = 100) -> dict:
    return {"model": {"weight": torch.full((size,), float(number))}, "scaler": {}}


@pytest.fixture
def store(tmp_path: Path) -> CheckpointStore:
    return CheckpointStore(tmp_path / "checkpoints", keep=2)


def test_the_newest_is_read_and_only_so_many_are_kept(store: CheckpointStore):
    assert store.read_newest() is None
    for step in (5, 10, 15):
        store.save(step, state(step))
    assert store.list_steps() == [10, 15]
    checkpoint = store.read_newest()
    assert checkpoint is not None
    assert checkpoint.step == 15
    assert checkpoint.state["model"]["weight"].tolist() == [15.0] * 100


@pytest.mark.parametrize("damage", ["truncated", "flipped", "emptied", "no manifest", "manifest is half", "removed"])
def test_a_damaged_one_is_passed_over_with_a_warning(
    store: CheckpointStore, damage: str, caplog: pytest.LogCaptureFixture
):
    for step in (5, 10):
        store.save(step, state(step))
    folder = store.folder / "step-00000010"
    file, manifest = folder / "state.pt", folder / "manifest.json"
    content = file.read_bytes()
    match damage:
        case "truncated":
            file.write_bytes(content[: len(content) // 2])
        case "flipped":
            middle = len(content) // 2
            file.write_bytes(content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :])
        case "emptied":
            file.write_bytes(b"")
        case "no manifest":
            manifest.unlink()
        case "manifest is half":
            manifest.write_text(manifest.read_text()[:10])
        case "removed":
            file.unlink()
    with caplog.at_level(logging.WARNING):
        checkpoint = store.read_newest()
    assert checkpoint is not None
    assert checkpoint.step == 5
    assert f"checkpoint {folder} is damaged" in caplog.text
    # The run goes on from 5, comes to 10 again, and puts a good one in the place of the damaged one.
    store.save(10, state(10.5))
    again = store.read_newest()
    assert again is not None
    assert (again.step, again.state["model"]["weight"][0].item()) == (10, 10.5)
    assert sorted(entry.name for entry in store.folder.iterdir()) == ["step-00000005", "step-00000010"]


def test_if_all_are_damaged_there_is_none(store: CheckpointStore):
    store.save(5, state(5))
    (store.folder / "step-00000005/state.pt").write_bytes(b"x")
    assert store.read_newest() is None


def test_what_a_killed_writer_left_is_neither_read_nor_kept(store: CheckpointStore):
    store.save(5, state(5))
    partial = store.folder / ".partial-00000010"
    partial.mkdir()
    (partial / "state.pt").write_bytes(b"half")
    checkpoint = store.read_newest()
    assert checkpoint is not None
    assert checkpoint.step == 5
    store.save(15, state(15))
    assert not partial.exists()


def test_a_checkpoint_cannot_run_code(store: CheckpointStore, tmp_path: Path):
    class Evil:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "ran"),)

    store.save(5, state(5))
    store.save(10, {"model": Evil()})
    checkpoint = store.read_newest()
    assert checkpoint is not None
    assert checkpoint.step == 5
    assert not (tmp_path / "ran").exists()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    if os.geteuid() != 0:
        pytest.skip("mounting a small file system needs root")
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)], capture_output=True, text=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"mounting is not allowed here: {mounted.stderr.strip()}")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_full_disk_is_said_and_the_last_good_checkpoint_stays(small_disk: Path):
    store = CheckpointStore(small_disk / "checkpoints", keep=2)
    store.save(5, state(5, size=100_000))
    store.save(10, state(10, size=100_000))
    said = r"step 15 cannot be written to .*: No space left on device; .*MiB are free there; the last good.* of step 10"
    with pytest.raises(InternalError, match=said):
        store.save(15, state(15, size=100_000))
    checkpoint = store.read_newest()
    assert checkpoint is not None
    assert checkpoint.step == 10
    assert sorted(entry.name for entry in store.folder.iterdir()) == ["step-00000005", "step-00000010"]
