"""Pods of a Ray cluster: the template that heads, workers and submitters share.

Ray writes to three places: its session folder under /tmp, shared memory for its object store, and a home. The rest of
the image is read-only. Claims are mounted at `/mnt/<claim>`.
"""

from dataclasses import dataclass, field
from typing import Any

from modelyard.components.common.ownership import Ownership
from modelyard.components.kubernetes.manifests.labels import WORKSPACE
from modelyard.components.kubernetes.manifests.pod_resources import GPU, PodResources, format_memory
from modelyard.components.kubernetes.manifests.security import HOME, container_context, pod_context

RAY_VERSION = "2.60.0"
"""Version of Ray in the workload images (pyproject.toml, extra `workloads`); KubeRay probes it over HTTP from 2.53."""

ENVIRONMENT = {
    "HOME": HOME,
    "HF_HOME": f"{HOME}/.cache/huggingface",
    "RAY_USAGE_STATS_ENABLED": "0",  # no report leaves the cluster
    "PYTHONUNBUFFERED": "1",
}


@dataclass(frozen=True, kw_only=True)
class RayWorkload:
    """Properties that all pods of one workload share."""

    name: str
    namespace: str
    workspace: str
    """Name of the workspace, a label of the pods; it is the same over all runs, while `name` changes with each."""
    image: str
    queue: str
    priority: str
    service_account: str
    ownership: Ownership
    claims: tuple[str, ...] = ()
    """Names of the claims to mount."""
    pod_labels: dict[str, str] = field(default_factory=dict)
    """Further labels of the pods, e.g. for a webhook of the cloud."""

    @property
    def labels(self) -> dict[str, str]:
        """Labels of the pods."""
        return {**self.ownership.labels(), WORKSPACE: self.workspace, **self.pod_labels}


@dataclass(frozen=True, kw_only=True)
class FileMount:
    """Config map whose files appear in a folder."""

    config_map: str
    folder: str


@dataclass(frozen=True, kw_only=True)
class SecretVariable:
    """Environment variable whose value is a secret's."""

    variable: str
    secret: str
    key: str


@dataclass(frozen=True, kw_only=True)
class PodExtras:
    """Properties of one pod beyond those of its workload."""

    files: FileMount | None = None
    variables: tuple[SecretVariable, ...] = ()
    ports: tuple[tuple[str, int], ...] = ()
    wait: tuple[str, ...] = ()
    """Command of an init container that must succeed before Ray starts; it runs the same image."""


def ray_pod(
    container: str, workload: RayWorkload, resources: PodResources, extras: PodExtras | None = None
) -> dict[str, Any]:
    """Build the pod template of one group of a Ray cluster."""
    extras = extras or PodExtras()
    mounts = _mounts(workload, extras.files)
    main: dict[str, Any] = {
        "name": container,
        "image": workload.image,
        "imagePullPolicy": "IfNotPresent",
        "env": _variables(extras.variables),
        "resources": resources.requirements(),
        "securityContext": container_context(),
        "volumeMounts": mounts,
    }
    if extras.ports:
        main["ports"] = [{"name": name, "containerPort": port} for name, port in extras.ports]
    spec: dict[str, Any] = {
        "serviceAccountName": workload.service_account,
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,  # no environment variables about other workspaces' services
        "securityContext": pod_context(),
        "containers": [main],
        "volumes": _volumes(workload, resources, extras.files),
    }
    if extras.wait:
        spec["initContainers"] = [_init_container(extras.wait, workload, mounts)]
    if resources.gpus:
        spec["tolerations"] = [{"key": GPU, "operator": "Exists", "effect": "NoSchedule"}]
    return {"metadata": {"labels": workload.labels}, "spec": spec}


def _init_container(command: tuple[str, ...], workload: RayWorkload, mounts: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "name": "wait-for-result",
        "image": workload.image,
        "imagePullPolicy": "IfNotPresent",
        "command": list(command),
        "env": _variables(()),
        "resources": PodResources(cpu_millis=100, memory_mib=128).requirements(),
        "securityContext": container_context(),
        "volumeMounts": mounts,
    }


def _variables(secrets: tuple[SecretVariable, ...]) -> list[dict[str, Any]]:
    plain = [{"name": name, "value": value} for name, value in ENVIRONMENT.items()]
    return plain + [
        {"name": secret.variable, "valueFrom": {"secretKeyRef": {"name": secret.secret, "key": secret.key}}}
        for secret in secrets
    ]


def _mounts(workload: RayWorkload, files: FileMount | None) -> list[dict[str, Any]]:
    mounts: list[dict[str, Any]] = [
        {"name": "tmp", "mountPath": "/tmp"},  # noqa: S108 - the pod's own
        {"name": "home", "mountPath": HOME},
        {"name": "shared-mem", "mountPath": "/dev/shm"},  # noqa: S108 - the pod's own
    ]
    mounts += [{"name": f"claim-{claim}", "mountPath": f"/mnt/{claim}"} for claim in workload.claims]
    if files:
        mounts.append({"name": "files", "mountPath": files.folder, "readOnly": True})
    return mounts


def _volumes(workload: RayWorkload, resources: PodResources, files: FileMount | None) -> list[dict[str, Any]]:
    volumes: list[dict[str, Any]] = [
        {"name": "tmp", "emptyDir": {}},
        {"name": "home", "emptyDir": {}},
        # Ray's object store lives in shared memory. Pages there count as the pod's memory, so its limit is the bound.
        {"name": "shared-mem", "emptyDir": {"medium": "Memory", "sizeLimit": format_memory(resources.memory_mib)}},
    ]
    volumes += [{"name": f"claim-{claim}", "persistentVolumeClaim": {"claimName": claim}} for claim in workload.claims]
    if files:
        volumes.append({"name": "files", "configMap": {"name": files.config_map}})
    return volumes
