"""Limits of a namespace, for all its pods together: the backstop behind the queue."""

from typing import Any

from modelyard.components.common.ownership import Ownership
from modelyard.components.kubernetes.manifests.pod_resources import GPU, PodResources, format_cpu, format_memory

REPLACEMENT_FACTOR = 2
"""Multiple of the queue's CPU and memory that a namespace may hold: while a service is replaced, its new cluster starts
before the old one ends, and Kueue counts only one of them."""

DEFAULT_RESOURCES = PodResources(cpu_millis=100, memory_mib=256)
"""Resources of a container that names none, which the resource quota would otherwise refuse."""


def resource_quota(namespace: str, quota: PodResources, ownership: Ownership) -> dict[str, Any]:
    """Build the cap of a namespace: GPUs exactly at the queue's quota, CPU and memory with room for a replacement."""
    return {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": "team", "namespace": namespace, "labels": ownership.labels()},
        "spec": {
            "hard": {
                "requests.cpu": format_cpu(quota.cpu_millis * REPLACEMENT_FACTOR),
                "requests.memory": format_memory(quota.memory_mib * REPLACEMENT_FACTOR),
                f"requests.{GPU}": str(quota.gpus),
            }
        },
    }


def limit_range(namespace: str, ownership: Ownership) -> dict[str, Any]:
    """Build the default requests and limits of containers that name none."""
    amounts = DEFAULT_RESOURCES.requirements()
    return {
        "apiVersion": "v1",
        "kind": "LimitRange",
        "metadata": {"name": "team", "namespace": namespace, "labels": ownership.labels()},
        "spec": {
            "limits": [{"type": "Container", "default": amounts["limits"], "defaultRequest": amounts["requests"]}]
        },
    }
