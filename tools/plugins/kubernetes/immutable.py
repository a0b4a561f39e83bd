"""Fields that Kubernetes does not let anyone change: a change means that the object is replaced.

The table is the official provider's (provider/pkg/provider/diff.go of pulumi-kubernetes, commit 9497796, 2026-07-01),
plus the fields marked below. A path means the field and everything below it; `[*]` is any item of a list.
"""

from typing import Any

from tools.plugins.diff import Path
from tools.plugins.kubernetes.manifest import dig

_IDENTITY = ("metadata.name", "metadata.namespace")

_WORKLOAD = ("spec.selector",)
_STATEFUL_SET = (
    "spec.podManagementPolicy",
    "spec.revisionHistoryLimit",
    "spec.selector",
    "spec.serviceName",
    "spec.volumeClaimTemplates",
)
_JOB = ("spec.completions", "spec.parallelism", "spec.selector", "spec.template")
_VOLUME_SOURCES = [
    "awsElasticBlockStore",
    "azureDisk",
    "azureFile",
    "cephfs",
    "cinder",
    "csi",
    "fc",
    "flexVolume",
    "flocker",
    "gcePersistentDisk",
    "glusterfs",
    "hostPath",
    "iscsi",
    "local",
    "nfs",
    "photonPersistentDisk",
    "portworxVolume",
    "quobyte",
    "rbd",
    "scaleIO",
    "storageos",
    "vsphereVolume",
]
_POD_FIELDS = [
    "affinity",
    "automountServiceAccountToken",
    "dnsConfig",
    "dnsPolicy",
    "enableServiceLinks",
    "hostAliases",
    "hostIPC",
    "hostNetwork",
    "hostPID",
    "hostname",
    "imagePullSecrets",
    "nodeName",
    "nodeSelector",
    "overhead",
    "preemptionPolicy",
    "priority",
    "priorityClassName",
    "readinessGates",
    "restartPolicy",
    "runtimeClassName",
    "schedulerName",
    "securityContext",
    "serviceAccount",
    "serviceAccountName",
    "shareProcessNamespace",
    "subdomain",
    "terminationGracePeriodSeconds",
    "volumes",
]
_CONTAINER_FIELDS = [
    "args",
    "command",
    "env",
    "image",
    "imagePullPolicy",
    "lifecycle",
    "livenessProbe",
    "ports",
    "readinessProbe",
    "resources",
    "securityContext",
    "stdin",
    "stdinOnce",
    "terminationMessagePath",
    "terminationMessagePolicy",
    "tty",
    "volumeDevices",
    "volumeMounts",
    "workingDir",
]

_BY_KIND: dict[tuple[str, str], tuple[str, ...]] = {
    ("apps", "DaemonSet"): _WORKLOAD,
    ("apps", "Deployment"): _WORKLOAD,
    ("apps", "StatefulSet"): _STATEFUL_SET,
    ("batch", "Job"): _JOB,
    ("rbac.authorization.k8s.io", "ClusterRoleBinding"): ("roleRef",),
    ("rbac.authorization.k8s.io", "RoleBinding"): ("roleRef",),
    ("storage.k8s.io", "StorageClass"): ("parameters", "provisioner"),
    ("", "PersistentVolume"): tuple(f"spec.{source}" for source in _VOLUME_SOURCES),
    ("", "PersistentVolumeClaim"): (
        "spec.accessModes",
        "spec.selector",
        "spec.storageClassName",
        "spec.volumeName",
    ),
    ("", "Pod"): (
        *(f"spec.{name}" for name in _POD_FIELDS),
        *(f"spec.{group}[*].{name}" for group in ("containers", "initContainers") for name in _CONTAINER_FIELDS),
    ),
    ("", "ResourceQuota"): ("spec.scopes",),
    ("", "Secret"): ("type",),
    ("", "Service"): ("spec.clusterIP",),
    # Not in the official table, where such a change ends in an error of the API server
    # (kubernetes: ValidatePriorityClassUpdate, ValidateStorageClassUpdate).
    ("scheduling.k8s.io", "PriorityClass"): ("value", "preemptionPolicy"),
}


def immutable_fields(manifest: dict[str, Any], *, mutable_config_maps: bool, mutable_secrets: bool) -> list[Path]:
    """The paths whose change replaces this object.

    ConfigMaps and Secrets are replaced when their data changes, so that pods which name them are rolled; the provider's
    options `enableConfigMapMutable` and `enableSecretMutable` turn that off for objects that are not `immutable: true`.
    """
    api_version, kind = str(manifest.get("apiVersion", "")), str(manifest.get("kind", ""))
    group = api_version.rpartition("/")[0]
    fields = (*_IDENTITY, *_BY_KIND.get((group, kind), ()))
    is_frozen = dig(manifest, "immutable") is True
    if (group, kind) == ("", "ConfigMap") and (is_frozen or not mutable_config_maps):
        fields += ("data", "binaryData")
    if (group, kind) == ("", "Secret") and (is_frozen or not mutable_secrets):
        fields += ("data", "stringData")
    return [_parse(field) for field in fields]


def _parse(field: str) -> Path:
    return tuple(field.replace("[*]", ".*").split("."))
