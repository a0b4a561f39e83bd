"""What containers ask for: CPU, memory and GPUs."""

from collections.abc import Iterator

from .field import Field
from .pod import POD_KINDS, RAY_KINDS, Container, containers, gpu_containers, pods
from .queue_name import queue_label
from .resource import Resource
from .rule import Finding, Level, Severity, rule
from .settings import Settings

_SIDES = ("requests", "limits")


@rule(
    name="pod-resources",
    kinds=POD_KINDS,
    subjects=containers,
    severity=Severity.HIGH,
    what="Every container and init container sets limits for cpu and memory, and no request above them.",
    why="Quota and scheduler do not see a pod that asks for nothing; one without a memory limit can fell its node.",
    source="guardrails 22: gatekeeper-library PR 737 K8sGpuWorkloadResources, kyverno require-pod-requests-limits",
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
    what="GPUs are whole numbers, the request equal to the limit, at most maxGpusPerContainer in one container.",
    why="Kubernetes refuses devices that are overcommitted or split, and no node has more than so many.",
    source="guardrails 22: gatekeeper-library PR 737 K8sGpuResourceLimits; Kubernetes device plugins",
    fix="Write the same whole number under resources.requests and resources.limits.",
)
def gpu_requests(container: Container, _resource: Resource, settings: Settings) -> Iterator[Finding]:
    """One finding per accelerator name."""
    most = settings.max_gpus_per_container
    for name in container.gpu_resources():
        where = container.field.at("resources", "limits", name)
        try:
            request, limit = (container.amount(side, name) for side in _SIDES)
        except ValueError as error:
            yield Finding(where.path, f"container `{container.name}`: {error}", f"a whole number from 0 to {most}")
            continue
        if limit is None:
            yield Finding(
                where.path,
                f"container `{container.name}` requests {name} without a limit",
                "a limit equal to the request",
            )
        elif request is not None and request != limit:
            yield Finding(
                where.path,
                f"container `{container.name}` requests {request} of {name} with a limit of {limit}",
                "a limit equal to the request",
            )
        elif limit.denominator != 1 or not 0 <= limit <= most:
            yield Finding(
                where.path,
                f"container `{container.name}` asks for {limit} of {name}",
                f"a whole number from 0 to {most}",
            )


@rule(
    name="gpu-memory",
    kinds=POD_KINDS,
    subjects=containers,
    severity=Severity.MEDIUM,
    what="A container that asks for a GPU has its memory request equal to its memory limit.",
    why="Else the kernel may kill a job that holds an expensive GPU because a neighbour used the memory it counted on.",
    source="guardrails 22: gatekeeper-library PR 737 K8sGpuWorkloadResources",
    fix="Write the same amount under resources.requests.memory and resources.limits.memory.",
)
def gpu_memory(container: Container, _resource: Resource, _settings: Settings) -> Iterator[Finding]:
    """At most one finding per container."""
    if not container.wants_gpu():
        return
    try:
        request, limit = (container.amount(side, "memory") for side in _SIDES)
    except ValueError:
        return  # pod-resources tells it
    if request is not None and limit is not None and request != limit:
        resources = container.field.at("resources")
        shown = [resources.at(side, "memory").value for side in _SIDES]
        yield Finding(
            resources.path,
            f"GPU container `{container.name}` requests {shown[0]} of memory with a limit of {shown[1]}",
            "a memory request equal to the memory limit",
        )


@rule(
    name="gpu-toleration",
    kinds=POD_KINDS,
    subjects=pods,
    severity=Severity.MEDIUM,
    what="A pod with a GPU tolerates every taint of gpuTaints.",
    why="GPU pools carry these taints to keep other pods away; without the toleration the pod stays Pending for ever.",
    source="guardrails 26 and 1: gatekeeper-library PR 737 K8sRequiredGpuToleration",
    fix="Add a toleration with the key, operator Exists and effect NoSchedule.",
)
def gpu_toleration(pod: Field, _resource: Resource, settings: Settings) -> Iterator[Finding]:
    """One finding per taint that is not tolerated."""
    if not gpu_containers(pod):
        return
    tolerations = pod.at("tolerations")
    for taint in settings.gpu_taints:
        if not any(_tolerates(toleration, taint) for toleration in tolerations.items()):
            yield Finding(
                tolerations.path or "tolerations",
                f"the pod asks for a GPU and does not tolerate the taint `{taint}`",
                f"a toleration of each of: {', '.join(settings.gpu_taints)}",
            )


