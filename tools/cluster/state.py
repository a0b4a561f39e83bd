"""Where an instance keeps its files: one folder, readable by root only.

```
<state root>/                 $MODELYARD_STATE or /var/lib/modelyard, 0700
  .lock                       taken while a number is given out, and while host-wide settings change
  <instance>/                 0700
    instance.json             number and wishes (GPUs, KWOK nodes)
    kubeconfig                admin access, 0600
    pki/ credentials/         keys, certificates, kubeconfigs of the components
    config/                   what the components read
    run/                      pid files
    logs/                     one file per component
    containerd/               socket, images, container state
    etcd/ kubelet/ cni/ varlog/
    volumes/                  host paths of the workspaces
```
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.cluster.addresses import HIGHEST_NUMBER
from tools.cluster.errors import ClusterError

FIRST_INSTANCE = "local"
"""The instance of `make up`; number 0 is kept for it."""

LONGEST_SOCKET_PATH = 104
"""Bytes in the path of a socket of containerd, which ends at its start on a longer one (`sys/socket_unix.go` of
containerd 1.6; the kernel would take 107)."""


@dataclass(frozen=True)
class StateFolder:
    """Paths of one instance. Nothing is created by asking for a path."""

    root: Path
    instance: str

    @property
    def path(self) -> Path:
        """The instance's folder."""
        return self.root / self.instance

    @property
    def record(self) -> Path:
        """File with the number and the wishes."""
        return self.path / "instance.json"

    @property
    def kubeconfig(self) -> Path:
        """Admin kubeconfig with its certificates inside."""
        return self.path / "kubeconfig"

    @property
    def containerd_socket(self) -> Path:
        """containerd's socket; root only."""
        return self.path / "containerd" / "containerd.sock"

    @property
    def containerd_shim_socket(self) -> Path:
        """Where containerd's shims report to it; the longest path of a socket of ours."""
        return self.path / "containerd" / "containerd.ttrpc.sock"

    @property
    def volumes(self) -> Path:
        """Folder for host-path volumes."""
        return self.path / "volumes"

    def folder(self, *parts: str) -> Path:
        """Return a path below the instance's folder."""
        return self.path.joinpath(*parts)

    def create(self) -> None:
        """Create the folders; existing ones get their mode back."""
        self.root.mkdir(parents=True, exist_ok=True)
        folders = (
            "pki",
            "credentials",
            "config",
            "config/cni",
            "run",
            "logs",
            "containerd",
            "etcd",
            "kubelet",
            "cni",
            "varlog",
        )
        for folder in (self.root, self.path, *(self.folder(name) for name in folders)):
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(0o700)
        # Pods of any user enter their own volume below; the 0700 parents keep other users of the host out.
        self.volumes.mkdir(exist_ok=True)
        self.volumes.chmod(0o755)

    def read(self) -> dict[str, Any]:
        """Return the record, empty where the instance was never brought up or its record is unreadable."""
        try:
            value = json.loads(self.record.read_text())
        except (FileNotFoundError, NotADirectoryError, ValueError):
            return {}
        return value if isinstance(value, dict) else {}

    def write(self, **values: Any) -> None:
        """Change keys of the record; the others stay."""
        write_private(self.record, json.dumps(self.read() | values, indent=2, sort_keys=True) + "\n")

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the instance: one `up` or `down` at a time.

        Raises:
            ClusterError: another one holds it.
        """
        with _lock_file(self.root / f".{self.instance}.lock", wait=False) as held:
            if not held:
                raise ClusterError(
                    f"instance {self.instance!r} is being brought up or down by another process; wait for it to finish"
                )
            yield


@contextlib.contextmanager
def root_locked(root: Path) -> Iterator[None]:
    """Hold the state root, for the moments in which something all instances share is changed."""
    with _lock_file(root / ".lock", wait=True):
        yield


def allocate_number(folder: StateFolder, usable: Callable[[int], bool] = lambda _number: True) -> int:
    """Return the instance's number, giving out the lowest free one at first use. Call with the root locked.

    A number whose addresses the host uses otherwise (`usable` is false) is passed over, so long as another is usable.

    Raises:
        ClusterError: all numbers are given out.
    """
    recorded = folder.read().get("number")
    if isinstance(recorded, int):
        return recorded
    if folder.instance == FIRST_INSTANCE:
        return 0
    taken = set(numbers(folder.root).values())
    free = [number for number in range(1, HIGHEST_NUMBER + 1) if number not in taken]
    if free:
        # Where none is usable the first one's refusal tells why.
        return next(filter(usable, free), free[0])
    raise ClusterError(
        f"all {HIGHEST_NUMBER} instance numbers are taken: `python -m tools.cluster down --instance NAME` one of "
        + ", ".join(sorted(numbers(folder.root)))
    )


def numbers(root: Path) -> dict[str, int]:
    """Return the number of every instance that has a record under the root."""
    found: dict[str, int] = {}
    for record in sorted(root.glob("*/instance.json")):
        number = StateFolder(root, record.parent.name).read().get("number")
        if isinstance(number, int):
            found[record.parent.name] = number
    return found


def write_private(path: Path, content: str | bytes) -> bool:
    """Write a file that only its owner reads (0600), whole or not at all; return whether the content is new."""
    data = content.encode() if isinstance(content, str) else content
    with contextlib.suppress(FileNotFoundError):
        if path.read_bytes() == data:
            path.chmod(0o600)
            return False
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(data)
    part.replace(path)
    return True


@contextlib.contextmanager
def _lock_file(path: Path, *, wait: bool) -> Iterator[bool]:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # O_CLOEXEC is Python's default, so no daemon inherits the lock.
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
            return
        yield True
    finally:
        os.close(descriptor)
