"""How urgent a workload is in its queue. Kueue's own priority: it orders and preempts whole workloads, not pods."""

from typing import Any

from modelyard.components.common.ownership import MANAGED_BY


def workload_priority_class(name: str, value: int, description: str) -> dict[str, Any]:
    """Higher `value` goes first. This kind has no `spec`."""
    return {
        "apiVersion": "kueue.x-k8s.io/v1beta2",
        "kind": "WorkloadPriorityClass",
        "metadata": {"name": name, "labels": {MANAGED_BY: "modelyard"}},
        "value": value,
        "description": description,
    }
