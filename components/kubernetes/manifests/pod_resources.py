"""Requests and limits of a pod."""

from dataclasses import dataclass
from typing import Any

GPU = "nvidia.com/gpu"
"""Extended resource that NVIDIA's device plugin advertises."""


@dataclass(frozen=True, kw_only=True)
class PodResources:
    """Requests and limits of one container.

    The limit of memory equals its request, so that a node never runs out of memory that it promised. CPU may burst
    above its request while the node is idle. GPUs cannot be shared, so Kubernetes demands equal request and limit.
    """

    cpu_millis: int
    """Request, in thousandths of a core; quota counts it."""
    memory_mib: int
    cpu_limit_millis: int | None = None
    """Limit, in thousandths of a core. None: the request."""
    gpus: int = 0

    def requirements(self) -> dict[str, Any]:
        """Return a container's `resources`."""
        memory = format_memory(self.memory_mib)
        requests = {"cpu": format_cpu(self.cpu_millis), "memory": memory}
        limits = {"cpu": format_cpu(self.cpu_limit_millis or self.cpu_millis), "memory": memory}
        if self.gpus:
            requests[GPU] = limits[GPU] = str(self.gpus)
        return {"requests": requests, "limits": limits}


def format_cpu(millis: int) -> str:
    """Format cores in Kubernetes' canonical form, which the API server returns: `500m`, but `2` for 2000."""
    return str(millis // 1000) if millis % 1000 == 0 else f"{millis}m"


def format_memory(mib: int) -> str:
    """Format memory in Kubernetes' canonical form, which the API server returns: `512Mi`, but `2Gi` for 2048."""
    return f"{mib // 1024}Gi" if mib and mib % 1024 == 0 else f"{mib}Mi"
