"""Priorities of workloads in a queue. They are Kueue's own, which order and preempt whole workloads, not pods."""

from typing import Any

from modelyard.components.common.ownership import MANAGED_BY


def workload_priority_class(name: str, value: int, description: str) -> dict[str, Any]:
    """Build a priority class; a higher `value` goes first. This kind has no `spec`."""
    return {
        "apiVersion": "kueue.x-k8s.io/v1beta2",
        "kind": "WorkloadPriorityClass",
        "metadata": {"name": name, "labels": {MANAGED_BY: "modelyard"}},
        "value": value,
        "description": description,
    }
