"""Where the operators' Helm charts come from: Go modules, which carry their whole repository."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.setup.locations import GO_MODULES
from tools.setup.toolchain import find_go


class SourceError(Exception):
    """A chart cannot be had; the message says which module and why."""


@dataclass(frozen=True, kw_only=True)
class Chart:
    """One upstream Helm chart inside a Go module."""

    name: str
    module: str
    version: str
    sum: str
    """The module's checksum, as go.sum writes it. Kueue's is the one in tools/go/kube/go.sum."""
    folder: str
    """Of the chart, inside the module."""


KUEUE = Chart(
    name="kueue",
    module="sigs.k8s.io/kueue",
    version="v0.19.2",
    sum="h1:mPNzr37u0nwI7ikST5QQl5gg6EgtYOAvC9ZbTgywdN8=",
    folder="charts/kueue",
)

#: The operator is compiled from the nested module ray-operator; the chart is in the root module of the same tag.
KUBERAY = Chart(
    name="kuberay-operator",
    module="github.com/ray-project/kuberay",
    version="v1.6.2",
    sum="h1:NAZYItlaTFkPdNizGUbl3oOmN5Tc/gRPkY56u75dnNw=",
    folder="helm-chart/kuberay-operator",
)


def locate(chart: Chart) -> Path:
    """The chart's folder in Go's module cache, downloaded if need be.

    Raises:
        SourceError: there is no Go, the module is not served, or it is not the one that was recorded.
    """
    go = find_go()
    if go is None:
        raise SourceError("no Go 1.26 or newer on this machine; `make doctor` says how to get it")
    command = [go, "mod", "download", "-json", f"{chart.module}@{chart.version}"]
    # Run inside a module of ours, so that Go checks against its go.sum what that knows.
    done = subprocess.run(command, cwd=GO_MODULES / "kube", capture_output=True, text=True, check=False)
    try:
        answer: dict[str, Any] = json.loads(done.stdout or "{}")
    except json.JSONDecodeError:
        answer = {}
    if done.returncode != 0 or "Dir" not in answer:
        raise SourceError(f"{chart.module}@{chart.version}: {answer.get('Error') or done.stderr.strip()}")
    if answer["Sum"] != chart.sum:
        raise SourceError(f"{chart.module}@{chart.version} has sum {answer['Sum']}, but {chart.sum} was recorded")
    folder = Path(answer["Dir"]) / chart.folder
    if not (folder / "Chart.yaml").is_file():
        raise SourceError(f"{chart.module}@{chart.version} holds no chart at {chart.folder}")
    return folder
