"""Volumes of a team: existing claims, claims of a storage class, and folders of the only node."""

from collections.abc import Sequence
from typing import NotRequired

import pulumi
from modelyard.components.common.errors import ArgumentError
from modelyard.components.common.ownership import Ownership
from modelyard.components.kubernetes.manifest import Manifest, child_options, no_wait
from modelyard.components.kubernetes.manifests.volume import Volume, persistent_volume, persistent_volume_claim
from typing_extensions import TypedDict


class VolumeArgs(TypedDict):
    """Volume claim in the team's namespace. Without `size_gib` it must exist already."""

    claim: str
    """Name of the claim; `pvc://<claim>/…` names files in it."""
    size_gib: NotRequired[float]
    """Size of the claim that is created. Needs `storage_class` or `host_folder`."""
    storage_class: NotRequired[str]
    """Storage class that provisions the volume."""
    host_folder: NotRequired[str]
    """Folder of the only node, in place of a class; it must exist and belong to user 1000. Kept on removal."""
    shared: NotRequired[bool]
    """Pods on several nodes may write at once. Default true; false for classes of single-node volumes."""


def validate_volumes(component: str, volumes: Sequence[VolumeArgs]) -> None:
    """Check that each volume exists already or can be created.

    Raises:
        ArgumentError: a new claim has both, or neither, of class and folder, or no size above 0.
    """
    for index, volume in enumerate(volumes):
        size, path = volume.get("size_gib"), f"volumes[{index}]"
        if size is None:
            continue
        if size <= 0:
            rule = "must be above 0; leave it out for an existing claim"
            raise ArgumentError(component, f"{path}.size_gib", size, rule)
        if (volume.get("storage_class") is None) == (volume.get("host_folder") is None):
            rule = f"needs either storage_class or host_folder to create claim {volume['claim']!r} from"
            raise ArgumentError(component, f"{path}.storage_class", volume.get("storage_class"), rule)


def create_volume(
    parent: pulumi.ComponentResource,
    args: VolumeArgs,
    namespace: pulumi.Input[str],
    ownership: Ownership,
    opts: pulumi.ResourceOptions | None,
    *,
    depends_on: Sequence[pulumi.Resource] = (),
) -> list[pulumi.Resource]:
    """Register the claim of a validated volume, and its folder; an existing claim registers nothing."""
    team, claim, size, folder = ownership.team, args["claim"], args.get("size_gib"), args.get("host_folder")
    if size is None:
        return []
    volume = Volume(
        name=claim,
        namespace=team,
        size_mib=round(float(size) * 1024),
        storage_class=args.get("storage_class"),
        shared=bool(args.get("shared", True)),
    )
    resources: list[pulumi.Resource] = []
    if folder is not None:
        body = persistent_volume(volume, folder, ownership)
        resources.append(Manifest(f"{team}-{claim}-volume", body, child_options(parent, opts), wait=no_wait()))
    body = persistent_volume_claim(volume, ownership)
    body["metadata"]["namespace"] = namespace
    options = child_options(parent, opts, depends_on=[*depends_on, *resources])
    # Many classes bind a claim only when its first pod is scheduled, which is when Kueue admits it.
    resources.append(Manifest(f"{team}-{claim}-claim", body, options, wait=no_wait()))
    return resources
