"""What a namespace may take at most, whatever asks for it: the backstop behind the queue."""

from typing import Any

from modelyard.components.common.ownership import Ownership
from modelyard.components.kubernetes.manifests.pod_resources import GPU, PodResources, cpu, memory

#: Objects of CPU and memory beyond the queue's quota that a namespace may hold: while a service is replaced, its new
#: cluster starts before the old one ends, and Kueue counts only one of them.
ROOM_FOR_REPLACEMENT = 2

#: What a container gets that asks for nothing, so that the quota never refuses a pod for silence.
DEFAULT_SHAPE = PodResources(cpu_millis=100, memory_mib=256)


def resource_quota(namespace: str, quota: PodResources, ownership: Ownership) -> dict[str, Any]:
    """Caps the namespace: GPUs exactly at the queue's quota, CPU and memory with room for a replacement."""
    return {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": "team", "namespace": namespace, "labels": ownership.labels()},
        "spec": {
            "hard": {
                "requests.cpu": cpu(quota.cpu_millis * ROOM_FOR_REPLACEMENT),
                "requests.memory": memory(quota.memory_mib * ROOM_FOR_REPLACEMENT),
                f"requests.{GPU}": str(quota.gpus),
            }
        },
    }


def limit_range(namespace: str, ownership: Ownership) -> dict[str, Any]:
    """Default requests and limits for containers that name none."""
    amounts = DEFAULT_SHAPE.resources()
    return {
        "apiVersion": "v1",
        "kind": "LimitRange",
        "metadata": {"name": "team", "namespace": namespace, "labels": ownership.labels()},
        "spec": {
            "limits": [{"type": "Container", "default": amounts["limits"], "defaultRequest": amounts["requests"]}]
        },
    }
