"""A pretend GPU on the real node: the resource and the labels of one, with no device behind them.

The scheduler, quotas and queues treat `nvidia.com/gpu` as they would on a GPU machine; the pod that gets it computes on
the CPU. The labels are those GPU feature discovery sets (NVIDIA k8s-device-plugin, docs/gpu-feature-discovery), and the
product says plainly that it is not one.
"""

from __future__ import annotations

from typing import Any

from tools.cluster.api import Api

RESOURCE = "nvidia.com/gpu"
PRODUCT = "Pretend-GPU"


def labels(gpus: int) -> dict[str, str | None]:
    """Return the node's labels for a number of pretend GPUs; None removes a label."""
    wanted = {
        "nvidia.com/gpu.present": "true",
        "nvidia.com/gpu.product": PRODUCT,
        "nvidia.com/gpu.count": str(gpus),
        "modelyard.dev/pretend-gpu": "true",
    }
    return dict(wanted) if gpus else dict.fromkeys(wanted)


def in_place(node: dict[str, Any], gpus: int) -> bool:
    """Tell whether a Node object shows this number of GPUs, to the scheduler as well, and the right labels."""
    status, have = node.get("status", {}), node["metadata"].get("labels", {})
    amounts = {status.get(field, {}).get(RESOURCE, "0") for field in ("capacity", "allocatable")}
    return amounts == {str(gpus)} and all(have.get(key) == value for key, value in labels(gpus).items())


def put_in_place(api: Api, node: str, gpus: int) -> None:
    """Set the node's labels, and its capacity and what pods may ask of it.

    The kubelet would copy capacity to allocatable at its next report; setting both makes it count at once.
    """
    api.merge(f"/api/v1/nodes/{node}", {"metadata": {"labels": labels(gpus)}})
    amount = {RESOURCE: str(gpus) if gpus else None}
    api.merge(f"/api/v1/nodes/{node}/status", {"status": {"capacity": amount, "allocatable": amount}})
