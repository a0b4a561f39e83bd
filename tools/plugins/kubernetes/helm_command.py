"""Runs the `helm` executable. Nothing secret is in its arguments: values and passwords go through standard input."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tools.plugins.kubernetes.errors import CancelledError, ClusterError

# After SIGINT helm marks its release as failed before it ends; only then may it be killed.
_GRACE_SECONDS = 15.0
_TICK_SECONDS = 0.1


class HelmError(ClusterError):
    """Helm failed; the text is what it said."""


class Helm:
    """Helm for one cluster.

    Args:
        kubeconfig: makes the kubeconfig document; called when the first command runs.
        settings: HELM_* variables that the provider's configuration sets.
        cancelled: interrupts running commands when it is set.
    """

    def __init__(
        self, kubeconfig: Callable[[], dict[str, Any]], settings: dict[str, str], cancelled: threading.Event
    ) -> None:
        self.kubeconfig = kubeconfig
        self._settings = settings
        self._cancelled = cancelled

    def run(
        self,
        arguments: list[str],
        *,
        stdin: str = "",
        secrets: tuple[str, ...] = (),
        progress: Callable[[float], None] | None = None,
        repository: dict[str, str] | None = None,
    ) -> str:
        """Run one command and return what it printed.

        Args:
            stdin: what it reads, such as values for `--values -`.
            secrets: texts that must not appear in an error.
            progress: called about once a second with the seconds so far.
            repository: `url`, `username`, `password` of a chart repository that wants a login; the chart is then
                called `private/NAME`.

        Raises:
            HelmError: it failed.
            CancelledError: the engine cancelled.
        """
        program = shutil.which("helm")
        if program is None:
            raise ClusterError("helm is not on PATH: a Release needs it; run `make up`, or install helm 3")
        with self._private_folder() as folder:
            environment = {**os.environ, **self._settings, "KUBECONFIG": str(folder / "kubeconfig")}
            if repository is not None:
                environment |= {"HELM_REPOSITORY_CONFIG": str(folder / "repositories.yaml")}
                login = ["repo", "add", "private", repository["url"]]
                if repository.get("username"):
                    login += ["--username", repository["username"], "--password-stdin"]
                self._execute(
                    [program, *login], stdin=repository.get("password", ""), environment=environment, secrets=secrets
                )
            return self._execute(
                [program, *arguments], stdin=stdin, environment=environment, secrets=secrets, progress=progress
            )

    @contextlib.contextmanager
    def _private_folder(self) -> Iterator[Path]:
        """A folder that only this user can enter, with the kubeconfig; gone afterwards."""
        with tempfile.TemporaryDirectory(prefix="modelyard-helm-") as name:
            folder = Path(name)
            file = folder / "kubeconfig"
            file.touch(mode=0o600)
            file.write_text(json.dumps(self.kubeconfig()))
            yield folder

    def _execute(
        self,
        command: list[str],
        *,
        stdin: str,
        environment: dict[str, str],
        secrets: tuple[str, ...],
        progress: Callable[[float], None] | None = None,
    ) -> str:
        child = subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        result: list[str] = []
        reader = threading.Thread(target=lambda: result.extend(child.communicate(stdin)), daemon=True)
        started = time.monotonic()
        reader.start()
        reported_at = 0.0
        while reader.is_alive():
            reader.join(_TICK_SECONDS)
            waited = time.monotonic() - started
            if progress is not None and waited - reported_at >= 1.0:
                reported_at = waited
                progress(waited)
            if self._cancelled.is_set() and reader.is_alive():
                _interrupt(child, reader)
                raise CancelledError(f"cancelled while `helm {command[1]}` ran")
        output, errors = result
        if child.returncode != 0:
            raise HelmError(_hide(errors.strip() or output.strip() or f"code {child.returncode}", secrets))
        return output


def _interrupt(child: subprocess.Popen[str], reader: threading.Thread) -> None:
    for number in (signal.SIGINT, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, number)
        reader.join(_GRACE_SECONDS)
        if not reader.is_alive():
            return


def _hide(message: str, secrets: tuple[str, ...]) -> str:
    # Longest first: a secret may contain another one.
    for secret in sorted(set(secrets), key=len, reverse=True):
        message = message.replace(secret, "[secret]")
    return message.removeprefix("Error: ")
