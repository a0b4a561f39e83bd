"""Checkpoints that survive what happens to pods: kills at any moment, damaged files, a full disk.

A checkpoint is a folder ``step-00000100`` with the state and a manifest of its checksum. It is written under another
name, flushed to the disk, and only then renamed, so that a folder of that name is always whole; still its checksum is
compared before it is used. The last good checkpoint is removed only after a newer one is in place, so the disk must
hold one more than `keep`.
"""

import hashlib
import json
import logging
import os
import pickle
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import torch
from modelyard.workloads.failure import InternalError

log = logging.getLogger(__name__)

_NAME = re.compile(r"step-(\d{8,})")


@dataclass(frozen=True)
class Restored:
    """A checkpoint that was read: after how many steps it was taken, and the state."""

    step: int
    state: dict[str, Any]


class CheckpointStore:
    """The checkpoints of one run, in one folder. Only one process may write; all may read."""

    def __init__(self, folder: Path, keep: int) -> None:
        self.folder = folder
        self.keep = keep

    def save(self, step: int, state: dict[str, Any]) -> Path:
        """Writes the state after `step` steps, then drops all but the newest `keep` checkpoints.

        Raises:
            InternalError: it cannot be written, e.g. the disk is full; the older checkpoints are as they were.
        """
        target = self.folder / f"step-{step:08d}"
        partial = self.folder / f".partial-{step:08d}"
        try:
            self._remove_left_overs()
            partial.mkdir(parents=True)
            digest, size = _write_state(partial / "state.pt", state)
            _write_synced(
                partial / "manifest.json", json.dumps({"step": step, "sha256": digest, "bytes": size}).encode()
            )
            if target.exists():  # left by a run that fell back to an older checkpoint because this one was damaged
                target.rename(self.folder / f".old-{step:08d}")
            partial.rename(target)
            _sync_folder(self.folder)
        except (OSError, RuntimeError) as wrong:
            shutil.rmtree(partial, ignore_errors=True)
            raise InternalError(self._cannot_write(step, wrong)) from wrong
        self._prune()
        return target

    def newest(self, device: torch.device | str = "cpu") -> Restored | None:
        """The newest checkpoint that is whole; damaged ones are passed over with a warning. None if there is none."""
        for step in sorted(self.steps(), reverse=True):
            folder = self.folder / f"step-{step:08d}"
            try:
                return Restored(step, _read_state(folder, device))
            except _DamagedError as damaged:
                log.warning("checkpoint %s is damaged (%s); taking the one before it", folder, damaged)
        return None

    def steps(self) -> list[int]:
        """The steps of which there is a checkpoint, whole or not, in rising order."""
        if not self.folder.is_dir():
            return []
        return sorted(int(found[1]) for entry in self.folder.iterdir() if (found := _NAME.fullmatch(entry.name)))

    def _prune(self) -> None:
        for step in self.steps()[: -self.keep]:
            shutil.rmtree(self.folder / f"step-{step:08d}", ignore_errors=True)
        self._remove_left_overs()

    def _remove_left_overs(self) -> None:
        """What writers that were killed have left."""
        for pattern in (".partial-*", ".old-*"):
            for entry in self.folder.glob(pattern):
                shutil.rmtree(entry, ignore_errors=True)

    def _cannot_write(self, step: int, wrong: BaseException) -> str:
        good = self.steps()
        last = f"the last good checkpoint, of step {good[-1]}, is kept" if good else "there is no earlier checkpoint"
        try:
            free = f"; {shutil.disk_usage(self.folder).free / 2**20:.0f} MiB are free there"
        except OSError:
            free = ""
        system = _system_error(wrong)
        reason = system.strerror if system else wrong
        return f"checkpoint of step {step} cannot be written to {self.folder}: {reason}{free}; {last}"


def _system_error(wrong: BaseException | None) -> OSError | None:
    """The error of the operating system behind `wrong`; torch puts its own complaint on top of it."""
    while wrong is not None and not isinstance(wrong, OSError):
        wrong = wrong.__cause__ or wrong.__context__
    return wrong


class _DamagedError(Exception):
    """A checkpoint that cannot be used; the message says why."""


class _Hashed:
    """A file that keeps the checksum of what is written to it. torch writes its archives front to back."""

    def __init__(self, stream: BinaryIO) -> None:
        self.stream = stream
        self.digest = hashlib.sha256()
        self.size = 0

    def write(self, data: Any) -> int:
        self.digest.update(data)
        view = memoryview(data)
        self.size += view.nbytes
        return self.stream.write(view)

    def flush(self) -> None:
        self.stream.flush()


def _write_state(file: Path, state: dict[str, Any]) -> tuple[str, int]:
    with file.open("wb") as stream:
        hashed = _Hashed(stream)
        torch.save(state, hashed)  # type: ignore[arg-type]  # torch asks only for write and flush
        stream.flush()
        os.fsync(stream.fileno())
    return hashed.digest.hexdigest(), hashed.size


def _read_state(folder: Path, device: torch.device | str) -> dict[str, Any]:
    try:
        manifest = json.loads((folder / "manifest.json").read_text())
        with (folder / "state.pt").open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        if digest != manifest["sha256"]:
            raise _DamagedError("its checksum is not the one in its manifest")
        # weights_only: nothing in a file that others could write may run code here.
        return torch.load(folder / "state.pt", map_location=device, weights_only=True)
    except (OSError, EOFError, ValueError, KeyError, RuntimeError, pickle.UnpicklingError) as wrong:
        raise _DamagedError(f"{type(wrong).__name__}: {wrong}") from wrong


def _write_synced(file: Path, content: bytes) -> None:
    with file.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _sync_folder(folder: Path) -> None:
    """Makes a rename in `folder` survive a power cut; some network file systems refuse, and need it not."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError:
        log.debug("%s cannot be synced", folder)
    finally:
        os.close(descriptor)
