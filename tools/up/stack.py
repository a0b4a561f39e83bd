"""Pulumi on one environment's workspace: the command line, with its event log read for progress.

The Automation API is not used: it passes secret configuration values in argv, where `ps` shows them.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tools.plugins import environment as plugin_environment
from tools.setup.locations import BIN, CHECKOUT
from tools.up.workspace import Workspace

#: Longest wait for an update that another command started; after it the person is told. Seconds.
OTHER_UPDATE = 600.0

#: Deployment event as Pulumi's event log writes it, one JSON object a line.
Event = dict[str, Any]


class PulumiFailedError(Exception):
    """A Pulumi command ended with an error; the text is its message."""


@dataclass
class Outcome:
    """Result of an update."""

    changes: dict[str, int] = field(default_factory=dict)
    """Resources by operation: `same`, `create`, `update`, `replace`, `delete`."""
    seconds: float = 0.0

    @property
    def resources(self) -> int:
        """Count of resources in the stack after the update."""
        return sum(count for operation, count in self.changes.items() if operation != "delete")

    @property
    def changed(self) -> int:
        """Count of resources that the update touched."""
        return sum(count for operation, count in self.changes.items() if operation != "same")


class Stack:
    """Pulumi stack of one environment."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace

    def variables(self) -> dict[str, str]:
        """Build the process environment for Pulumi; it has the passphrase's file, never the passphrase."""
        offline = plugin_environment(
            backend_url=f"file://{self.workspace.state}", passphrase_file=self.workspace.passphrase
        )
        return {**os.environ, **offline}

    def select(self) -> None:
        """Select the stack, and create it first if it does not exist."""
        self._run("stack", "select", "--create", self.workspace.environment)

    def set_secret(self, key: str, value: str) -> None:
        """Store `value` encrypted under `key`; it reaches Pulumi on standard input, so that `ps` never shows it."""
        self._run("config", "set", "--secret", key, standard_input=value)

    def set_path(self, path: str, value: str) -> None:
        """Override one value inside the environment, as `pulumi config set --path` does."""
        self._run("config", "set", "--path", path, value)

    def outputs(self) -> dict[str, Any]:
        """Read the stack's outputs; secret ones are masked."""
        return json.loads(self._run("stack", "output", "--json"))

    def up(self, observe: Callable[[Event], None]) -> Outcome:
        """Bring the stack to the state that the environment describes, checked by the policies.

        A preview runs first, because rules about the whole stack must refuse before anything is created. It is a
        command of its own, because `pulumi up` with a preview writes both event logs into the same file.
        """
        self.preview(observe)
        return self._update("up", observe, "--yes", "--skip-preview", *self._policies())

    def preview(self, observe: Callable[[Event], None]) -> Outcome:
        """Compute the changes of an `up`, checked by the policies."""
        return self._update("preview", observe, *self._policies())

    def destroy(self, observe: Callable[[Event], None]) -> Outcome:
        """Remove everything in the stack.

        A preview runs first: Pulumi 3.259 refuses a destroy that meets a protected resource while it plans. Once it
        executes, it skips that resource and forgets the resources that were to be deleted with it
        (pkg/resource/deploy/step_executor.go).

        Raises:
            PulumiFailedError: a resource is protected, and nothing was removed; or the removal failed.
        """
        self._update("destroy", observe, "--preview-only")
        return self._update("destroy", observe, "--yes", "--skip-preview")

    def wait_for_other_update(self, say: Callable[[str], None]) -> None:
        """Wait for an update of this stack that a killed command left running; remove the lock of a dead one.

        Raises:
            PulumiFailedError: the update did not end in time; the text names its process.
        """
        give_up = time.monotonic() + OTHER_UPDATE
        for file in (self.workspace.state / ".pulumi" / "locks").rglob("*.json"):
            holder = _read_lock(file)
            while holder and _is_running(holder["pid"]):
                if time.monotonic() > give_up:
                    raise PulumiFailedError(
                        f"stack {self.workspace.environment}: process {holder['pid']} has been updating it since "
                        f"{holder['timestamp']}; wait for it to end, or end it, then run the same command again"
                    )
                say(f"waiting for an update that process {holder['pid']} is still running")
                time.sleep(1)
                holder = _read_lock(file)
            file.unlink(missing_ok=True)

    def _policies(self) -> list[str]:
        configuration = str(self.workspace.policy_configuration)
        return ["--policy-pack", str(CHECKOUT / "policies"), "--policy-pack-config", configuration]

    def _run(self, *arguments: str, standard_input: str = "") -> str:
        command = [str(BIN / "pulumi"), *arguments, "--non-interactive", "--cwd", str(self.workspace.folder)]
        if arguments[:2] != ("stack", "select"):
            command += ["--stack", self.workspace.environment]
        result = subprocess.run(
            command, input=standard_input, capture_output=True, text=True, env=self.variables(), check=False
        )
        if result.returncode != 0:
            raise PulumiFailedError(result.stderr.strip() or result.stdout.strip())
        return result.stdout

    def _update(self, verb: str, observe: Callable[[Event], None], *options: str) -> Outcome:
        began = time.monotonic()
        outcome = Outcome()
        messages: list[str] = []
        with tempfile.TemporaryDirectory() as folder:
            log = Path(folder) / "events"
            log.touch()
            command = [str(BIN / "pulumi"), verb, *options, "--non-interactive", "--stack", self.workspace.environment]
            command += ["--cwd", str(self.workspace.folder), "--event-log", str(log), "--color", "never"]
            process = subprocess.Popen(
                command,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                env=self.variables(),
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
            output: list[str] = []
            reader = threading.Thread(target=lambda: output.extend(process.stdout or ()), daemon=True)
            reader.start()
            try:
                for event in _follow(log, process):
                    _record(event, outcome, messages)
                    observe(event)
            except KeyboardInterrupt:
                # One signal, to Pulumi alone: it finishes running operations and writes its state; then we stop.
                print("\n  stopping once the running operations end (Pulumi keeps its state) …", file=sys.stderr)
                process.send_signal(signal.SIGINT)
                process.wait()
                raise
            reader.join(timeout=10)
        outcome.seconds = time.monotonic() - began
        if process.returncode != 0:
            raise PulumiFailedError("\n".join(messages) or "".join(output[-40:]).strip())
        return outcome


def _read_lock(lock: Path) -> dict[str, Any] | None:
    """Read the process and time of a lock, or None when it has just been released."""
    try:
        return json.loads(lock.read_text())
    except (FileNotFoundError, ValueError):
        return None


def _is_running(pid: int) -> bool:
    """Tell whether `pid` is a Pulumi process: after a reboot the number may be another program's."""
    try:
        return "pulumi" in Path(f"/proc/{pid}/comm").read_text()
    except OSError:
        return False


def _follow(log: Path, process: subprocess.Popen[str]) -> Iterator[Event]:
    """Yield the events of `log` as they are written, until `process` has ended and the log is read."""
    with log.open() as lines:
        pending = ""
        while True:
            ended = process.poll() is not None
            while line := lines.readline():
                pending += line
                if pending.endswith("\n"):
                    yield json.loads(pending)
                    pending = ""
            if ended:
                return
            time.sleep(0.1)


def _record(event: Event, outcome: Outcome, messages: list[str]) -> None:
    if summary := event.get("summaryEvent"):
        outcome.changes = dict(summary.get("resourceChanges") or {})
    if (diagnostic := event.get("diagnosticEvent")) and diagnostic.get("severity") == "error":
        messages.append(_format_message(diagnostic))
    if (violation := event.get("policyEvent")) and violation.get("enforcementLevel") == "mandatory":
        messages.append(_format_message(violation))


def _format_message(event: Event) -> str:
    """Format a diagnostic or a policy violation as `resource: message`, without colour marks."""
    text = event.get("message", "").replace("<{%reset%}>", "").strip()
    name = event.get("resourceUrn", "").rpartition("::")[2]
    return f"{name}: {text}" if name else text
