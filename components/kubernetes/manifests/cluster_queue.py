"""Queues of a team, with its quota."""

from dataclasses import dataclass
from typing import Any

from modelyard.components.common.ownership import Ownership
from modelyard.components.kubernetes.manifests.pod_resources import GPU, PodResources, format_cpu, format_memory


@dataclass(frozen=True, kw_only=True)
class TeamQuota:
    """Compute that a team may use at once, on one flavor."""

    team: str
    flavor: str
    quota: PodResources
    cohort: str | None = None
    """Cohort of the team. Its teams lend each other unused quota, and take it back by preemption."""


def cluster_queue(team: TeamQuota, ownership: Ownership) -> dict[str, Any]:
    """Build the cluster queue of a team, open to its namespace only.

    Within the team, higher priority preempts lower. Within the cohort, lent quota is reclaimed whatever the priority.
    """
    resources = [
        {"name": "cpu", "nominalQuota": format_cpu(team.quota.cpu_millis)},
        {"name": "memory", "nominalQuota": format_memory(team.quota.memory_mib)},
        # Listed also at 0: a workload that requests a GPU is then refused for quota, not for an unknown resource.
        {"name": GPU, "nominalQuota": str(team.quota.gpus)},
    ]
    spec: dict[str, Any] = {
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": team.team}},
        "queueingStrategy": "BestEffortFIFO",
        "resourceGroups": [
            {
                "coveredResources": [resource["name"] for resource in resources],
                "flavors": [{"name": team.flavor, "resources": resources}],
            }
        ],
        "preemption": {
            "withinClusterQueue": "LowerPriority",
            "reclaimWithinCohort": "Any" if team.cohort else "Never",
        },
    }
    if team.cohort:
        spec["cohortName"] = team.cohort
    return {
        "apiVersion": "kueue.x-k8s.io/v1beta2",
        "kind": "ClusterQueue",
        "metadata": {"name": team.team, "labels": ownership.labels()},
        "spec": spec,
    }


def local_queue(name: str, namespace: str, cluster_queue: str, ownership: Ownership) -> dict[str, Any]:
    """Build the local queue of a namespace, which its jobs name; it feeds `cluster_queue`."""
    return {
        "apiVersion": "kueue.x-k8s.io/v1beta2",
        "kind": "LocalQueue",
        "metadata": {"name": name, "namespace": namespace, "labels": ownership.labels()},
        "spec": {"clusterQueue": cluster_queue},
    }
