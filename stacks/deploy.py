"""What a platform consists of, in order: cluster, operators, queues, workspaces.

`compose` can be read as a table of contents. It reads the environment only; nothing is taken back from outputs.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pulumi
from modelyard.components.kubernetes.manifests.network_policy import SERVE_PORT
from modelyard.components.kubernetes.operators import kube_ray, kueue
from modelyard.components.kubernetes.operators.installer import Installer
from modelyard.components.kubernetes.operators.kube_ray import KubeRay
from modelyard.components.kubernetes.operators.kueue import Kueue
from modelyard.components.kubernetes.operators.prerequisites import Operator, in_order
from modelyard.components.kubernetes.queues.platform_queues import PlatformQueues
from modelyard.components.kubernetes.queues.team_queue import TeamQueue
from modelyard.components.kubernetes.workspaces.fine_tune import FineTuneWorkspace, FineTuneWorkspaceArgs
from modelyard.components.kubernetes.workspaces.serve import ServeWorkspace, ServeWorkspaceArgs
from modelyard.stacks import node_pools, workspaces
from modelyard.stacks.environment.environment import Environment, Kind, OperatorSettings
from modelyard.stacks.environment.team import FineTune, Serve, Team
from modelyard.stacks.platforms import clusters
from modelyard.stacks.platforms.object_storage import Account

ON_OPENSHIFT = (Kind.OPENSHIFT, Kind.ROSA)
"""Kinds whose clusters have OpenShift's DNS and pod security."""

CHECKOUT = Path(__file__).resolve().parents[1]


@dataclass
class Platform:
    """What was composed so far."""

    environment: Environment
    cluster: clusters.Reached
    operators: dict[str, Kueue | KubeRay] = field(default_factory=dict)
    teams: dict[str, TeamQueue] = field(default_factory=dict)
    fine_tunes: dict[str, FineTuneWorkspace] = field(default_factory=dict)
    outputs: dict[str, Any] = field(
        default_factory=lambda: {"operators": {}, "teams": {}, "workspaces": {}, "volumes": []}
    )

    def inside(self, *after: pulumi.Resource) -> pulumi.ResourceOptions:
        """Options of a component in the cluster that comes after others."""
        return self.cluster.inside(*after)


def compose(environment: Environment, serving_key: pulumi.Output[str] | None) -> dict[str, Any]:
    """Registers the platform of `environment`; returns the stack's outputs.

    Args:
        environment: checked.
        serving_key: bearer token of every server; None leaves the endpoints open within their namespaces.
    """
    order = in_order(_asked_for(environment), present=_present(environment))
    platform = Platform(environment=environment, cluster=clusters.reach(environment))
    platform.outputs |= platform.cluster.outputs
    if environment.node_pools:
        platform.outputs |= node_pools.compose(environment, platform.cluster)
    for operator in order:
        _operator(platform, operator)
    shared = _shared_queues(platform)
    for team in environment.teams:
        _team(platform, team, shared)
    for team in environment.teams:
        _workspaces(platform, team, serving_key)
    return platform.outputs


def _asked_for(environment: Environment) -> list[Operator]:
    known = {"kuberay": kube_ray.KUBE_RAY, "kueue": kueue.KUEUE}
    return [operator for name, operator in known.items() if _settings(environment, name).installer != "present"]


def _present(environment: Environment) -> set[str]:
    return {name for name in ("kuberay", "kueue") if _settings(environment, name).installer == "present"}


def _settings(environment: Environment, operator: str) -> OperatorSettings:
    return getattr(environment.operators, operator)


def _operator(platform: Platform, operator: Operator) -> None:
    settings = _settings(platform.environment, operator.name)
    make: Callable[..., Kueue | KubeRay] = {"kueue": Kueue, "kuberay": KubeRay}[operator.name]
    args: dict[str, Any] = {
        "installer": Installer(settings.installer),
        "source": _source(settings),
        "cpus": settings.cpus,
        "memory_gib": settings.memory / 1024,
    }
    if settings.image is not None:
        args["image"] = settings.image
    if settings.version is not None:
        args["chart_version"] = settings.version
    earlier = [
        platform.operators[name] for name in sorted(operator.requires | operator.after) if name in platform.operators
    ]
    made = make(operator.name, args, platform.inside(*earlier))
    platform.operators[operator.name] = made
    platform.outputs["operators"][operator.name] = made.namespace