@rule(
    name="gpu-node-targeting",
    kinds=POD_KINDS,
    subjects=pods,
    severity=Severity.LOW,
    level=Level.ADVISORY,
    what="A pod with a GPU selects its nodes by a GPU label, unless a queue places it by its resource flavor.",
    why="In a cluster with several GPU models the pod lands on any of them, with any memory size and price.",
    source="guardrails 26: gatekeeper-library PR 737 K8sGpuNodeTargeting; Kueue 0.19 adds the flavor's nodeLabels",
    fix="Add a nodeSelector or a node affinity such as nvidia.com/gpu.product, or a queue label.",
)
def gpu_node_targeting(pod: Field, resource: Resource, _settings: Settings) -> Iterator[Finding]:
    """At most one finding per pod."""
    if not gpu_containers(pod) or queue_label(resource).text():
        return
    keys = [key for key, _ in pod.at("nodeSelector").members()]
    affinity = pod.at("affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms")
    keys += [
        expression.at("key").text() for term in affinity.items() for expression in term.at("matchExpressions").items()
    ]
    if not any(_is_gpu_label(key) for key in keys):
        yield Finding(
            pod.at("nodeSelector").path,
            "the pod asks for a GPU and selects no GPU nodes",
            "a nodeSelector or required node affinity on a GPU label, or the queue label",
        )


@rule(
    name="shared-memory",
    kinds=RAY_KINDS,
    subjects=pods,
    severity=Severity.LOW,
    level=Level.ADVISORY,
    what="Ray pods with a GPU mount a memory-backed volume with a size limit at /dev/shm.",
    why="Containers get 64 MiB there; NCCL and Ray's object store fall back to disk or fail with a bus error.",
    source="guardrails 27: gatekeeper-library PR 737 K8sGpuSharedMemory; Ray 2.60 object store",
    fix="Add an emptyDir volume with medium Memory and a sizeLimit, and mount it at /dev/shm.",
)
def shared_memory(pod: Field, _resource: Resource, _settings: Settings) -> Iterator[Finding]:
    """At most one finding per GPU container."""
    memory = {
        volume.at("name").text()
        for volume in pod.at("volumes").items()
        if volume.at("emptyDir", "medium").read() == "Memory" and volume.at("emptyDir", "sizeLimit").value is not None
    }
    for container in gpu_containers(pod):
        mounts = container.field.at("volumeMounts")
        at_shm = {mount.at("name").text() for mount in mounts.items() if mount.at("mountPath").read() == "/dev/shm"}  # noqa: S108 - the path of a mount in a manifest
        if not at_shm & memory:
            yield Finding(
                mounts.path,
                f"GPU container `{container.name}` has no memory-backed volume with a size limit at /dev/shm",
                "an emptyDir with medium Memory and a sizeLimit",
            )


def _tolerates(toleration: Field, taint: str) -> bool:
    key, operator = toleration.at("key").read(), toleration.at("operator").read()
    effect = toleration.at("effect").read()
    return (key == taint or (not key and operator == "Exists")) and effect in (None, "", "NoSchedule", "NoExecute")


def _is_gpu_label(key: str) -> bool:
    # GPU feature discovery, AKS, GKE, Karpenter on AWS and Azure, OpenShift's autoscaler label
    return key.startswith(("nvidia.com/", "amd.com/")) or key in (
        "kubernetes.azure.com/accelerator",
        "accelerator",
        "cloud.google.com/gke-accelerator",
        "karpenter.k8s.aws/instance-gpu-name",
        "karpenter.azure.com/sku-gpu-name",
        "cluster-api/accelerator",
        "node.kubernetes.io/instance-type",
    )
