"""Background process with a pid file that cannot mean another process.

The pid file records the process's start time (clock ticks since boot, proc(5)) and its boot, so that a pid which the
kernel has given to another process is neither trusted nor killed. It also records a fingerprint of the command: an
`up` with other arguments, other configuration files or another binary replaces the process.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.cluster.command import SYSTEM_PATH
from tools.cluster.errors import ClusterError
from tools.cluster.state import write_private

LARGEST_LOG_BYTES = 32 * 1024 * 1024
"""Size above which a log is set aside (one generation) when its process starts."""


@dataclass(frozen=True)
class Identity:
    """Unique identity of a process: pid, start time and boot."""

    pid: int
    start_ticks: int
    boot: str

    def alive(self) -> bool:
        """Tell whether this process still runs (a zombie does not)."""
        return identity(self.pid) == self


@dataclass(frozen=True)
class Command:
    """Command of a component: its argv, and the files that it reads once at start."""

    name: str
    argv: tuple[str, ...]
    inputs: tuple[Path, ...] = ()

    def fingerprint(self) -> str:
        """Return a digest of arguments, inputs and binary; a change of any restarts the component."""
        digest = hashlib.sha256(json.dumps(self.argv).encode())
        binary = Path(self.argv[0]).resolve()
        with contextlib.suppress(FileNotFoundError):
            details = binary.stat()
            digest.update(f"{binary} {details.st_size} {details.st_mtime_ns}".encode())
        for path in self.inputs:
            digest.update(path.read_bytes())
        return digest.hexdigest()


@dataclass(frozen=True)
class Daemon:
    """Process of a component, with its pid file and its log."""

    name: str
    pid_file: Path
    log: Path

    def running(self) -> Identity | None:
        """Return the process of the pid file, or None if it has ended."""
        recorded = self._read_pid_file()
        return recorded[0] if recorded and recorded[0].alive() else None

    def up_to_date(self, command: Command) -> bool:
        """Tell whether the running process was started from exactly this command."""
        recorded = self._read_pid_file()
        return bool(recorded and recorded[0].alive() and recorded[1] == command.fingerprint())

    def start(self, command: Command, wrap: Callable[[Sequence[str]], list[str]]) -> Identity:
        """Start the command in a session of its own; `wrap` puts it into the namespaces.

        The environment is a search path and a home only: no proxy setting and no secret of the caller.
        """
        if self.log.exists() and self.log.stat().st_size > LARGEST_LOG_BYTES:
            self.log.replace(self.log.with_suffix(".log.1"))
        descriptor = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            process = subprocess.Popen(
                wrap(command.argv),
                stdin=subprocess.DEVNULL,
                stdout=descriptor,
                stderr=descriptor,
                start_new_session=True,
                cwd="/",
                env={"PATH": SYSTEM_PATH, "HOME": "/root", "LC_ALL": "C.UTF-8"},
            )
        finally:
            os.close(descriptor)
        _remember(process)
        started = identity(process.pid)
        if started is None:
            raise ClusterError(f"{self.name} ended at once: {self.last_words()}")
        write_private(
            self.pid_file,
            json.dumps(
                {
                    "pid": started.pid,
                    "start_ticks": started.start_ticks,
                    "boot": started.boot,
                    "fingerprint": command.fingerprint(),
                }
            ),
        )
        return started

    def stop(self, timeout_seconds: float = 10) -> None:
        """End the process by SIGTERM, then SIGKILL. A process of another owner is left alone."""
        running = self.running()
        if running:
            stop([running], timeout_seconds)
        self.pid_file.unlink(missing_ok=True)

    def last_words(self, lines: int = 4) -> str:
        """Return the end of the log in one line, for an error message."""
        with contextlib.suppress(OSError):
            tail = self.log.read_text(errors="replace").splitlines()[-lines:]
            return " | ".join(line[-300:] for line in tail) or "its log is empty"
        return "it has no log"

    def _read_pid_file(self) -> tuple[Identity, str] | None:
        try:
            value = json.loads(self.pid_file.read_text())
            return Identity(int(value["pid"]), int(value["start_ticks"]), str(value["boot"])), str(value["fingerprint"])
        except (OSError, ValueError, KeyError, TypeError):
            return None


def identity(pid: int) -> Identity | None:
    """Return the identity of a running process, or None if there is none or it is a zombie."""
    try:
        # The second field is the name in parentheses and may hold blanks; the fields counted below follow it.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    if fields[0] in {"Z", "X"}:
        return None
    return Identity(pid, int(fields[19]), Path("/proc/sys/kernel/random/boot_id").read_text().strip())


def stop(processes: Sequence[Identity], timeout_seconds: float) -> None:
    """Send SIGTERM, wait, then send SIGKILL to the rest, and wait until all have ended."""
    for number, patience in ((signal.SIGTERM, timeout_seconds), (signal.SIGKILL, 10.0)):
        for process in processes:
            if process.alive():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process.pid, number)
        deadline = time.monotonic() + patience
        while any(process.alive() for process in processes):
            if time.monotonic() > deadline:
                break
            time.sleep(0.02)
        else:
            return


_children: list[subprocess.Popen[bytes]] = []
"""Daemons that this process started. They outlive it by design; while it lives, it collects those that ended."""


def _remember(process: subprocess.Popen[bytes]) -> None:
    _children[:] = [child for child in _children if child.poll() is None]
    _children.append(process)
