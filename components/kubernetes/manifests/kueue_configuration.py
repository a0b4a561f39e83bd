"""Kueue's own configuration (`config.kueue.x-k8s.io/v1beta2`), and the values of its chart."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml
from modelyard.components.kubernetes.manifests.pod_resources import PodResources

FRAMEWORKS = ("batch/job", "ray.io/rayjob", "ray.io/raycluster", "ray.io/rayservice")
"""Kinds of job that Kueue admits in this platform. Its bundle has the webhooks of these only."""

UPSTREAM: dict[str, Any] = {
    "apiVersion": "config.kueue.x-k8s.io/v1beta2",
    "kind": "Configuration",
    "health": {"healthProbeBindAddress": ":8081"},
    "metrics": {"bindAddress": ":8443"},
    "webhook": {"port": 9443},
    "leaderElection": {"leaderElect": True, "resourceName": "c1f6bfd2.kueue.x-k8s.io"},
    "controller": {
        "groupKindConcurrency": {
            "Job.batch": 5,
            "Workload.kueue.x-k8s.io": 10,
            "LocalQueue.kueue.x-k8s.io": 5,
            "ClusterQueue.kueue.x-k8s.io": 5,
            "ResourceFlavor.kueue.x-k8s.io": 1,
        }
    },
    "clientConnection": {"qps": 300, "burst": 500},
    "integrations": {"frameworks": list(FRAMEWORKS)},
}
"""Default of the chart (Kueue 0.19.2, values.yaml), with this platform's frameworks."""


@dataclass(frozen=True, kw_only=True)
class AdmissionTimeouts:
    """Timeouts of workloads whose pods do not start.

    A workload that is admitted but does not run in time returns its quota and queues again, each time after a longer
    pause. A server that waits for a fine-tune's result therefore does not hold GPUs for hours. No workload is given up
    for good.
    """

    ready_seconds: int = 900
    """Time from admission until all pods are ready."""
    recovery_seconds: int = 300
    """Time until a pod that failed later is ready again."""
    pause_seconds: int = 30
    """First pause before a workload queues again."""
    longest_pause_seconds: int = 600


def kueue_configuration(base: Mapping[str, Any], timeouts: AdmissionTimeouts) -> str:
    """Build the configuration document: `base` with the platform's admission settings."""
    document = {
        **base,
        "waitForPodsReady": _wait_for_pods_ready(timeouts),
        # Records of finished workloads are kept for a day, long enough to find out why one ended.
        "objectRetentionPolicies": {"workloads": {"afterFinished": "24h"}},
    }
    return yaml.safe_dump(document, sort_keys=False)


def chart_values(*, image: str | None, resources: PodResources, timeouts: AdmissionTimeouts) -> dict[str, Any]:
    """Return the values of Kueue's chart (0.19.2) for the same settings."""
    manager: dict[str, Any] = {"resources": resources.requirements()}
    if image:
        repository, _, tag = image.rpartition(":")
        manager["image"] = {"repository": repository, "tag": tag, "pullPolicy": "IfNotPresent"}
    return {
        "controllerManager": {"manager": manager},
        "managerConfig": {"controllerManagerConfigYaml": kueue_configuration(UPSTREAM, timeouts)},
    }


def _wait_for_pods_ready(timeouts: AdmissionTimeouts) -> dict[str, Any]:
    """Build the field of that name; times in Go's duration format."""
    return {
        "timeout": f"{timeouts.ready_seconds}s",
        "recoveryTimeout": f"{timeouts.recovery_seconds}s",
        "blockAdmission": False,
        "requeuingStrategy": {
            "timestamp": "Eviction",
            "backoffBaseSeconds": timeouts.pause_seconds,
            "backoffMaxSeconds": timeouts.longest_pause_seconds,
        },
    }
