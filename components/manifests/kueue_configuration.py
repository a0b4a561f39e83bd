"""Kueue's own configuration (`config.kueue.x-k8s.io/v1beta2`), as a change to the one that its bundle brings."""

from dataclasses import dataclass
from typing import Any

import yaml


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
