"""Child processes of the language host: none outlives the call, the engine, or the host that started it."""

import contextlib
import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path


def _end_with_parent() -> list[str]:
    """Return a command prefix by which the kernel ends a child with its parent, even a killed one."""
    setpriv = shutil.which("setpriv")  # util-linux
    return [setpriv, "--pdeathsig", "KILL", "--"] if setpriv else []


class Children:
    """Running child processes, which a cancelled call or a stopping host ends."""

    def __init__(self) -> None:
        self._running: set[subprocess.Popen[bytes]] = set()
        self._lock = threading.Lock()

    def start(
        self, command: Sequence[str], *, cwd: Path, environment: dict[str, str], capture: bool
    ) -> subprocess.Popen[bytes]:
        """Start `command` in a process group of its own.

        Args:
            capture: open pipes for the output; otherwise the child writes to the host's own output, which the engine
                shows.
        """
        stream = subprocess.PIPE if capture else None
        child = subprocess.Popen(
            [*_end_with_parent(), *command],
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
        """Kill `child` and its descendants, if it still runs.

        A program is stopped after a failed resource, or by Ctrl-C. Its work is over by then, and an interrupt would
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
