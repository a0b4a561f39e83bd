"""Checkpoints that survive kills at any moment, damaged files and a full disk.

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
class Checkpoint:
    """Checkpoint in memory: the number of steps before it, and the state of model, optimizer and scaler."""

    step: int
    state: dict[str, Any]


class CheckpointStore:
    """Checkpoints of one run, in one folder. Only one process may write; all may read."""

    def __init__(self, folder: Path, keep: int) -> None:
        self.folder = folder
        self.keep = keep

    def save(self, step: int, state: dict[str, Any]) -> Path:
        """Write the state after `step` steps, then remove all but the newest `keep` checkpoints.

        Raises:
            InternalError: it cannot be written, e.g. the disk is full; the older checkpoints are as they were.
        """
        target = self.folder / f"step-{step:08d}"
        partial = self.folder / f".partial-{step:08d}"
        try:
            self._remove_leftovers()
            partial.mkdir(parents=True)
            digest, size = _write_state(partial / "state.pt", state)
            _write_synced(
                partial / "manifest.json", json.dumps({"step": step, "sha256": digest, "bytes": size}).encode()
            )
            if target.exists():  # left by a run that fell back to an older checkpoint because this one was damaged
                target.rename(self.folder / f".old-{step:08d}")
            partial.rename(target)
            _sync_folder(self.folder)
        except (OSError, RuntimeError) as error:
            shutil.rmtree(partial, ignore_errors=True)
            raise InternalError(self._describe_write_error(step, error)) from error
        self._prune()
        return target

    def read_newest(self, device: torch.device | str = "cpu") -> Checkpoint | None:
        """Read the newest whole checkpoint, with a warning for each damaged one; None if there is none."""
        for step in sorted(self.list_steps(), reverse=True):
            folder = self.folder / f"step-{step:08d}"
            try:
                return Checkpoint(step, _read_state(folder, device))
            except _DamagedError as error:
                log.warning("checkpoint %s is damaged (%s); taking the one before it", folder, error)
        return None

    def list_steps(self) -> list[int]:
        """List the steps that have a checkpoint, whole or not, in rising order."""
        if not self.folder.is_dir():
            return []
        return sorted(int(found[1]) for entry in self.folder.iterdir() if (found := _NAME.fullmatch(entry.name)))

    def _prune(self) -> None:
        for step in self.list_steps()[: -self.keep]:
            shutil.rmtree(self.folder / f"step-{step:08d}", ignore_errors=True)
        self._remove_leftovers()

    def _remove_leftovers(self) -> None:
        """Remove the partial folders of writers that were killed."""
        for pattern in (".partial-*", ".old-*"):
            for entry in self.folder.glob(pattern):
                shutil.rmtree(entry, ignore_errors=True)

    def _describe_write_error(self, step: int, error: BaseException) -> str:
        steps = self.list_steps()
        last = f"the last good checkpoint, of step {steps[-1]}, is kept" if steps else "there is no earlier checkpoint"
        try:
            free = f"; {shutil.disk_usage(self.folder).free / 2**20:.0f} MiB are free there"
        except OSError:
            free = ""
        system_error = _find_system_error(error)
        reason = system_error.strerror if system_error else error
        return f"checkpoint of step {step} cannot be written to {self.folder}: {reason}{free}; {last}"


def _find_system_error(error: BaseException | None) -> OSError | None:
    """Return the operating system's error behind `error`, which torch wraps in its own; None if there is none."""
    while error is not None and not isinstance(error, OSError):
        error = error.__cause__ or error.__context__
    return error


class _DamagedError(Exception):
    """Checkpoint that cannot be used; the message says why."""


class _HashingStream:
    """File that keeps the checksum of its content. torch writes its archives front to back."""

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
        hashing_stream = _HashingStream(stream)
        torch.save(state, hashing_stream)  # type: ignore[arg-type]  # torch asks only for write and flush
        stream.flush()
        os.fsync(stream.fileno())
    return hashing_stream.digest.hexdigest(), hashing_stream.size


def _read_state(folder: Path, device: torch.device | str) -> dict[str, Any]:
    try:
        manifest = json.loads((folder / "manifest.json").read_text())
        with (folder / "state.pt").open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        if digest != manifest["sha256"]:
            raise _DamagedError("its checksum is not the one in its manifest")
        # weights_only: nothing in a file that others could write may run code here.
        return torch.load(folder / "state.pt", map_location=device, weights_only=True)
    except (OSError, EOFError, ValueError, KeyError, RuntimeError, pickle.UnpicklingError) as error:
        raise _DamagedError(f"{type(error).__name__}: {error}") from error


def _write_synced(file: Path, content: bytes) -> None:
    with file.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _sync_folder(folder: Path) -> None:
    """Make a rename in `folder` survive a power cut; some network file systems refuse, and do not need it."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError:
        log.debug("%s cannot be synced", folder)
    finally:
        os.close(descriptor)
