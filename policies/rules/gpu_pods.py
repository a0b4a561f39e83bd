"""Pods with GPUs: tolerations, node selection and shared memory."""

from collections.abc import Iterator

from .field import Field
from .pod import POD_KINDS, RAY_KINDS, gpu_containers, pods
from .queue_name import queue_label
from .resource import Resource
from .rule import Finding, Level, Severity, rule
from .settings import Settings


@rule(
    name="gpu-toleration",
    kinds=POD_KINDS,
    subjects=pods,
    severity=Severity.MEDIUM,
    requirement="A pod with a GPU tolerates every taint of gpuTaints.",
    reason=(
        "GPU pools carry these taints to keep other pods away; without the toleration the pod stays Pending for ever."
    ),
    source="gatekeeper-library PR 737 K8sRequiredGpuToleration",
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
    requirement="A pod with a GPU selects its nodes by a GPU label, unless a queue places it by its resource flavor.",
    reason="In a cluster with several GPU models the pod lands on any of them, with any memory size and price.",
    source="gatekeeper-library PR 737 K8sGpuNodeTargeting; Kueue 0.19 adds the flavor's nodeLabels",
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
    requirement="Ray pods with a GPU mount a memory-backed volume with a size limit at /dev/shm.",
    reason="Containers get 64 MiB there; NCCL and Ray's object store fall back to disk or fail with a bus error.",
    source="gatekeeper-library PR 737 K8sGpuSharedMemory; Ray 2.60 object store",
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
