"""Files of an instance, in one folder that only root reads.

```
<state root>/                 $MODELYARD_STATE or /var/lib/modelyard, 0700
  .lock                       taken while a number is given out, and while host-wide settings change
  <instance>/                 0700
    instance.json             number and settings (GPUs, KWOK nodes)
    kubeconfig                admin access, 0600
    pki/ credentials/         keys, certificates, kubeconfigs of the components
    config/                   configuration of the components
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
"""Instance of `make up`; number 0 is reserved for it."""

LONGEST_SOCKET_PATH = 104
"""Longest path of a containerd socket in bytes; containerd ends at its start on a longer one (`sys/socket_unix.go` of
containerd 1.6; the kernel would take 107)."""


@dataclass(frozen=True)
class StateFolder:
    """Paths of one instance. Only `create` and `write` create files."""

    root: Path
    instance: str

    @property
    def path(self) -> Path:
        """Folder of the instance."""
        return self.root / self.instance

    @property
    def record(self) -> Path:
        """File with the number and the settings."""
        return self.path / "instance.json"

    @property
    def kubeconfig(self) -> Path:
        """Admin kubeconfig with its certificates inside."""
        return self.path / "kubeconfig"

    @property
    def containerd_socket(self) -> Path:
        """Socket of containerd; root only."""
        return self.path / "containerd" / "containerd.sock"

    @property
    def containerd_shim_socket(self) -> Path:
        """Socket through which containerd's shims report to it; the longest path of our sockets."""
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
        """Read the record, empty where the instance was never brought up or its record is unreadable."""
        try:
            value = json.loads(self.record.read_text())
        except (FileNotFoundError, NotADirectoryError, ValueError):
            return {}
        return value if isinstance(value, dict) else {}

    def write(self, **values: Any) -> None:
        """Change keys of the record; the others keep their values."""
        write_private(self.record, json.dumps(self.read() | values, indent=2, sort_keys=True) + "\n")

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Lock the instance: one `up` or `down` at a time.

        Raises:
            ClusterError: another process has the lock.
        """
        with _lock_file(self.root / f".{self.instance}.lock", wait=False) as is_locked:
            if not is_locked:
                raise ClusterError(
                    f"instance {self.instance!r} is being brought up or down by another process; wait for it to finish"
                )
            yield


@contextlib.contextmanager
def lock_root(root: Path) -> Iterator[None]:
    """Lock the state root, for a change of something that all instances share."""
    with _lock_file(root / ".lock", wait=True):
        yield


def allocate_number(folder: StateFolder, is_free: Callable[[int], bool] = lambda _number: True) -> int:
    """Return the instance's number, allocating the lowest free one at first use. Call this with the root locked.

    A number whose addresses the host uses otherwise (`is_free` is false) is skipped, as long as another is free.

    Raises:
        ClusterError: all numbers are allocated.
    """
    recorded = folder.read().get("number")
    if isinstance(recorded, int):
        return recorded
    if folder.instance == FIRST_INSTANCE:
        return 0
    taken = set(numbers(folder.root).values())
    free = [number for number in range(1, HIGHEST_NUMBER + 1) if number not in taken]
    if free:
        # Without any free range the first number's refusal names the conflict.
        return next(filter(is_free, free), free[0])
    raise ClusterError(
        f"all {HIGHEST_NUMBER} instance numbers are taken: run `python -m tools.cluster down --instance NAME` "
        "for one of " + ", ".join(sorted(numbers(folder.root)))
    )


def numbers(root: Path) -> dict[str, int]:
    """Return the number of every instance that has a record under the root."""
    by_instance: dict[str, int] = {}
    for record in sorted(root.glob("*/instance.json")):
        number = StateFolder(root, record.parent.name).read().get("number")
        if isinstance(number, int):
            by_instance[record.parent.name] = number
    return by_instance


def write_private(path: Path, content: str | bytes) -> bool:
    """Write a file that only its owner can read (0600), in one step; return whether the content changed."""
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