def _source(settings: OperatorSettings) -> str:
    """A path in a file is relative to the checkout, wherever Pulumi runs; addresses stay."""
    source = settings.source or ""
    return source if "://" in source or source.startswith("/") else str(CHECKOUT / source)


def _shared_queues(platform: Platform) -> PlatformQueues:
    priorities = [one.model_dump() for one in platform.environment.priorities]
    return PlatformQueues(
        "queues",
        {"flavors": node_pools.flavors(platform.environment), "priorities": priorities},  # type: ignore[typeddict-item]  # dumped models
        platform.inside(*platform.operators.values()),
    )


def _team(platform: Platform, team: Team, shared: PlatformQueues) -> None:
    environment = platform.environment
    args: dict[str, Any] = {
        "ownership": workspaces.ownership_args(environment, team),
        "quota": workspaces.shape_args(team.quota),
        "flavor": node_pools.flavor_of(environment, team),
        "volumes": [workspaces.volume_args(environment, team, one) for one in team.volumes],
    }
    if environment.kind in ON_OPENSHIFT:
        args["openshift"] = True
    if team.cohort is not None:
        args["cohort"] = team.cohort
    made = TeamQueue(team.name, args, platform.inside(shared))  # type: ignore[arg-type]  # keys of the TypedDict
    platform.teams[team.name] = made
    platform.outputs["teams"][team.name] = {"namespace": made.namespace, "queue": made.queue}
    platform.outputs["volumes"] += [
        {
            "namespace": team.name,
            "claim": one.claim,
            "host_folder": workspaces.host_folder(environment, team, one),
        }
        for one in team.volumes
    ]


def _workspaces(platform: Platform, team: Team, serving_key: pulumi.Output[str] | None) -> None:
    # Fine-tunes first, whatever the order in the file: a server may name one that stands below it.
    for workspace in team.workspaces:
        if isinstance(workspace, FineTune):
            _fine_tune(platform, team, workspace)
    for workspace in team.workspaces:
        if isinstance(workspace, Serve):
            _serve(platform, team, workspace, serving_key)


def _fine_tune(platform: Platform, team: Team, workspace: FineTune) -> None:
    queue = platform.teams[team.name]
    args = workspaces.fine_tune_args(platform.environment, team, workspace)
    args["namespace"], args["queue"] = queue.namespace, queue.queue
    _identify(platform, team, workspace, args)
    made = FineTuneWorkspace(workspace.name, args, platform.inside(queue))
    platform.fine_tunes[workspace.name] = made
    platform.outputs["workspaces"][workspace.name] = {
        "kind": "fine-tune",
        "namespace": queue.namespace,
        "queue": queue.queue,
        "job": made.job_name,
        "result": made.result_uri,
        "model": made.model_uri,
    }


def _identify(
    platform: Platform, team: Team, workspace: FineTune | Serve, args: FineTuneWorkspaceArgs | ServeWorkspaceArgs
) -> None:
    """Gives the workspace's pods their part of the buckets, where there are any."""
    storage = platform.cluster.object_storage
    if storage is not None:
        whose = workspaces.ownership_args(platform.environment, team)
        account = Account(name=workspace.name, whose=whose, trains=isinstance(workspace, FineTune))
        args["identity"] = storage.identity(account)


def _serve(platform: Platform, team: Team, workspace: Serve, serving_key: pulumi.Output[str] | None) -> None:
    queue = platform.teams[team.name]
    args = workspaces.serve_args(platform.environment, team, workspace)
    args["namespace"], args["queue"] = queue.namespace, queue.queue
    _identify(platform, team, workspace, args)
    after: list[pulumi.Resource] = [queue]
    if workspace.fine_tune is not None:
        trained = platform.fine_tunes[workspace.fine_tune]
        args["result"] = trained.result_uri
        after.append(trained)  # the job queues first
    if serving_key is not None:
        args["api_key"] = serving_key
    made = ServeWorkspace(workspace.name, args, platform.inside(*after))
    platform.outputs["workspaces"][workspace.name] = {
        "kind": "serve",
        "namespace": queue.namespace,
        "queue": queue.queue,
        "ray_service": workspace.name,
        "service": made.service_name,
        "port": SERVE_PORT,
        "endpoint": made.endpoint,
        "model_name": made.model_name,
        "fine_tune": workspace.fine_tune,
    }
