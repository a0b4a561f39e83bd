"""Requests and limits of containers: CPU, memory and GPUs."""

from collections.abc import Iterator

from .pod import POD_KINDS, Container, containers
from .resource import Resource
from .rule import Finding, Severity, rule
from .settings import Settings

_SIDES = ("requests", "limits")


@rule(
    name="pod-resources",
    kinds=POD_KINDS,
    subjects=containers,
    severity=Severity.HIGH,
    requirement="Every container and init container sets limits for cpu and memory, and no request above them.",
    reason="Quota and scheduler do not see a pod that asks for nothing; one without a memory limit can fell its node.",
    source="gatekeeper-library PR 737 K8sGpuWorkloadResources, kyverno require-pod-requests-limits",
    fix="Set resources.requests and resources.limits for cpu and memory.",
)
def pod_resources(container: Container, _resource: Resource, _settings: Settings) -> Iterator[Finding]:
    """One finding for all that is missing, and one for each amount that makes no sense.

    A limit alone is enough: Kubernetes then takes it as the request too.
    """
    resources = container.field.at("resources")
    missing = []
    for name in ("cpu", "memory"):
        try:
            request, limit = (container.amount(side, name) for side in _SIDES)
        except ValueError as error:
            yield Finding(resources.path, f"container `{container.name}`: {name}: {error}", "Kubernetes quantities")
            continue
        if limit is None:
            missing += [f"limits.{name}"] if request is not None else [f"requests.{name}", f"limits.{name}"]
        elif request is not None and request > limit:
            shown = [resources.at(side, name).value for side in _SIDES]
            yield Finding(
                resources.path,
                f"container `{container.name}` requests {shown[0]} of {name}, above its limit of {shown[1]}",
                "a request of at most the limit",
            )
    if missing:
        yield Finding(
            resources.path,
            f"container `{container.name}` does not set {', '.join(missing)}",
            "a limit, and a request unless it equals the limit, for cpu and memory",
        )


@rule(
    name="gpu-requests",
    kinds=POD_KINDS,
    subjects=containers,
    severity=Severity.HIGH,
    requirement="GPUs are whole numbers, the request equal to the limit, at most maxGpusPerContainer in one container.",
    reason="Kubernetes refuses devices that are overcommitted or split, and no node has more than so many.",
    source="gatekeeper-library PR 737 K8sGpuResourceLimits; Kubernetes device plugins",
    fix="Write the same whole number under resources.requests and resources.limits.",
)
def gpu_requests(container: Container, _resource: Resource, settings: Settings) -> Iterator[Finding]:
    """One finding per accelerator name."""
    most = settings.max_gpus_per_container
    for name in container.gpu_resources():
        field = container.field.at("resources", "limits", name)
        try:
            request, limit = (container.amount(side, name) for side in _SIDES)
        except ValueError as error:
            yield Finding(field.path, f"container `{container.name}`: {error}", f"a whole number from 0 to {most}")
            continue
        if limit is None:
            yield Finding(
                field.path,
                f"container `{container.name}` requests {name} without a limit",
                "a limit equal to the request",
            )
        elif request is not None and request != limit:
            yield Finding(
                field.path,
                f"container `{container.name}` requests {request} of {name} with a limit of {limit}",
                "a limit equal to the request",
            )
        elif limit.denominator != 1 or not 0 <= limit <= most:
            yield Finding(
                field.path,
                f"container `{container.name}` asks for {limit} of {name}",
                f"a whole number from 0 to {most}",
            )


@rule(
    name="gpu-memory",
    kinds=POD_KINDS,
    subjects=containers,
    severity=Severity.MEDIUM,
    requirement="A container that asks for a GPU has its memory request equal to its memory limit.",
    reason=(
        "Else the kernel may kill a job that holds an expensive GPU because a neighbour used the memory it counted on."
    ),
    source="gatekeeper-library PR 737 K8sGpuWorkloadResources",
    fix="Write the same amount under resources.requests.memory and resources.limits.memory.",
)
def gpu_memory(container: Container, _resource: Resource, _settings: Settings) -> Iterator[Finding]:
    """At most one finding per container."""
    if not container.wants_gpu():
        return
    try:
        request, limit = (container.amount(side, "memory") for side in _SIDES)
    except ValueError:
        return  # pod-resources reports it
    if request is not None and limit is not None and request != limit:
        resources = container.field.at("resources")
        shown = [resources.at(side, "memory").value for side in _SIDES]
        yield Finding(
            resources.path,
            f"GPU container `{container.name}` requests {shown[0]} of memory with a limit of {shown[1]}",
            "a memory request equal to the memory limit",
        )
