"""Selection of the objects of a chart for a bundle.

A bundle serves a platform that runs batch jobs and Ray. Objects that only other frameworks need are left out, because
the API server calls each webhook, and fails on it, whether or not its framework is installed.
"""

from typing import Any

Object = dict[str, Any]

_GROUPS = {"kueue.x-k8s.io", "batch", "ray.io"}

#: Frameworks that the platform does not run, with editor and viewer roles in Kueue's chart.
_OTHER_FRAMEWORKS = (
    "jaxjob", "jobset", "leaderworkerset", "mpijob", "paddlejob", "pytorchjob", "sparkapplication", "tfjob", "trainjob",
    "xgboostjob",
)  # fmt: skip


#: Feature gates without the visibility API, which is served through aggregation: whenever its server is down, discovery
#: fails, and with it the deletion of every namespace. A bundle has neither the API nor its registration.
KUEUE_FEATURE_GATES = [{"name": "VisibilityOnDemand", "enabled": False}]


def kueue(objects: list[Object]) -> list[Object]:
    """Select the objects of Kueue's chart."""
    return [_drop_foreign_webhooks(manifest) for manifest in objects if not _is_unused(manifest)]


def kuberay(objects: list[Object]) -> list[Object]:
    """Select all objects of KubeRay's chart."""
    return objects


def _is_unused(manifest: Object) -> bool:
    kind, name = manifest["kind"], manifest["metadata"]["name"]
    if kind == "APIService" or "visibility" in name or "pending-workloads" in name:
        return True
    return kind == "ClusterRole" and any(name.startswith(f"kueue-{framework}-") for framework in _OTHER_FRAMEWORKS)


def _drop_foreign_webhooks(manifest: Object) -> Object:
    """Keep the webhooks of our frameworks, and drop the namespace that the chart puts on these cluster-wide objects."""
    if "webhooks" not in manifest:
        return manifest
    metadata = {key: value for key, value in manifest["metadata"].items() if key != "namespace"}
    webhooks = [
        hook
        for hook in manifest["webhooks"]
        if {group for rule in hook["rules"] for group in rule["apiGroups"]} <= _GROUPS
    ]
    return {**manifest, "metadata": metadata, "webhooks": webhooks}
