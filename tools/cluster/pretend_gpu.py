"""Pretend GPU on the real node: the resource and the labels of a GPU, without a device.

The scheduler, quotas and queues treat `nvidia.com/gpu` as they would on a GPU machine; the pod that gets it computes on
the CPU. The labels are those of GPU feature discovery (NVIDIA k8s-device-plugin, docs/gpu-feature-discovery), and the
product name marks it as pretended.
"""

from __future__ import annotations

from typing import Any

from tools.cluster.api import Api

RESOURCE = "nvidia.com/gpu"
PRODUCT = "Pretend-GPU"


def labels(gpus: int) -> dict[str, str | None]:
    """Return the node's labels for a number of pretend GPUs; None removes a label."""
    values = {
        "nvidia.com/gpu.present": "true",
        "nvidia.com/gpu.product": PRODUCT,
        "nvidia.com/gpu.count": str(gpus),
        "modelyard.dev/pretend-gpu": "true",
    }
    return dict(values) if gpus else dict.fromkeys(values)


def is_installed(node: dict[str, Any], gpus: int) -> bool:
    """Tell whether a Node object has this number of GPUs, capacity and allocatable, and their labels."""
    status, have = node.get("status", {}), node["metadata"].get("labels", {})
    amounts = {status.get(field, {}).get(RESOURCE, "0") for field in ("capacity", "allocatable")}
    return amounts == {str(gpus)} and all(have.get(key) == value for key, value in labels(gpus).items())


def install(api: Api, node: str, gpus: int) -> None:
    """Set the node's labels, its capacity and its allocatable resources.

    The kubelet would copy capacity to allocatable at its next report; setting both takes effect at once.
    """
    api.merge(f"/api/v1/nodes/{node}", {"metadata": {"labels": labels(gpus)}})
    amount = {RESOURCE: str(gpus) if gpus else None}
    api.merge(f"/api/v1/nodes/{node}/status", {"status": {"capacity": amount, "allocatable": amount}})
