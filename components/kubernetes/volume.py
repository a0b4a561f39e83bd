"""A volume of a team, in the three ways it can come about."""

from collections.abc import Sequence
from typing import NotRequired

import pulumi
from modelyard.components.common.ownership import Ownership
from modelyard.components.kubernetes.manifest import Manifest, child_options, no_wait
from modelyard.components.kubernetes.manifests import volume as volumes
from typing_extensions import TypedDict


class VolumeArgs(TypedDict):
    """A claim in the team's namespace. Without `size_gib` it must exist already."""

    claim: str
    """Its name; `pvc://<claim>/…` names files in it."""
    size_gib: NotRequired[float]
    storage_class: NotRequired[str]
    """Class that provisions it."""
    host_folder: NotRequired[str]
    """In place of a class: a folder of the only node, which exists and belongs to user 1000. Kept on removal."""
    shared: NotRequired[bool]
    """Pods on several nodes write at once. Default true; false where the class gives single-node volumes only."""


class VolumeError(ValueError):
    """A volume is described in a way that cannot be made; the message says why."""


def checked(args: VolumeArgs) -> VolumeArgs:
    """`args`, if a volume can be made from them.

    Raises:
        VolumeError: both, or neither, of class and folder are given for a new claim.
    """
    given = [key for key in ("storage_class", "host_folder") if args.get(key) is not None]
    if args.get("size_gib") is not None and len(given) != 1:
        raise VolumeError(f"volume {args['claim']!r} needs either storage_class or host_folder to be made from")
    return args


def register(
    parent: pulumi.ComponentResource,
    args: VolumeArgs,
    namespace: pulumi.Input[str],
    ownership: Ownership,
    opts: pulumi.ResourceOptions | None,
    *,
    depends_on: Sequence[pulumi.Resource] = (),
) -> list[pulumi.Resource]:
    """Registers what of the volume does not exist yet. `args` were `checked` before."""
    team, claim, size = ownership.team, args["claim"], args.get("size_gib")
    storage_class, folder = args.get("storage_class"), args.get("host_folder")
    if size is None:
        return []
    wanted = volumes.Volume(
        name=claim,
        namespace=team,
        size_mib=round(float(size) * 1024),
        storage_class=storage_class,
        shared=bool(args.get("shared", True)),
    )
    made: list[pulumi.Resource] = []
    if folder is not None:
        body = volumes.volume_on_host(wanted, folder, ownership)
        made.append(Manifest(f"{team}-{claim}-volume", body, child_options(parent, opts), wait=no_wait()))
    body = volumes.claim(wanted, ownership)
    body["metadata"]["namespace"] = namespace
    made.append(
        Manifest(
            f"{team}-{claim}-claim",
            body,
            child_options(parent, opts, depends_on=[*depends_on, *made]),
            # Many classes bind a claim only when its first pod is scheduled, which is when Kueue admits it.
            wait=no_wait(),
        )
    )
    return made
