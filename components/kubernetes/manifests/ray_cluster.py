"""Ray clusters inside a RayJob or a RayService (KubeRay, `RayClusterSpec`)."""

from dataclasses import dataclass
from typing import Any

from modelyard.components.kubernetes.manifests.network_policy import DASHBOARD_PORT, SERVE_PORT
from modelyard.components.kubernetes.manifests.pod_resources import PodResources
from modelyard.components.kubernetes.manifests.ray_pod import (
    RAY_VERSION,
    FileMount,
    PodExtras,
    RayWorkload,
    SecretVariable,
    ray_pod,
)

HEAD_PORTS = (("gcs-server", 6379), ("dashboard", DASHBOARD_PORT), ("client", 10001), ("serve", SERVE_PORT))
"""Ports of the head by KubeRay's names (1.6.2, `utils/constant.go`); declared, so that its services agree."""


@dataclass(frozen=True, kw_only=True)
class RayGroups:
    """Numbers and resources of a Ray cluster's pods."""

    head: PodResources
    head_computes: bool = False
    """Run tasks on the head as well. Otherwise it only coordinates, so that no task can starve it."""
    workers: int = 1
    worker: PodResources | None = None
    """Resources of each worker; None only where there are no workers."""


def ray_cluster(
    workload: RayWorkload,
    groups: RayGroups,
    *,
    files: FileMount | None = None,
    variables: tuple[SecretVariable, ...] = (),
    wait: tuple[str, ...] = (),
) -> dict[str, Any]:
    """Build a cluster whose dashboard and ports demand a token, which KubeRay creates and gives to its own pods only.

    Args:
        workload: properties that all pods share.
        groups: numbers and resources of the pods.
        files: configuration files in the head, where the driver runs.
        variables: secrets in every pod that may serve.
        wait: command that must succeed in the head before Ray starts.
    """
    head = PodExtras(files=files, variables=variables, ports=HEAD_PORTS, wait=wait)
    cluster: dict[str, Any] = {
        "rayVersion": RAY_VERSION,
        "authOptions": {"mode": "token"},
        "headGroupSpec": {
            "rayStartParams": {
                "dashboard-host": "0.0.0.0",  # noqa: S104 - the pod's own address, behind the token and the policies
                "num-cpus": str(_ray_cpus(groups.head)) if groups.head_computes else "0",
            },
            "template": ray_pod("ray-head", workload, groups.head, head),
        },
    }
    if groups.workers and groups.worker:
        cluster["workerGroupSpecs"] = [
            {
                "groupName": "workers",
                "replicas": groups.workers,
                "minReplicas": groups.workers,
                "maxReplicas": groups.workers,
                "rayStartParams": _worker_parameters(groups.worker),
                "template": ray_pod("ray-worker", workload, groups.worker, PodExtras(variables=variables)),
            }
        ]
    return cluster


def _worker_parameters(resources: PodResources) -> dict[str, str]:
    parameters = {"num-cpus": str(_ray_cpus(resources))}
    if resources.gpus:
        parameters["num-gpus"] = str(resources.gpus)
    return parameters


def _ray_cpus(resources: PodResources) -> int:
    """Count the CPUs that Ray schedules: whole ones, at least one. Without a count Ray would take the node's."""
    return max(1, resources.cpu_millis // 1000)
