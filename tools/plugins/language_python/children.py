"""Child processes of the language host: none outlives the call, the engine, or the host that started it."""

import os
import signal
import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path

# After SIGINT a program may still finish its open calls to the engine.
_GRACE_SECONDS = 5.0


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
            list(command),
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
        """Interrupt `child` and all it started; kill what is left after the grace period."""
        if child.poll() is not None:
            return
        _signal_group(child, signal.SIGINT)
        try:
            child.wait(_GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            _signal_group(child, signal.SIGKILL)

    def end_all(self) -> None:
        """End every child that still runs."""
        with self._lock:
            running = list(self._running)
        for child in running:
            self.end(child)


def _signal_group(child: subprocess.Popen[bytes], number: signal.Signals) -> None:
    try:
        os.killpg(child.pid, number)
    except ProcessLookupError:
        return
