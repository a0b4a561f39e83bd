"""Runs Pulumi on one environment's workspace: the command line itself, with its event log read for progress.

The command line and not the Automation API, because the API passes secret configuration values in argv, where `ps`
shows them.
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

#: How long an update that somebody else started may take before a person is asked to look. Seconds.
OTHER_UPDATE = 600.0

#: Deployment events as Pulumi's event log writes them, one JSON object a line.
Event = dict[str, Any]


class PulumiFailedError(Exception):
    """A Pulumi command ended with an error; the text is what it said."""


@dataclass
class Outcome:
    """What an update did."""

    changes: dict[str, int] = field(default_factory=dict)
    """Resources by operation: `same`, `create`, `update`, `replace`, `delete`."""
    seconds: float = 0.0

    @property
    def resources(self) -> int:
        """Resources in the stack afterwards."""
        return sum(count for operation, count in self.changes.items() if operation != "delete")

    @property
    def changed(self) -> int:
        """Resources that were touched."""
        return sum(count for operation, count in self.changes.items() if operation != "same")


class Stack:
    """The Pulumi stack of one environment."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace

    def variables(self) -> dict[str, str]:
        """The process environment for Pulumi; holds the passphrase's file, never the passphrase."""
        offline = plugin_environment(
            backend_url=f"file://{self.workspace.state}", passphrase_file=self.workspace.passphrase
        )
        return {**os.environ, **offline}

    def select(self) -> None:
        """Make the stack if it does not exist yet, and select it."""
        self._run("stack", "select", "--create", self.workspace.environment)

    def set_secret(self, key: str, value: str) -> None:
        """Store `value` encrypted under `key`; it reaches Pulumi on standard input, so that `ps` never shows it."""
        self._run("config", "set", "--secret", key, given=value)

    def set_path(self, path: str, value: str) -> None:
        """Override one value inside the environment, as `pulumi config set --path` does."""
        self._run("config", "set", "--path", path, value)

    def outputs(self) -> dict[str, Any]:
        """The stack's outputs; secret ones are masked."""
        return json.loads(self._run("stack", "output", "--json"))

    def up(self, observe: Callable[[Event], None]) -> Outcome:
        """Bring the stack to what the environment says, policies included.

        Previewed first, because rules about the stack as a whole must refuse before anything is created; as a command
        of its own, because one that does both writes its event log twice into the same file.
        """
        self.preview(observe)
        return self._update("up", observe, "--yes", "--skip-preview", *self._policies())

    def preview(self, observe: Callable[[Event], None]) -> Outcome:
        """Compute what `up` would do, policies included."""
        return self._update("preview", observe, *self._policies())

    def destroy(self, observe: Callable[[Event], None]) -> Outcome:
        """Remove everything in the stack.

        Previewed first: Pulumi 3.259 refuses a destroy that meets a protected resource while it plans; once it
        executes, it passes that resource by and forgets what was to be deleted with it
        (pkg/resource/deploy/step_executor.go).

        Raises:
            PulumiFailedError: something is protected, and nothing was removed; or removing failed.
        """
        self._update("destroy", observe, "--preview-only")
        return self._update("destroy", observe, "--yes", "--skip-preview")

    def wait_for_other_update(self, say: Callable[[str], None]) -> None:
        """Wait for an update of this stack that an earlier, killed command left running; remove the lock of a dead one.

        Raises:
            PulumiFailedError: it did not end in time; the text names its process.
        """
        give_up = time.monotonic() + OTHER_UPDATE
        for file in (self.workspace.state / ".pulumi" / "locks").rglob("*.json"):
            holder = _holder(file)
            while holder and _is_running(holder["pid"]):
                if time.monotonic() > give_up:
                    raise PulumiFailedError(
                        f"an update of stack {self.workspace.environment} is running, process {holder['pid']}, since "
                        f"{holder['timestamp']}; wait for it to end, or end it, and run the same command again"
                    )
                say(f"waiting for an update that process {holder['pid']} is still running")
                time.sleep(1)
                holder = _holder(file)
            file.unlink(missing_ok=True)

    def _policies(self) -> list[str]:
        configuration = str(self.workspace.policy_configuration)
        return ["--policy-pack", str(CHECKOUT / "policies"), "--policy-pack-config", configuration]

    def _run(self, *arguments: str, given: str | None = None) -> str:
        command = [str(BIN / "pulumi"), *arguments, "--non-interactive", "--cwd", str(self.workspace.folder)]
        if arguments[:2] != ("stack", "select"):
            command += ["--stack", self.workspace.environment]
        done = subprocess.run(
            command, input=given or "", capture_output=True, text=True, env=self.variables(), check=False
        )
        if done.returncode != 0:
            raise PulumiFailedError(done.stderr.strip() or done.stdout.strip())
        return done.stdout

    def _update(self, verb: str, observe: Callable[[Event], None], *options: str) -> Outcome:
        began = time.monotonic()
        outcome = Outcome()
        complaints: list[str] = []
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
            printed: list[str] = []
            reader = threading.Thread(target=lambda: printed.extend(process.stdout or ()), daemon=True)
            reader.start()
            try:
                for event in _follow(log, process):
                    _note(event, outcome, complaints)
                    observe(event)
            except KeyboardInterrupt:
                # Once, and to Pulumi alone: it finishes what is under way and writes its state, then we leave.
                print("\n  stopping after what is under way (Pulumi keeps its state) …", file=sys.stderr)
                process.send_signal(signal.SIGINT)
                process.wait()
                raise
            reader.join(timeout=10)
        outcome.seconds = time.monotonic() - began
        if process.returncode != 0:
            raise PulumiFailedError("\n".join(complaints) or "".join(printed[-40:]).strip())
        return outcome


def _holder(lock: Path) -> dict[str, Any] | None:
    """Who holds a lock, or None when it has just been given back."""
    try:
        return json.loads(lock.read_text())
    except (FileNotFoundError, ValueError):
        return None


def _is_running(pid: int) -> bool:
    """Whether `pid` is a Pulumi process: after a reboot the number may be another program's."""
    try:
        return "pulumi" in Path(f"/proc/{pid}/comm").read_text()
    except OSError:
        return False


def _follow(log: Path, process: subprocess.Popen[str]) -> Iterator[Event]:
    """The events of `log` as they are written, until `process` has ended and all was read."""
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


def _note(event: Event, outcome: Outcome, complaints: list[str]) -> None:
    if summary := event.get("summaryEvent"):
        outcome.changes = dict(summary.get("resourceChanges") or {})
    if (diagnostic := event.get("diagnosticEvent")) and diagnostic.get("severity") == "error":
        complaints.append(_with_resource(diagnostic))
    if (verdict := event.get("policyEvent")) and verdict.get("enforcementLevel") == "mandatory":
        complaints.append(_with_resource(verdict))


def _with_resource(said: Event) -> str:
    """A message with the resource it is about, without colour marks."""
    text = said.get("message", "").replace("<{%reset%}>", "").strip()
    name = said.get("resourceUrn", "").rpartition("::")[2]
    return f"{name}: {text}" if name else text
