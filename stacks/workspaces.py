"""From the environment's workspaces to the arguments of their components."""

from pathlib import PurePosixPath

import pulumi
from modelyard.components.common.ownership import OwnershipArgs
from modelyard.components.kubernetes.resources import PodResourcesArgs
from modelyard.components.kubernetes.volume import VolumeArgs
from modelyard.components.kubernetes.workspaces.fine_tune import FineTuneWorkspaceArgs, run_config
from modelyard.components.kubernetes.workspaces.serve import ServeWorkspaceArgs
from modelyard.stacks.environment.environment import Environment
from modelyard.stacks.environment.team import FineTune, PodAmounts, Quota, Serve, Team, Volume
from modelyard.workloads.preprocess.location import parse


def ownership_args(environment: Environment, team: Team) -> OwnershipArgs:
    """Who owns what `team` gets."""
    return {
        "team": team.name,
        "owner": team.owner,
        "cost_center": team.cost_center,
        "environment": environment.name,
    }


def shape_args(amounts: PodAmounts | Quota) -> PodResourcesArgs:
    """Amounts as components take them."""
    args: PodResourcesArgs = {"cpus": amounts.cpus, "memory_gib": amounts.memory / 1024, "gpus": amounts.gpus}
    if isinstance(amounts, PodAmounts) and amounts.cpu_limit is not None:
        args["cpu_limit"] = amounts.cpu_limit
    return args


def host_folder(environment: Environment, team: Team, volume: Volume) -> str | None:
    """The folder of the node that holds `volume`, where volumes are folders."""
    root = environment.storage.host_folder
    return str(PurePosixPath(root) / team.name / volume.claim) if root and volume.size is not None else None


def volume_args(environment: Environment, team: Team, volume: Volume) -> VolumeArgs:
    """One volume as components take it."""
    args: VolumeArgs = {"claim": volume.claim, "shared": environment.storage.shared}
    if volume.size is not None:
        args["size_gib"] = volume.size / 1024
    if folder := host_folder(environment, team, volume):
        args["host_folder"] = folder
    elif environment.storage.storage_class:
        args["storage_class"] = environment.storage.storage_class
    return args


def fine_tune_args(environment: Environment, team: Team, workspace: FineTune) -> FineTuneWorkspaceArgs:
    """Arguments of FineTuneWorkspace, without namespace and queue outputs: those names are the team's."""
    args: FineTuneWorkspaceArgs = {
        "ownership": ownership_args(environment, team),
        "namespace": team.name,
        "queue": team.name,
        "image": environment.images.train or "",
        "preset": workspace.preset,
        "train_data": workspace.train_data,
        "results": workspace.results,
        "settings": workspace.settings,
        "workers": workspace.workers,
        "worker": shape_args(workspace.worker),
        "head": shape_args(workspace.head),
        "priority": workspace.priority,
        "deadline_seconds": workspace.timeout,
        "retries": workspace.retries,
    }
    if workspace.model is not None:
        args["model"] = workspace.model
    if workspace.tokenizer is not None:
        args["tokenizer"] = workspace.tokenizer
    if workspace.validation_data is not None:
        args["validation_data"] = workspace.validation_data
    return args


def serve_args(environment: Environment, team: Team, workspace: Serve) -> ServeWorkspaceArgs:
    """Arguments of ServeWorkspace, without its key."""
    args: ServeWorkspaceArgs = {
        "ownership": ownership_args(environment, team),
        "namespace": team.name,
        "queue": team.name,
        "image": environment.images.serve or "",
        "settings": workspace.settings,
        "replicas": workspace.replicas,
        "replica": shape_args(workspace.replica),
        "priority": workspace.priority,
    }
    source = workspace.model
    if workspace.model is not None:
        args["model"] = workspace.model
    if workspace.fine_tune is not None:
        trained = _fine_tune(team, workspace.fine_tune)
        args["result"] = run_config(trained.name, fine_tune_args(environment, team, trained))["results"]
        args["preset"] = trained.preset
        source = trained.results
    if workspace.preset is not None:
        args["preset"] = workspace.preset
    if source and (claim := parse(source).claim):
        args["claims"] = [claim]
    return args


def serve_result(environment: Environment, team: Team, workspace: Serve) -> str | None:
    """The results folder that a server waits for, if it serves a fine-tune."""
    result: pulumi.Input[str] | None = serve_args(environment, team, workspace).get("result")
    return result if isinstance(result, str) else None


def _fine_tune(team: Team, name: str) -> FineTune:
    return next(one for one in team.workspaces if isinstance(one, FineTune) and one.name == name)
