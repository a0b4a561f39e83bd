"""Child processes of the language host: none outlives the call, the engine, or the host that started it."""

import contextlib
import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path


def _ends_with_parent() -> list[str]:
    """A prefix that lets the kernel end a child with its parent, even one that is killed; empty where there is none."""
    setpriv = shutil.which("setpriv")  # util-linux
    return [setpriv, "--pdeathsig", "KILL", "--"] if setpriv else []


class Children:
    """All running child processes, so that a cancelled call or a stopping host can end them."""

    def __init__(self) -> None:
        self._running: set[subprocess.Popen[bytes]] = set()
        self._lock = threading.Lock()

    def start(
        self, command: Sequence[str], *, cwd: Path, environment: dict[str, str], capture: bool
    ) -> subprocess.Popen[bytes]:
        """Start `command` in a process group of its own.

        Args:
            capture: give the caller pipes for the output; otherwise the child writes to the host's own output, which
                the engine shows.
        """
        stream = subprocess.PIPE if capture else None
        child = subprocess.Popen(
            [*_ends_with_parent(), *command],
            cwd=cwd,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
            start_new_session=True,
        )
        with self._lock:
            self._running.add(child)
        return child

    def finish(self, child: subprocess.Popen[bytes]) -> int:
        """Wait for `child` and return its exit code."""
        code = child.wait()
        with self._lock:
            self._running.discard(child)
        return code

    def end(self, child: subprocess.Popen[bytes]) -> None:
        """Kill `child` and all it started, if it still runs.

        A program is stopped when a resource has failed, or by Ctrl-C: it has nothing left to do, and an interrupt would
        only print a traceback below the real error. The official host kills as well.
        """
        if child.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)

    def end_all(self) -> None:
        """End every child that still runs."""
        with self._lock:
            running = list(self._running)
        for child in running:
            self.end(child)
