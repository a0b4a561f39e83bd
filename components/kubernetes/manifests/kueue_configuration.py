"""Kueue's own configuration (`config.kueue.x-k8s.io/v1beta2`), and what its chart is given."""

from dataclasses import dataclass
from typing import Any

import yaml
from modelyard.components.kubernetes.manifests.pod_resources import PodResources

FRAMEWORKS = ("batch/job", "ray.io/rayjob", "ray.io/raycluster", "ray.io/rayservice")
"""What Kueue admits in this platform. Its bundle has the webhooks of these only."""

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
"""The chart's default (Kueue 0.19.2, values.yaml) with our frameworks."""


@dataclass(frozen=True, kw_only=True)
class Admission:
    """What Kueue does with workloads whose pods do not start.

    A workload that is admitted but not running within `ready_seconds` gives its quota back and queues again, each time
    after a longer pause. That also covers a server that waits for a fine-tune's result: it does not hold GPUs for
    hours. Nothing is given up for good.
    """

    ready_seconds: int = 900
    recovery_seconds: int = 300
    """The same for pods that fail later."""
    pause_seconds: int = 30
    longest_pause_seconds: int = 600


def kueue_configuration(base: str, admission: Admission) -> str:
    """`base`, a configuration document, with our admission settings.

    Raises:
        ValueError: `base` is no Kueue configuration.
    """
    document = yaml.safe_load(base)
    if not isinstance(document, dict) or document.get("kind") != "Configuration":
        raise ValueError("not a Kueue configuration: kind must be Configuration")
    document["waitForPodsReady"] = wait_for_pods_ready(admission)
    # A finished workload's record is kept for a day: long enough to ask why something ended.
    document["objectRetentionPolicies"] = {"workloads": {"afterFinished": "24h"}}
    return yaml.safe_dump(document, sort_keys=False)


def chart_values(*, image: str | None, shape: PodResources, admission: Admission) -> dict[str, Any]:
    """Values of Kueue's chart (0.19.2) for the same settings."""
    manager: dict[str, Any] = {"resources": shape.resources()}
    if image:
        repository, _, tag = image.rpartition(":")
        manager["image"] = {"repository": repository, "tag": tag, "pullPolicy": "IfNotPresent"}
    text = kueue_configuration(yaml.safe_dump(UPSTREAM, sort_keys=False), admission)
    return {
        "controllerManager": {"manager": manager},
        "managerConfig": {"controllerManagerConfigYaml": text},
    }


def wait_for_pods_ready(admission: Admission) -> dict[str, Any]:
    """The field of that name; times in Go's duration format."""
    return {
        "timeout": f"{admission.ready_seconds}s",
        "recoveryTimeout": f"{admission.recovery_seconds}s",
        "blockAdmission": False,
        "requeuingStrategy": {
            "timestamp": "Eviction",
            "backoffBaseSeconds": admission.pause_seconds,
            "backoffMaxSeconds": admission.longest_pause_seconds,
        },
    }
