"""Amounts of compute as components take them.

Numbers cross Pulumi's wire as floating point when a component runs out of process, so that each is converted here.
"""

from typing import NotRequired

from modelyard.components.kubernetes.manifests.pod_resources import PodResources
from typing_extensions import TypedDict


class PodResourcesArgs(TypedDict):
    """What one pod, or one team, may have."""

    cpus: float
    """Cores; a pod requests them, and quota counts them."""
    memory_gib: float
    """GiB; request and limit are one."""
    cpu_limit: NotRequired[float]
    """Most cores that a pod may use while the node is idle. Default: `cpus`."""
    gpus: NotRequired[int]
    """Default 0."""


def shape(args: PodResourcesArgs) -> PodResources:
    """As the builders take it: millicores and MiB."""
    limit = args.get("cpu_limit")
    return PodResources(
        cpu_millis=round(float(args["cpus"]) * 1000),
        memory_mib=round(float(args["memory_gib"]) * 1024),
        cpu_limit_millis=None if limit is None else round(float(limit) * 1000),
        gpus=int(args.get("gpus", 0)),
    )
