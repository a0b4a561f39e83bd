"""Progress of a fine-tune from the queue to its result.

The job's own progress file has the step of the training; Kueue's workload has the reason why it has not started. Both
are read, so that a person always knows why a bar stands still.
"""

import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.up.objects import Cluster

#: Pause between two readings of the cluster and the progress file. Seconds.
INTERVAL = 1.0

#: Last line of a fine-tune's log (workloads/fine_tune/run.py).
_LAST_LINE = re.compile(r"perplexity ([\d.]+) before, ([\d.]+) after")


class JobFailedError(Exception):
    """The fine-tune ended without a result; the text has the reason and the place to look."""


@dataclass(frozen=True, kw_only=True)
class JobProgress:
    """State of a fine-tune at one moment."""

    phase: str
    """One short sentence for a person."""
    step: int = 0
    steps: int = 0
    loss: float | None = None
    tokens_per_second: float | None = None


def follow(
    cluster: Cluster,
    namespace: str,
    job: str,
    *,
    results: Path | None,
    observe: Callable[[JobProgress], None],
    patience: float,
) -> None:
    """Wait until the RayJob `job` has succeeded.

    Args:
        cluster: cluster that the job runs on.
        namespace: namespace of the job.
        job: name of the RayJob.
        results: results folder of the job, when this machine can read it.
        observe: called with the progress at every reading.
        patience: longest wait in seconds; the job itself goes on after it.

    Raises:
        JobFailedError: the job failed, vanished, cannot be admitted, or did not end in time.
    """
    give_up = time.monotonic() + patience
    while time.monotonic() < give_up:
        manifest = cluster.get("rayjobs.ray.io", job, namespace)
        if manifest is None:
            raise JobFailedError(f"RayJob {namespace}/{job}: it does not exist any more")
        status = manifest.get("status") or {}
        if status.get("jobDeploymentStatus") == "Complete" and status.get("jobStatus") == "SUCCEEDED":
            observe(JobProgress(phase="finished"))
            return
        if status.get("jobDeploymentStatus") in {"Failed", "ValidationFailed"}:
            raise JobFailedError(_describe_failure(cluster, namespace, job, status, results))
        observe(_read_job(cluster, namespace, manifest, results))
        time.sleep(INTERVAL)
    raise JobFailedError(
        f"RayJob {namespace}/{job}: not ended after {patience:.0f} s, and still running; "
        f"see kubectl -n {namespace} get rayjob,workload,pod"
    )


def read_perplexities(cluster: Cluster, namespace: str, job: str) -> tuple[float, float] | None:
    """Read the perplexity before and after from the job's log, for results that this machine cannot read.

    None where the log is gone.
    """
    for pod in cluster.list("pods", namespace, f"job-name={job}"):
        if match := _LAST_LINE.search(cluster.logs(pod["metadata"]["name"], namespace, 100)):
            return float(match[1]), float(match[2])
    return None


def _read_job(cluster: Cluster, namespace: str, job: dict[str, Any], results: Path | None) -> JobProgress:
    status = job.get("status") or {}
    deployment = status.get("jobDeploymentStatus") or "new"
    if deployment in {"Suspended", "new"}:
        return JobProgress(phase=_read_queue(cluster, namespace, job))
    progress = _read_progress(results)
    if progress and status.get("jobStatus") == "RUNNING":
        return JobProgress(
            phase=str(progress.get("stage", "training")),
            step=int(progress.get("step") or 0),
            steps=int(progress.get("steps") or 0),
            loss=progress.get("loss"),
            tokens_per_second=progress.get("tokens_per_second"),
        )
    return JobProgress(phase={"Initializing": "starting Ray pods"}.get(deployment, f"job {deployment.lower()}"))


def _read_queue(cluster: Cluster, namespace: str, job: dict[str, Any]) -> str:
    """Read the state of the job in its queue, with Kueue's own message, which names the quota that is short."""
    uid = job["metadata"]["uid"]
    for workload in cluster.list("workloads.kueue.x-k8s.io", namespace):
        owners = workload["metadata"].get("ownerReferences") or []
        if not any(owner["uid"] == uid for owner in owners):
            continue
        for condition in (workload.get("status") or {}).get("conditions") or []:
            if condition["type"] == "QuotaReserved" and condition["status"] == "False":
                return f"queued: {condition['message']}"
        return "admitted"
    return "waiting for the queue"


def _describe_failure(cluster: Cluster, namespace: str, job: str, status: dict[str, Any], results: Path | None) -> str:
    reason = status.get("message") or status.get("reason") or "no reason given"
    marker = results / "FAILED" if results else None
    if marker and marker.exists():
        reason = json.loads(marker.read_text()).get("reason", reason)
    pods = cluster.list("pods", namespace, f"job-name={job}")
    log = cluster.logs(pods[-1]["metadata"]["name"], namespace, 15) if pods else ""
    return f"RayJob {namespace}/{job} failed: {reason}\n{log}".rstrip()


def _read_progress(results: Path | None) -> dict[str, Any] | None:
    if results is None:
        return None
    try:
        return json.loads((results / "progress.json").read_text())
    except (OSError, ValueError):
        return None
