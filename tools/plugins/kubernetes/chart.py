"""The chart of a Helm release: where it is, and a checksum of a local one, so that an edited file is a change."""

import hashlib
from pathlib import Path
from typing import Any

from tools.plugins.kubernetes.errors import ClusterError
from tools.plugins.kubernetes.manifest import text


def local_chart(inputs: dict[str, Any]) -> Path | None:
    """The folder or archive of a chart on this machine; None for one in a repository or registry.

    Raises:
        ClusterError: the chart looks like a path, and there is nothing.
    """
    chart = text(inputs, "chart")
    if text(inputs, "repositoryOpts", "repo") or "://" in chart:
        return None
    path = Path(chart)
    if path.exists():
        return path.absolute()
    if chart.startswith((".", "/", "~")) or chart.endswith(".tgz"):
        raise ClusterError(f"the chart {chart!r} does not exist (looked in {Path.cwd()})")
    return None


def checksum(path: Path) -> str:
    """SHA-256 over the names and contents of all files of a chart, in hexadecimal.

    Raises:
        ClusterError: the folder is no chart, or a file of it cannot be read.
    """
    if path.is_dir() and not (path / "Chart.yaml").is_file():
        raise ClusterError(f"{path} is not a chart: it has no Chart.yaml")
    total = hashlib.sha256()
    files = sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]
    try:
        for file in files:
            name = str(file.relative_to(path)) if path.is_dir() else ""
            content = hashlib.sha256(file.read_bytes()).hexdigest()
            total.update(f"{name}\0{content}\n".encode())
    except OSError as error:
        raise ClusterError(f"the chart {path} cannot be read: {error}") from None
    return total.hexdigest()
