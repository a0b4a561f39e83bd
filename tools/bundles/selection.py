"""Which of a chart's objects go into a bundle, and how they are rendered.

A bundle serves a platform that runs batch jobs and Ray. What only other frameworks need is left out, because each
webhook is a call that the API server makes, and fails on, whether or not its framework is installed.
"""

from typing import Any

Object = dict[str, Any]

_GROUPS = {"kueue.x-k8s.io", "batch", "ray.io"}

#: Editor and viewer roles of frameworks that are not among ours.
_OTHER_FRAMEWORKS = (
    "jaxjob", "jobset", "leaderworkerset", "mpijob", "paddlejob", "pytorchjob", "sparkapplication", "tfjob", "trainjob",
    "xgboostjob",
)  # fmt: skip


#: The visibility API is served through aggregation: whenever its server is down, discovery fails, and with it the
#: deletion of every namespace. A bundle has neither the API nor its registration; one without the other is the trap.
KUEUE_FEATURE_GATES = [{"name": "VisibilityOnDemand", "enabled": False}]


def kueue(objects: list[Object]) -> list[Object]:
    """What of Kueue's chart is kept."""
    return [_own_webhooks(found) for found in objects if not _unused_by_kueue(found)]


def kuberay(objects: list[Object]) -> list[Object]:
    """What of KubeRay's chart is kept: everything."""
    return objects


def _unused_by_kueue(found: Object) -> bool:
    kind, name = found["kind"], found["metadata"]["name"]
    if kind == "APIService" or "visibility" in name or "pending-workloads" in name:
        return True
    return kind == "ClusterRole" and any(name.startswith(f"kueue-{framework}-") for framework in _OTHER_FRAMEWORKS)


def _own_webhooks(found: Object) -> Object:
    """Webhooks of our frameworks only, and without the namespace that the chart puts on these cluster-wide objects."""
    if "webhooks" not in found:
        return found
    metadata = {key: value for key, value in found["metadata"].items() if key != "namespace"}
    kept = [
        hook
        for hook in found["webhooks"]
        if {group for rule in hook["rules"] for group in rule["apiGroups"]} <= _GROUPS
    ]
    return {**found, "metadata": metadata, "webhooks": kept}
