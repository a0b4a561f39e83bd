"""What one pod asks of a node."""

from dataclasses import dataclass
from typing import Any

GPU = "nvidia.com/gpu"
"""The extended resource that NVIDIA's device plugin advertises."""


@dataclass(frozen=True, kw_only=True)
class PodResources:
    """Requests and limits of one container.

    Memory's limit equals its request, so that a node never runs out of memory it promised. CPU may burst above its
    request when the node is idle. GPUs cannot be shared, so request and limit are one number by Kubernetes' rule.
    """

    cpu_millis: int
    """Request, in thousandths of a core. Quota counts this."""
    memory_mib: int
    cpu_limit_millis: int | None = None
    """Most it may use; None: the request."""
    gpus: int = 0

    def resources(self) -> dict[str, Any]:
        """As a container's `resources`."""
        requests = {"cpu": cpu(self.cpu_millis), "memory": memory(self.memory_mib)}
        limits = {"cpu": cpu(self.cpu_limit_millis or self.cpu_millis), "memory": memory(self.memory_mib)}
        if self.gpus:
            requests[GPU] = limits[GPU] = str(self.gpus)
        return {"requests": requests, "limits": limits}


def cpu(millis: int) -> str:
    """Kubernetes' canonical form, which the API server returns: `500m`, but `2` for 2000."""
    return str(millis // 1000) if millis % 1000 == 0 else f"{millis}m"


def memory(mib: int) -> str:
    """Kubernetes' canonical form, which the API server returns: `512Mi`, but `2Gi` for 2048."""
    return f"{mib // 1024}Gi" if mib and mib % 1024 == 0 else f"{mib}Mi"
