"""Arguments of the components of teams and workspaces, from their sections of the environment.

The keys are the same on both sides; only amounts change, from the unit in the file to the unit in the argument's name.
"""

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import cast

from modelyard.components.common.ownership import OwnershipArgs
from modelyard.components.kubernetes.volume import VolumeArgs
from modelyard.components.kubernetes.workspaces.fine_tune import FineTuneSpec, FineTuneWorkspaceArgs
from modelyard.components.kubernetes.workspaces.serve import ServeWorkspaceArgs
from modelyard.stacks.environment.environment import Environment
from modelyard.stacks.environment.team import FineTune, Serve, Team, Volume
from modelyard.workloads.preprocess.location import parse


def ownership_args(environment: Environment, team: Team) -> OwnershipArgs:
    """Return the ownership of everything that a team gets."""
    return {
        "team": team.name,
        "owner": team.owner,
        "cost_center": team.cost_center,
        "environment": environment.name,
    }


def host_folder(environment: Environment, team: Team, volume: Volume) -> str | None:
    """Return the folder of the node that holds a volume, where volumes are folders."""
    root = environment.storage.host_folder
    return str(PurePosixPath(root) / team.name / volume.claim) if root and volume.size is not None else None


def volume_args(environment: Environment, team: Team, volume: Volume) -> VolumeArgs:
    """Return the arguments of one volume."""
    args: VolumeArgs = {"claim": volume.claim, "shared": environment.storage.shared}
    if volume.size is not None:
        args["size_gib"] = volume.size / 1024
    if folder := host_folder(environment, team, volume):
        args["host_folder"] = folder
    elif environment.storage.storage_class:
        args["storage_class"] = environment.storage.storage_class
    return args


def fine_tune_args(environment: Environment, team: Team, workspace: FineTune) -> FineTuneWorkspaceArgs:
    """Return the arguments of FineTuneWorkspace."""
    return cast(
        FineTuneWorkspaceArgs,
        {
            **workspace.arguments("kind", "name", "timeout", "worker", "head"),
            "ownership": ownership_args(environment, team),
            "namespace": team.name,
            "queue": team.name,
            "image": environment.images.train or "",
            "worker": workspace.worker.resources(),
            "head": workspace.head.resources(),
            "deadline_seconds": workspace.timeout,
        },
    )


def serve_args(
    environment: Environment, team: Team, workspace: Serve, fine_tunes: Mapping[str, FineTuneSpec]
) -> ServeWorkspaceArgs:
    """Return the arguments of ServeWorkspace, without its key.

    Args:
        environment: environment of the server.
        team: team of the server.
        workspace: section of the server.
        fine_tunes: validated fine-tunes by name; one of them has the result that the server waits for.
    """
    args = cast(
        ServeWorkspaceArgs,
        {
            **workspace.arguments("kind", "name", "fine_tune", "replica"),
            "ownership": ownership_args(environment, team),
            "namespace": team.name,
            "queue": team.name,
            "image": environment.images.serve or "",
            "replica": workspace.replica.resources(),
        },
    )
    source = workspace.model
    for fine_tune in team.fine_tunes():
        if fine_tune.name == workspace.fine_tune:
            args["result"] = fine_tunes[fine_tune.name].config["results"]
            args.setdefault("preset", fine_tune.preset)
            source = fine_tune.results
    if source and (claim := parse(source).claim):
        args["claims"] = [claim]
    return args
