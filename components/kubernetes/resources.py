"""Amounts of compute that components take: cores, GiB of memory, GPUs."""

import math
from typing import NotRequired

from modelyard.components.common.errors import ArgumentError
from modelyard.components.kubernetes.manifests.pod_resources import PodResources
from typing_extensions import TypedDict


class PodResourcesArgs(TypedDict):
    """Compute of one pod, or of a team."""

    cpus: float
    """Cores that a pod requests; quota counts them."""
    memory_gib: float
    """GiB of memory, both requested and the limit."""
    cpu_limit: NotRequired[float]
    """Most cores that a pod may use while the node is idle. Default: `cpus`."""
    gpus: NotRequired[int]
    """Whole GPUs. Default 0."""


def validate_resources(component: str, argument: str, args: PodResourcesArgs) -> PodResources:
    """Validate amounts and convert them to millicores and MiB.

    Args:
        component: name of the component, for errors.
        argument: path of the amounts in its arguments; empty where they are arguments themselves.
        args: the amounts. GPUs may be floats, because Pulumi carries numbers so between processes.

    Raises:
        ArgumentError: an amount is not a number that Kubernetes could grant.
    """
    path = f"{argument}." if argument else ""
    for key in ("cpus", "memory_gib"):
        if not (math.isfinite(args[key]) and args[key] > 0):
            raise ArgumentError(component, f"{path}{key}", args[key], "must be a number above 0")
    gpus, limit = args.get("gpus", 0), args.get("cpu_limit")
    if gpus < 0 or gpus != int(gpus):
        rule = "must be a whole number, 0 or more; GPUs cannot be shared between pods"
        raise ArgumentError(component, f"{path}gpus", gpus, rule, "Kubernetes, extended resources")
    if limit is not None and not (math.isfinite(limit) and limit >= args["cpus"]):
        rule = f"must be at least cpus = {args['cpus']:g}"
        raise ArgumentError(component, f"{path}cpu_limit", limit, rule, "Kubernetes, limits and requests")
    return PodResources(
        cpu_millis=round(args["cpus"] * 1000),
        memory_mib=round(args["memory_gib"] * 1024),
        cpu_limit_millis=None if limit is None else round(limit * 1000),
        gpus=int(gpus),
    )
