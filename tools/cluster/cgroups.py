"""Control groups under which the kubelet puts an instance's pods: /modelyard/<instance> in every hierarchy.

Works with version 1 (one hierarchy per controller) and version 2 (one for all). By a parent group of its own, `down`
finds and ends every process of every pod.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from pathlib import Path

ROOT = Path("/sys/fs/cgroup")
PARENT = "modelyard"


def parent(instance: str) -> str:
    """Return the group's path for the kubelet's `cgroupRoot`."""
    return f"/{PARENT}/{instance}"


def is_version_2(root: Path = ROOT) -> bool:
    """Tell whether the host has the unified hierarchy only."""
    return (root / "cgroup.controllers").exists()


def hierarchies(root: Path = ROOT) -> list[Path]:
    """Return the root of every hierarchy: one for version 2, one per controller for version 1."""
    if is_version_2(root):
        return [root]
    return sorted({path.resolve() for path in root.iterdir() if (path / "cgroup.procs").exists()})


def ensure(instance: str, root: Path = ROOT) -> None:
    """Create the instance's group in every hierarchy, and delegate the controllers to its children."""
    for hierarchy in hierarchies(root):
        above = hierarchy
        for name in (PARENT, instance):
            group = above / name
            group.mkdir(exist_ok=True)
            if is_version_2(root):
                _delegate(above)
                _delegate(group)
            # A cpuset group of version 1 starts without any CPU or memory node, and then takes no process.
            for setting in ("cpuset.cpus", "cpuset.mems"):
                with contextlib.suppress(OSError):
                    if (group / setting).exists() and not (group / setting).read_text().strip():
                        (group / setting).write_text((above / setting).read_text())
            above = group


def processes(instance: str, root: Path = ROOT) -> set[int]:
    """Return every process in the instance's groups."""
    pids: set[int] = set()
    for hierarchy in hierarchies(root):
        for group in _groups(hierarchy / PARENT / instance):
            with contextlib.suppress(OSError):
                pids |= {int(line) for line in (group / "cgroup.procs").read_text().split()}
    return pids


def remove(instance: str, root: Path = ROOT, timeout_seconds: float = 10) -> None:
    """End the remaining processes of the groups and remove the groups, deepest first.

    The kernel holds a group for a moment after its processes have ended, hence the retries.
    """
    deadline = time.monotonic() + timeout_seconds
    while True:
        for pid in processes(instance, root):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        remains = False
        for hierarchy in hierarchies(root):
            for group in reversed(_groups(hierarchy / PARENT / instance)):
                with contextlib.suppress(FileNotFoundError):
                    try:
                        group.rmdir()
                    except OSError:
                        remains = True
            with contextlib.suppress(OSError):  # other instances' groups are in it, or it is gone
                (hierarchy / PARENT).rmdir()
        if not remains or time.monotonic() > deadline:
            return
        time.sleep(0.1)


def _groups(top: Path) -> list[Path]:
    """Return the group and all below it, parents first."""
    return [Path(folder) for folder, _, _ in os.walk(top)]


def _delegate(group: Path) -> None:
    for controller in (group / "cgroup.controllers").read_text().split():
        with contextlib.suppress(OSError):  # a controller the kernel does not hand down is not needed below
            (group / "cgroup.subtree_control").write_text(f"+{controller}")
