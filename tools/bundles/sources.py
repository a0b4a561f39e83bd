"""Sources of the operators' Helm charts: Go modules, which contain their whole repository."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.setup.locations import GO_MODULES
from tools.setup.toolchain import find_go


class SourceError(Exception):
    """A chart cannot be downloaded; the text has the module and the reason."""


@dataclass(frozen=True, kw_only=True)
class Chart:
    """Upstream Helm chart inside a Go module."""

    name: str
    module: str
    version: str
    sum: str
    """Checksum of the module in the notation of go.sum. Kueue's is the one in tools/go/kube/go.sum."""
    folder: str
    """Folder of the chart inside the module."""


KUEUE = Chart(
    name="kueue",
    module="sigs.k8s.io/kueue",
    version="v0.19.2",
    sum="h1:mPNzr37u0nwI7ikST5QQl5gg6EgtYOAvC9ZbTgywdN8=",
    folder="charts/kueue",
)

#: KubeRay's chart, in the root module; the operator is compiled from the nested module ray-operator of the same tag.
KUBERAY = Chart(
    name="kuberay-operator",
    module="github.com/ray-project/kuberay",
    version="v1.6.2",
    sum="h1:NAZYItlaTFkPdNizGUbl3oOmN5Tc/gRPkY56u75dnNw=",
    folder="helm-chart/kuberay-operator",
)


def locate(chart: Chart) -> Path:
    """Find the chart's folder in Go's module cache, after a download if need be.

    Raises:
        SourceError: no Go, no such module, or a module with another checksum.
    """
    go = find_go()
    if go is None:
        raise SourceError("no Go 1.26 or newer on this machine; run `make doctor` for the fix")
    command = [go, "mod", "download", "-json", f"{chart.module}@{chart.version}"]
    # Run inside a module of ours, so that Go checks the download against its go.sum.
    result = subprocess.run(command, cwd=GO_MODULES / "kube", capture_output=True, text=True, check=False)
    try:
        answer: dict[str, Any] = json.loads(result.stdout or "{}")
    except json.JSONDecodeError:
        answer = {}
    if result.returncode != 0 or "Dir" not in answer:
        raise SourceError(f"{chart.module}@{chart.version}: {answer.get('Error') or result.stderr.strip()}")
    if answer["Sum"] != chart.sum:
        raise SourceError(f"{chart.module}@{chart.version}: expected checksum {chart.sum}, got {answer['Sum']}")
    folder = Path(answer["Dir"]) / chart.folder
    if not (folder / "Chart.yaml").is_file():
        raise SourceError(f"{chart.module}@{chart.version}: no chart at {chart.folder}")
    return folder
