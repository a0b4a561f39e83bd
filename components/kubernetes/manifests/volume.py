"""Volumes of a team: where data, checkpoints and models live between jobs.

A claim is mounted in every pod of a workspace at `/mnt/<claim>`, which is what `pvc://<claim>/…` means.
"""

from dataclasses import dataclass
from typing import Any

from modelyard.components.common.ownership import Ownership
from modelyard.components.kubernetes.manifests.pod_resources import memory


@dataclass(frozen=True, kw_only=True)
class Volume:
    """One claim in a team's namespace."""

    name: str
    namespace: str
    size_mib: int
    storage_class: str | None = None
    """None: the claim binds to `volume_on_host` of the same name."""
    shared: bool = True
    """Pods on several nodes may write at once (ReadWriteMany); else pods on one node (ReadWriteOnce)."""

    @property
    def access_modes(self) -> list[str]:
        """As Kubernetes names them."""
        return ["ReadWriteMany" if self.shared else "ReadWriteOnce"]

    @property
    def host_volume_name(self) -> str:
        """Persistent volumes have no namespace, so the name carries it."""
        return f"{self.namespace}-{self.name}"


def claim(volume: Volume, ownership: Ownership) -> dict[str, Any]:
    """The persistent volume claim."""
    spec: dict[str, Any] = {
        "accessModes": volume.access_modes,
        "resources": {"requests": {"storage": memory(volume.size_mib)}},
        # The empty class is not "the default class": it forbids provisioning, so that only the named volume binds.
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


def volume_on_host(volume: Volume, folder: str, ownership: Ownership) -> dict[str, Any]:
    """A volume that is a folder of the only node. The folder must exist and belong to the image's user.

    Reserved for its claim, and kept when the claim goes: the data is a person's.
    """
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": volume.host_volume_name, "labels": ownership.labels()},
        "spec": {
            "capacity": {"storage": memory(volume.size_mib)},
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
