"""Follows a fine-tune from the queue to its result.

The job's own progress file says how far training is; Kueue's workload says why it has not started. Both are read, so
that a person never looks at a bar that stands still without knowing why.
"""

import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.up.objects import Cluster

#: How often the cluster and the progress file are looked at. Seconds.
EVERY = 1.0

#: The last thing a fine-tune says (workloads/fine_tune/run.py).
_CLOSING = re.compile(r"perplexity ([\d.]+) before, ([\d.]+) after")


class JobFailedError(Exception):
    """The fine-tune ended without a result; the text says why and where to look."""


@dataclass(frozen=True, kw_only=True)
class Moment:
    """What is known about a fine-tune right now."""

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
    observe: Callable[[Moment], None],
    patience: float,
) -> None:
    """Return when the RayJob `job` has succeeded.

    Args:
        cluster: where it runs.
        namespace: of the job.
        job: name of the RayJob.
        results: its results folder, when this machine can read it.
        observe: told about every look.
        patience: seconds after which a job that has not ended is given up on; it goes on running.

    Raises:
        JobFailedError: it failed, vanished, cannot be admitted, or patience ran out.
    """
    give_up = time.monotonic() + patience
    while time.monotonic() < give_up:
        found = cluster.get("rayjobs.ray.io", job, namespace)
        if found is None:
            raise JobFailedError(f"RayJob {namespace}/{job} does not exist any more")
        status = found.get("status") or {}
        if status.get("jobDeploymentStatus") == "Complete" and status.get("jobStatus") == "SUCCEEDED":
            observe(Moment(phase="finished"))
            return
        if status.get("jobDeploymentStatus") in {"Failed", "ValidationFailed"}:
            raise JobFailedError(_why_failed(cluster, namespace, job, status, results))
        observe(_moment(cluster, namespace, found, results))
        time.sleep(EVERY)
    raise JobFailedError(
        f"RayJob {namespace}/{job} has not ended after {patience:.0f} s; it goes on. "
        f"See: kubectl -n {namespace} get rayjob,workload,pod"
    )


def perplexities(cluster: Cluster, namespace: str, job: str) -> tuple[float, float] | None:
    """Perplexity before and after, from the job's own log: for results that this machine cannot read.

    None where the log is gone.
    """
    for pod in cluster.list("pods", namespace, f"job-name={job}"):
        if said := _CLOSING.search(cluster.logs(pod["metadata"]["name"], namespace, 100)):
            return float(said[1]), float(said[2])
    return None


def _moment(cluster: Cluster, namespace: str, job: dict[str, Any], results: Path | None) -> Moment:
    status = job.get("status") or {}
    deployment = status.get("jobDeploymentStatus") or "new"
    if deployment in {"Suspended", "new"}:
        return Moment(phase=_queue_says(cluster, namespace, job))
    progress = _read_progress(results)
    if progress and status.get("jobStatus") == "RUNNING":
        return Moment(
            phase=str(progress.get("stage", "training")),
            step=int(progress.get("step") or 0),
            steps=int(progress.get("steps") or 0),
            loss=progress.get("loss"),
            tokens_per_second=progress.get("tokens_per_second"),
        )
    return Moment(phase={"Initializing": "starting Ray pods"}.get(deployment, f"job {deployment.lower()}"))


def _queue_says(cluster: Cluster, namespace: str, job: dict[str, Any]) -> str:
    """Why Kueue has not admitted the job yet, in its own words: they name the quota that is short."""
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


def _why_failed(cluster: Cluster, namespace: str, job: str, status: dict[str, Any], results: Path | None) -> str:
    reason = status.get("message") or status.get("reason") or "no reason given"
    marker = results / "FAILED" if results else None
    if marker and marker.exists():
        reason = json.loads(marker.read_text()).get("reason", reason)
    pods = cluster.list("pods", namespace, f"job-name={job}")
    said = cluster.logs(pods[-1]["metadata"]["name"], namespace, 15) if pods else ""
    return f"RayJob {namespace}/{job} failed: {reason}\n{said}".rstrip()


def _read_progress(results: Path | None) -> dict[str, Any] | None:
    if results is None:
        return None
    try:
        return json.loads((results / "progress.json").read_text())
    except (OSError, ValueError):
        return None
