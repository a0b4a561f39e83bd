"""Volumes of a team, which keep data, checkpoints and models between jobs.

A claim is mounted in every pod of a workspace at `/mnt/<claim>`; `pvc://<claim>/…` names files in it.
"""

from dataclasses import dataclass
from typing import Any

from modelyard.components.common.ownership import Ownership
from modelyard.components.kubernetes.manifests.pod_resources import format_memory


@dataclass(frozen=True, kw_only=True)
class Volume:
    """Volume claim in a team's namespace."""

    name: str
    namespace: str
    size_mib: int
    storage_class: str | None = None
    """Storage class that provisions the volume. None: the claim binds to its own persistent volume, a host folder."""
    shared: bool = True
    """Pods on several nodes may write at once (ReadWriteMany); else pods on one node (ReadWriteOnce)."""

    @property
    def access_modes(self) -> list[str]:
        """Access modes by Kubernetes' names."""
        return ["ReadWriteMany" if self.shared else "ReadWriteOnce"]

    @property
    def host_volume_name(self) -> str:
        """Name of the persistent volume; it contains the namespace, because persistent volumes have none."""
        return f"{self.namespace}-{self.name}"


def persistent_volume_claim(volume: Volume, ownership: Ownership) -> dict[str, Any]:
    """Build the persistent volume claim."""
    spec: dict[str, Any] = {
        "accessModes": volume.access_modes,
        "resources": {"requests": {"storage": format_memory(volume.size_mib)}},
        # An empty class is not the default class: it forbids provisioning, so that only the named volume binds.
        "storageClassName": volume.storage_class or "",
    }
    if volume.storage_class is None:
        spec["volumeName"] = volume.host_volume_name
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": volume.name, "namespace": volume.namespace, "labels": ownership.labels()},
        "spec": spec,
    }


def persistent_volume(volume: Volume, folder: str, ownership: Ownership) -> dict[str, Any]:
    """Build a persistent volume from a folder of the only node, which must exist and belong to the image's user.

    The volume is reserved for its claim, and its data is kept when the claim is deleted.
    """
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": volume.host_volume_name, "labels": ownership.labels()},
        "spec": {
            "capacity": {"storage": format_memory(volume.size_mib)},
            "accessModes": volume.access_modes,
            "persistentVolumeReclaimPolicy": "Retain",
            "storageClassName": "",
            "claimRef": {
                "apiVersion": "v1",
                "kind": "PersistentVolumeClaim",
                "name": volume.name,
                "namespace": volume.namespace,
            },
            # `Directory`: a missing folder is an error in the pod's events, not a new one that only root may write.
            "hostPath": {"path": folder, "type": "Directory"},
        },
    }
