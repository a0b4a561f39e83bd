"""GPU nodes that exist only in the API: KWOK reports them ready and plays the life of their pods.

They serve to try queues and quotas with hundreds of GPUs. A taint keeps every ordinary pod away; a pod that is to be
simulated tolerates `kwok.x-k8s.io/node`.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import yaml

from tools.cluster.api import Api
from tools.cluster.errors import ClusterError
from tools.cluster.state import StateFolder, write_private

MODULE = "sigs.k8s.io/kwok"
STAGES = ("node/fast/node-initialize", "node/heartbeat-with-lease/node-heartbeat-with-lease", "pod/fast")
"""Files, or folders of files, under the module's kustomize/stage that describe the behaviour of nodes and pods."""

SELECTOR = "type=kwok"
TAINT = {"key": "kwok.x-k8s.io/node", "value": "fake", "effect": "NoSchedule"}

GPUS_PER_NODE = 8
NODE_CAPACITY = {"cpu": "96", "memory": "1900Gi", "pods": "110", "nvidia.com/gpu": str(GPUS_PER_NODE)}
"""Capacity of the usual eight-GPU machine: Azure's Standard_ND96isr_H100_v5 has 96 vCPU and 1900 GiB."""


def node(instance: str, index: int) -> dict[str, Any]:
    """Return the Node object of one simulated GPU machine."""
    name = node_name(instance, index)
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": name,
            "annotations": {"kwok.x-k8s.io/node": "fake"},
            "labels": {
                "type": "kwok",
                "kubernetes.io/hostname": name,
                "kubernetes.io/os": "linux",
                "kubernetes.io/arch": "amd64",
                "nvidia.com/gpu.present": "true",
                "nvidia.com/gpu.product": "Simulated-GPU",
                "nvidia.com/gpu.count": str(GPUS_PER_NODE),
            },
        },
        "spec": {"taints": [TAINT]},
    }


def node_name(instance: str, index: int) -> str:
    """Return the name of a simulated node; the index has three digits so that names sort."""
    return f"{instance}-kwok-{index:03d}"


def reconcile(api: Api, instance: str, count: int) -> None:
    """Create the first `count` simulated nodes, and delete the others."""
    present = api.get(f"/api/v1/nodes?labelSelector={SELECTOR}") or {"items": []}
    names = {node_name(instance, index) for index in range(count)}
    existing = {item["metadata"]["name"]: item for item in present["items"]}
    for name in sorted(existing.keys() - names):
        api.delete(f"/api/v1/nodes/{name}")
    for index in range(count):
        name = node_name(instance, index)
        if name not in existing:
            api.apply(node(instance, index))
        if existing.get(name, {}).get("status", {}).get("capacity", {}).get("nvidia.com/gpu") != str(GPUS_PER_NODE):
            amounts = {"capacity": NODE_CAPACITY, "allocatable": NODE_CAPACITY}
            api.merge(f"/api/v1/nodes/{name}/status", {"status": amounts})


def ready_count(api: Api) -> int:
    """Return how many simulated nodes report Ready."""
    present = api.get(f"/api/v1/nodes?labelSelector={SELECTOR}") or {"items": []}
    return sum(is_ready(item) for item in present["items"])


def is_ready(item: dict[str, Any]) -> bool:
    """Tell whether a Node object reports Ready."""
    conditions = item.get("status", {}).get("conditions", [])
    return any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)


def write_stages(state: StateFolder) -> Path:
    """Write KWOK's stages, taken from its Go module, into the state folder and return the file."""
    documents: list[dict[str, Any]] = []
    for stage in STAGES:
        path = _module_folder() / "kustomize" / "stage" / stage
        files = sorted(path.glob("*.yaml")) if path.is_dir() else [path.with_suffix(".yaml")]
        for file in files:
            documents += [each for each in yaml.safe_load_all(file.read_text()) if each and each["kind"] == "Stage"]
    if not documents:
        raise ClusterError(f"module {MODULE} has no stages under kustomize/stage: its layout has changed")
    target = state.folder("config", "kwok-stages.yaml")
    write_private(target, yaml.safe_dump_all(documents, sort_keys=False))
    return target


def _module_folder() -> Path:
    """Return the folder of the KWOK module at the version the kwok binary was built from."""
    pinned = Path(__file__).resolve().parents[1] / "go" / "kube"
    command = ["go", "mod", "download", "-json", MODULE]
    try:
        result = subprocess.run(command, cwd=pinned, capture_output=True, text=True, check=False, timeout=120)
        return Path(json.loads(result.stdout)["Dir"])
    except (FileNotFoundError, ValueError, KeyError, subprocess.TimeoutExpired) as error:
        raise ClusterError(
            f"the stages of simulated nodes come from the Go module {MODULE}, which `go mod download` did not deliver: "
            "run `python3 -m tools.setup up`, or omit --kwok-nodes"
        ) from error
