"""Speed of Pulumi with the offline plugins: `python benchmarks/offline_plugins.py [RESOURCES]`.

Runs the real engine against a real Kubernetes API on this machine (etcd, kube-apiserver, kube-controller-manager) with
a program of RESOURCES objects (40 by default): preview of a new stack, first `up`, then preview and `up` without a
change, each several times. Writes `benchmarks/results/offline_plugins.json` and `.png`.
"""

import json
import os
import platform
import statistics
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import matplotlib as mpl
from matplotlib import pyplot

CHECKOUT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(CHECKOUT))  # run as a file: its own folder would be searched first

from tests.engine.api_server import running  # noqa: E402
from tests.engine.plugins.stack import Resource, Run, Stack, manifest  # noqa: E402

RESULTS = CHECKOUT / "benchmarks" / "results"
REPEATS = 5
GOAL_SECONDS = 5.0  # for a preview, and for an up without a change
NAMESPACE = "benchmark"


def main() -> int:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    with tempfile.TemporaryDirectory() as folder, running() as api:
        stack = Stack(Path(folder), {"kubeconfig": str(api.kubeconfig)})
        resources = program(count)
        first_preview = stack.preview(*resources)
        first_up = stack.up(*resources)
        previews = [unchanged(stack.preview(*resources)) for _ in range(REPEATS)]
        ups = [unchanged(stack.up(*resources)) for _ in range(REPEATS)]
    measured = {
        "at": datetime.now(UTC).date().isoformat(),
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, load {os.getloadavg()[1]:.1f} (5 minutes)",
        "resources": count,
        "seconds": {
            "preview, new stack": round(first_preview.seconds, 2),
            "up, new stack": round(first_up.seconds, 2),
            "preview, no change": round(statistics.median(previews), 2),
            "up, no change": round(statistics.median(ups), 2),
        },
    }
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "offline_plugins.json").write_text(json.dumps(measured, indent=2) + "\n")
    plot(measured, RESULTS / "offline_plugins.png")
    print(json.dumps(measured, indent=2))
    return 0


def program(count: int) -> list[Resource]:
    """A namespace and `count` - 1 objects of four kinds in it."""
    labels = {"app": "demo"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "main", "image": "demo"}]}}
    kinds = [
        ("v1", "ConfigMap", {"data": {"a": "1"}}),
        ("v1", "ServiceAccount", {}),
        ("rbac.authorization.k8s.io/v1", "Role", {"rules": []}),
        (
            "apps/v1",
            "Deployment",
            {"spec": {"replicas": 0, "selector": {"matchLabels": labels}, "template": template}},
        ),
    ]
    space = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}
    resources = [manifest("space", space)]
    for number in range(count - 1):
        version, kind, rest = kinds[number % len(kinds)]
        name = f"object-{number}"
        document = {"apiVersion": version, "kind": kind, "metadata": {"namespace": NAMESPACE, "name": name}, **rest}
        resources.append(manifest(name, document, depends_on=["space"]))
    return resources


def unchanged(run: Run) -> float:
    assert run.changes == {}, run.text
    return run.seconds


def plot(measured: dict, file: Path) -> None:
    mpl.use("Agg")

    figure, axes = pyplot.subplots(figsize=(7, 2.6), layout="constrained")
    names, values = list(measured["seconds"]), list(measured["seconds"].values())
    axes.bar_label(axes.barh(names, values), fmt="%.2f s", padding=3)
    axes.axvline(GOAL_SECONDS, linestyle="--", color="gray", label="goal without a change")
    axes.set(xlabel="seconds", title=f"{measured['resources']} resources, {measured['machine']}")
    axes.invert_yaxis()
    axes.margins(x=0.15)
    axes.legend(loc="lower right")
    figure.savefig(file, dpi=120)


if __name__ == "__main__":
    raise SystemExit(main())
