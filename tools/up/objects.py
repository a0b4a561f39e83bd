"""Objects of the cluster, read through kubectl, which knows every way in which a kubeconfig can authenticate."""

import json
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.setup.locations import BIN

#: Longest wait for an answer of the cluster; after it the person is told. Seconds.
ANSWER_WITHIN = 15


class ClusterUnreachableError(Exception):
    """The API server did not answer; the text has the kubeconfig and kubectl's message."""


@dataclass(frozen=True)
class Cluster:
    """The cluster a kubeconfig points to."""

    kubeconfig: Path
    is_local: bool = False
    """True when this host has routes to the cluster's services."""

    def check(self) -> str:
        """Ask the server for its version.

        Raises:
            ClusterUnreachableError: within seconds, with the reason.
        """
        if not self.kubeconfig.is_file():
            raise ClusterUnreachableError(f"{self.kubeconfig}: no such kubeconfig; set KUBECONFIG to the file to use")
        answer = self._kubectl("get", "--raw", "/version", f"--request-timeout={ANSWER_WITHIN}s")
        return json.loads(answer)["gitVersion"]

    def get(self, kind: str, name: str, namespace: str) -> dict[str, Any] | None:
        """Get an object, or None if it does not exist."""
        answer = self._kubectl("get", kind, name, "--namespace", namespace, "--ignore-not-found", "--output=json")
        return json.loads(answer) if answer.strip() else None

    def list(self, kind: str, namespace: str, selector: str = "") -> list[dict[str, Any]]:
        """List the objects of a kind in a namespace that have the labels of `selector`."""
        options = [f"--selector={selector}"] if selector else []
        return json.loads(self._kubectl("get", kind, "--namespace", namespace, "--output=json", *options))["items"]

    def logs(self, pod: str, namespace: str, lines: int) -> str:
        """Get the last lines of a pod's containers, or an empty string while it has no log."""
        try:
            return self._kubectl("logs", pod, "--namespace", namespace, "--all-containers", f"--tail={lines}")
        except ClusterUnreachableError:
            return ""

    @contextmanager
    def forward(self, namespace: str, service: str, port: int) -> Iterator[int]:
        """Yield a port of 127.0.0.1 that leads to `service` while the context lasts."""
        command = [str(BIN / "kubectl"), "--kubeconfig", str(self.kubeconfig), "--namespace", namespace]
        command += ["port-forward", f"service/{service}", f":{port}"]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        try:
            line = process.stdout.readline() if process.stdout else ""
            match = re.search(r"127\.0\.0\.1:(\d+)", line)
            if match is None:
                reason = process.stderr.read().strip() if process.stderr and process.poll() is not None else line
                raise ClusterUnreachableError(f"kubectl port-forward to {namespace}/{service}: {reason}")
            yield int(match[1])
        finally:
            process.terminate()
            process.wait()

    def _kubectl(self, *arguments: str) -> str:
        command = [str(BIN / "kubectl"), "--kubeconfig", str(self.kubeconfig), *arguments]
        try:
            result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=4 * ANSWER_WITHIN)
        except subprocess.TimeoutExpired as error:
            raise ClusterUnreachableError(f"the cluster of {self.kubeconfig} does not answer") from error
        if result.returncode != 0:
            raise ClusterUnreachableError(f"kubectl with {self.kubeconfig}: {result.stderr.strip()}")
        return result.stdout
