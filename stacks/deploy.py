"""Deployment of a validated environment, in order: cluster, node pools, operators, queues, workspaces.

`deploy` can be read as a table of contents. It reads the environment only, and takes nothing back from outputs.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pulumi
from modelyard.components.gpu_node_pool import GpuNodePool, GpuNodePoolArgs
from modelyard.components.kubernetes.manifests.network_policy import SERVE_PORT
from modelyard.components.kubernetes.operators import kube_ray, kueue
from modelyard.components.kubernetes.operators.installer import Installer
from modelyard.components.kubernetes.operators.kube_ray import KubeRay
from modelyard.components.kubernetes.operators.kueue import Kueue
from modelyard.components.kubernetes.operators.prerequisites import Operator, sort_operators
from modelyard.components.kubernetes.queues.platform_queues import PlatformQueues
from modelyard.components.kubernetes.queues.team_queue import TeamQueue
from modelyard.components.kubernetes.workspaces.fine_tune import FineTuneWorkspace, FineTuneWorkspaceArgs
from modelyard.components.kubernetes.workspaces.serve import ServeWorkspace, ServeWorkspaceArgs
from modelyard.stacks import workspaces
from modelyard.stacks.cost import estimate_cost
from modelyard.stacks.environment.environment import Environment
from modelyard.stacks.environment.operators import OperatorSettings
from modelyard.stacks.environment.team import FineTune, Serve, Team
from modelyard.stacks.platforms.object_storage import WorkspaceAccount
from modelyard.stacks.platforms.platform import ClusterContext
from modelyard.stacks.validation.validated import ValidatedEnvironment

CHECKOUT = Path(__file__).resolve().parents[1]

OPERATORS: Mapping[str, tuple[Operator, Callable[..., Kueue | KubeRay]]] = MappingProxyType(
    {"kuberay": (kube_ray.KUBE_RAY, KubeRay), "kueue": (kueue.KUEUE, Kueue)}
)
"""Prerequisites and component of each operator, by its key in the environment."""

SHARED_POOL_ARGS = GpuNodePoolArgs.__required_keys__ | GpuNodePoolArgs.__optional_keys__
"""Arguments of a pool on every kind of cluster; GpuNodePool takes the others in the section of the kind."""


@dataclass
class Deployment:
    """Components that are registered so far."""

    validated: ValidatedEnvironment
    cluster: ClusterContext
    operators: dict[str, Kueue | KubeRay] = field(default_factory=dict)
    teams: dict[str, TeamQueue] = field(default_factory=dict)
    fine_tunes: dict[str, FineTuneWorkspace] = field(default_factory=dict)
    outputs: dict[str, Any] = field(
        default_factory=lambda: {"operators": {}, "teams": {}, "workspaces": {}, "volumes": []}
    )

    @property
    def environment(self) -> Environment:
        """The environment that is deployed."""
        return self.validated.environment


def deploy(validated: ValidatedEnvironment, serving_key: pulumi.Output[str] | None) -> dict[str, Any]:
    """Register the platform of an environment and return the stack's outputs.

    Args:
        validated: environment, as `read_environment` returns it.
        serving_key: bearer token of every server; None leaves the endpoints open within their namespaces.
    """
    environment = validated.environment
    operators = _ordered_operators(environment)
    cluster = validated.platform.provision_cluster(environment, validated.cluster)
    deployment = Deployment(validated, cluster)
    deployment.outputs |= cluster.outputs
    if environment.node_pools:
        _deploy_node_pools(deployment)
    for operator in operators:
        _deploy_operator(deployment, operator)
    queues = _deploy_queues(deployment)
    for team in environment.teams:
        _deploy_team(deployment, team, queues)
    for team in environment.teams:
        _deploy_workspaces(deployment, team, serving_key)
    return deployment.outputs


def _ordered_operators(environment: Environment) -> tuple[Operator, ...]:
    present = {name for name in OPERATORS if _settings(environment, name).installer == "present"}
    operators = [operator for name, (operator, _) in OPERATORS.items() if name not in present]
    return sort_operators(operators, present=present)


def _settings(environment: Environment, operator: str) -> OperatorSettings:
    return getattr(environment.operators, operator)


def _deploy_node_pools(deployment: Deployment) -> None:
    environment, cluster, platform = deployment.environment, deployment.cluster, deployment.validated.platform
    components: list[GpuNodePool] = []
    for pool, spec in zip(environment.node_pools, deployment.validated.node_pools, strict=True):
        args: Any = platform.node_pool_args(environment, pool)
        own = {key: args.pop(key) for key in args.keys() - SHARED_POOL_ARGS}
        args |= {"kind": environment.kind.value, environment.kind.value: {**cluster.node_pool_args, **own}}
        after = components[-1:] if cluster.serial_node_pools else []
        components.append(GpuNodePool(pool.name, args, cluster.child_options(*after), spec=spec))
    platform.provision_autoscaler(environment, deployment.validated.node_pools, cluster)
    specs = [spec.pool for spec in deployment.validated.node_pools]
    prices = {pool.name: pool.usd_per_hour for pool in environment.node_pools if pool.usd_per_hour is not None}
    deployment.outputs |= {
        "node_pools": {spec.name: {"instance_type": spec.instance.name, "labels": spec.labels} for spec in specs},
        "estimate": estimate_cost(specs, platform.region(environment), prices).output(),
    }


def _deploy_operator(deployment: Deployment, operator: Operator) -> None:
    settings, deployed = _settings(deployment.environment, operator.name), deployment.operators
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
    before = [deployed[name] for name in sorted(operator.requires | operator.after) if name in deployed]
    _, component = OPERATORS[operator.name]
    deployed[operator.name] = component(operator.name, args, deployment.cluster.child_options(*before))
    deployment.outputs["operators"][operator.name] = deployed[operator.name].namespace


def _source(settings: OperatorSettings) -> str:
    """Return the address, or the path in the checkout: a relative one must not depend on where Pulumi runs."""
    source = settings.source or ""
    return source if "://" in source or source.startswith("/") else str(CHECKOUT / source)


def _deploy_queues(deployment: Deployment) -> PlatformQueues:
    args: Any = {
        "flavors": deployment.validated.flavors(),
        "priorities": [level.arguments() for level in deployment.environment.priorities],
    }
    return PlatformQueues("queues", args, deployment.cluster.child_options(*deployment.operators.values()))


def _deploy_team(deployment: Deployment, team: Team, queues: PlatformQueues) -> None:
    environment = deployment.environment
    args: Any = {
        "ownership": workspaces.ownership_args(environment, team),
        "quota": team.quota.resources(),
        "flavor": deployment.validated.flavor_of(team),
        "volumes": [workspaces.volume_args(environment, team, volume) for volume in team.volumes],
    }
    if deployment.validated.platform.is_openshift:
        args["openshift"] = True
    if team.cohort is not None:
        args["cohort"] = team.cohort
    queue = TeamQueue(team.name, args, deployment.cluster.child_options(queues))
    deployment.teams[team.name] = queue
    deployment.outputs["teams"][team.name] = {"namespace": queue.namespace, "queue": queue.queue}
    deployment.outputs["volumes"] += [
        {
            "namespace": team.name,
            "claim": volume.claim,
            "host_folder": workspaces.host_folder(environment, team, volume),
        }
        for volume in team.volumes
    ]


def _deploy_workspaces(deployment: Deployment, team: Team, serving_key: pulumi.Output[str] | None) -> None:
    # Fine-tunes first, whatever the order in the file: a server may name one that stands below it.
    for fine_tune in team.fine_tunes():
        _deploy_fine_tune(deployment, team, fine_tune)
    for workspace in team.workspaces:
        if isinstance(workspace, Serve):
            _deploy_server(deployment, team, workspace, serving_key)


def _deploy_fine_tune(deployment: Deployment, team: Team, workspace: FineTune) -> None:
    queue = deployment.teams[team.name]
    args = workspaces.fine_tune_args(deployment.environment, team, workspace)
    _add_identity(deployment, team, workspace, args)
    spec = deployment.validated.fine_tunes[workspace.name]
    component = FineTuneWorkspace(workspace.name, args, deployment.cluster.child_options(queue), spec=spec)
    deployment.fine_tunes[workspace.name] = component
    deployment.outputs["workspaces"][workspace.name] = {
        "kind": workspace.kind,
        "namespace": queue.namespace,
        "queue": queue.queue,
        "job": component.job_name,
        "result": component.result_uri,
        "model": component.model_uri,
    }


def _deploy_server(
    deployment: Deployment, team: Team, workspace: Serve, serving_key: pulumi.Output[str] | None
) -> None:
    queue = deployment.teams[team.name]
    args = workspaces.serve_args(deployment.environment, team, workspace, deployment.validated.fine_tunes)
    _add_identity(deployment, team, workspace, args)
    after: list[pulumi.Resource] = [queue]
    if workspace.fine_tune is not None:
        after.append(deployment.fine_tunes[workspace.fine_tune])  # the job queues first
    if serving_key is not None:
        args["api_key"] = serving_key
    spec = deployment.validated.servers[workspace.name]
    component = ServeWorkspace(workspace.name, args, deployment.cluster.child_options(*after), spec=spec)
    deployment.outputs["workspaces"][workspace.name] = {
        "kind": workspace.kind,
        "namespace": queue.namespace,
        "queue": queue.queue,
        "ray_service": workspace.name,
        "service": component.service_name,
        "port": SERVE_PORT,
        "endpoint": component.endpoint,
        "model_name": component.model_name,
        "fine_tune": workspace.fine_tune,
    }


def _add_identity(
    deployment: Deployment, team: Team, workspace: FineTune | Serve, args: FineTuneWorkspaceArgs | ServeWorkspaceArgs
) -> None:
    """Give the workspace's pods the cloud identity for their part of the buckets, where there are any."""
    storage = deployment.cluster.object_storage
    if storage is not None:
        account = WorkspaceAccount(
            name=workspace.name,
            ownership=workspaces.ownership_args(deployment.environment, team),
            writes_checkpoints=isinstance(workspace, FineTune),
        )
        args["identity"] = storage.provision_identity(account)
