"""The Ray cluster inside a RayJob or a RayService (KubeRay, `RayClusterSpec`)."""

from dataclasses import dataclass
from typing import Any

from modelyard.components.kubernetes.manifests.network_policy import DASHBOARD_PORT, SERVE_PORT
from modelyard.components.kubernetes.manifests.pod_resources import PodResources
from modelyard.components.kubernetes.manifests.ray_pod import (
    RAY_VERSION,
    Extras,
    FileMount,
    RayWorkload,
    SecretVariable,
    ray_pod,
)

#: Ports of the head as KubeRay names them (KubeRay 1.6.2, `utils/constant.go`); declared, so that its services agree.
HEAD_PORTS = (("gcs-server", 6379), ("dashboard", DASHBOARD_PORT), ("client", 10001), ("serve", SERVE_PORT))


@dataclass(frozen=True, kw_only=True)
class Groups:
    """How many pods a cluster has, and of which shape."""

    head: PodResources
    head_computes: bool = False
    """Tasks may run on the head. Otherwise it only coordinates, so that a task cannot starve it."""
    workers: int = 1
    worker: PodResources | None = None
    """None only if there are no workers."""


def ray_cluster(
    workload: RayWorkload,
    groups: Groups,
    *,
    files: FileMount | None = None,
    variables: tuple[SecretVariable, ...] = (),
    wait: tuple[str, ...] = (),
) -> dict[str, Any]:
    """A cluster whose dashboard and ports demand a token, which KubeRay makes and gives to its own pods only.

    Args:
        workload: what all pods share.
        groups: numbers and shapes.
        files: configuration, in the head, where the driver runs.
        variables: secrets, in every pod that may serve.
        wait: command that must succeed in the head before Ray starts.
    """
    head = Extras(files=files, variables=variables, ports=HEAD_PORTS, wait=wait)
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
                "rayStartParams": _worker_start(groups.worker),
                "template": ray_pod("ray-worker", workload, groups.worker, Extras(variables=variables)),
            }
        ]
    return cluster


def _worker_start(shape: PodResources) -> dict[str, str]:
    started = {"num-cpus": str(_ray_cpus(shape))}
    if shape.gpus:
        started["num-gpus"] = str(shape.gpus)
    return started


def _ray_cpus(shape: PodResources) -> int:
    """Ray schedules whole CPUs; a pod of less than one still runs one task. Said outright, or Ray counts the node's."""
    return max(1, shape.cpu_millis // 1000)
