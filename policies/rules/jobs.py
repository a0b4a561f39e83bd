"""Jobs wait in a queue, end in time, and give back what they held."""

from collections.abc import Iterator

from .field import Field
from .pod import APP_WRAPPER, POD_KINDS, gpu_containers, pods
from .queue_name import QUEUE_LABEL, queue_label
from .resource import Kind, Resource
from .rule import Finding, Severity, rule
from .settings import Settings

_RAY_JOB: Kind = ("ray.io", "RayJob")
_JOB: Kind = ("batch", "Job")

# Kinds that are jobs by nature, and that Kueue 0.19 admits when they carry its label.
_QUEUED: frozenset[Kind] = frozenset(
    {
        _RAY_JOB,
        ("ray.io", "RayCluster"),
        ("ray.io", "RayService"),
        _JOB,
        ("batch", "CronJob"),
        ("jobset.x-k8s.io", "JobSet"),
        APP_WRAPPER,
    }
)


@rule(
    name="queue-label",
    kinds=POD_KINDS,
    tenants_only=True,
    severity=Severity.HIGH,
    requirement="Jobs and Ray objects of tenants, and whatever else of theirs asks for GPUs, name a queue by label.",
    reason="Kueue ignores what has no label: it runs at once, past every quota, and takes GPUs from those who wait.",
    source="Kueue 0.19 queue-name label",
    fix=f"Set the label {QUEUE_LABEL} to a LocalQueue of the namespace.",
)
def queue_label_present(_body: Field, resource: Resource, _settings: Settings) -> Iterator[Finding]:
    """At most one finding."""
    label = queue_label(resource)
    if label.text():
        return
    if resource.kind in _QUEUED:
        yield Finding(label.path, f"the {resource.kind[1]} names no queue", f"a LocalQueue under {QUEUE_LABEL}")
    elif any(gpu_containers(pod) for pod in pods(resource)):
        yield Finding(label.path, "the object asks for GPUs and names no queue", f"a LocalQueue under {QUEUE_LABEL}")


@rule(
    name="job-deadline",
    kinds={_RAY_JOB, _JOB},
    tenants_only=True,
    severity=Severity.MEDIUM,
    requirement="A RayJob or Job of a tenant sets activeDeadlineSeconds above 0.",
    reason="A job that hangs holds its GPUs, and its place in the queue, until somebody notices.",
    source="gatekeeper-library PR 737 K8sGpuActiveDeadline",
    fix="Set spec.activeDeadlineSeconds to the longest time the job may reasonably take.",
)
def job_deadline(body: Field, _resource: Resource, _settings: Settings) -> Iterator[Finding]:
    """At most one finding."""
    deadline = body.at("spec", "activeDeadlineSeconds")
    seconds = deadline.read()
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or seconds <= 0:
        shown = "no deadline" if seconds is None else f"the deadline {seconds!r}"
        yield Finding(deadline.path, f"the job has {shown}", "a number of seconds above 0")


@rule(
    name="ray-job-shutdown",
    kinds={_RAY_JOB},
    severity=Severity.HIGH,
    requirement="A RayJob that makes its own cluster sets shutdownAfterJobFinishes to true.",
    reason="Else the finished job's pods keep their GPUs, and Kueue refuses to admit it in the first place.",
    source="Kueue 0.19 RayJob webhook; KubeRay 1.6 RayJob",
    fix="Set spec.shutdownAfterJobFinishes to true.",
)
def ray_job_shutdown(body: Field, _resource: Resource, _settings: Settings) -> Iterator[Finding]:
    """At most one finding."""
    if body.at("spec", "rayClusterSpec").value is None:
        return
    shutdown = body.at("spec", "shutdownAfterJobFinishes")
    if shutdown.read() is not True:
        yield Finding(shutdown.path, "the cluster of the RayJob outlives the job", "true")
