"""Fine-tunes as KubeRay RayJobs that Kueue admits.

Kueue's webhook suspends the job when it is created and releases head, workers and submitter together, or none of them
(gang admission); `spec.suspend` therefore belongs to Kueue and is not written here. The cluster is shut down when the
job ends, so that a finished job holds no GPU. Fields: KubeRay 1.6.2, `ray.io/v1`.
"""

from dataclasses import dataclass
from typing import Any

from modelyard.components.kubernetes.manifests.labels import PRIORITY, QUEUE
from modelyard.components.kubernetes.manifests.pod_resources import PodResources
from modelyard.components.kubernetes.manifests.ray_cluster import RayGroups, ray_cluster
from modelyard.components.kubernetes.manifests.ray_pod import FileMount, RayWorkload, ray_pod

SUBMITTER = PodResources(cpu_millis=100, memory_mib=256, cpu_limit_millis=1000)
"""Resources of the submitter, which runs `ray job submit` and follows the logs: 114 MiB resident (Ray 2.60)."""


@dataclass(frozen=True, kw_only=True)
class FineTuneJob:
    """Values of a RayJob manifest."""

    workload: RayWorkload
    groups: RayGroups
    entrypoint: str
    files: FileMount
    deadline_seconds: int
    """Longest run of the job, all attempts together; then it fails."""
    retries: int
    """New Ray clusters after a failed one; each resumes from the last checkpoint."""


def ray_job(job: FineTuneJob) -> dict[str, Any]:
    """Build the RayJob of a fine-tune."""
    workload = job.workload
    submitter = ray_pod("ray-job-submitter", workload, SUBMITTER)
    submitter["spec"]["restartPolicy"] = "Never"  # the batch job around it counts the attempts
    return {
        "apiVersion": "ray.io/v1",
        "kind": "RayJob",
        "metadata": {
            "name": workload.name,
            "namespace": workload.namespace,
            "labels": {**workload.labels, QUEUE: workload.queue, PRIORITY: workload.priority},
        },
        "spec": {
            "entrypoint": job.entrypoint,
            "submissionMode": "K8sJobMode",
            "shutdownAfterJobFinishes": True,
            "activeDeadlineSeconds": job.deadline_seconds,
            "backoffLimit": job.retries,
            "submitterPodTemplate": submitter,
            "rayClusterSpec": ray_cluster(workload, job.groups, files=job.files),
        },
    }
