"""Namespace, quota and queue of a team."""

from typing import NotRequired

import pulumi
from modelyard.components.common.component import Component
from modelyard.components.common.errors import ArgumentError
from modelyard.components.common.ownership import OwnershipArgs, parse_ownership
from modelyard.components.kubernetes.manifest import Manifest, child_options, no_wait, readiness, until
from modelyard.components.kubernetes.manifests import limits, pod_user
from modelyard.components.kubernetes.manifests.cluster_queue import TeamQuota, cluster_queue, local_queue
from modelyard.components.kubernetes.manifests.namespace import RESERVED_RULE, is_reserved, namespace
from modelyard.components.kubernetes.manifests.network_policy import closed_network
from modelyard.components.kubernetes.resources import PodResourcesArgs, validate_resources
from modelyard.components.kubernetes.volume import VolumeArgs, create_volume, validate_volumes
from typing_extensions import TypedDict


class TeamQueueArgs(TypedDict):
    """Team, and the compute that it may use at once."""

    ownership: OwnershipArgs
    """Ownership of all objects. The team's name is also that of the namespace and of both queues."""
    quota: PodResourcesArgs
    """Cores, memory and GPUs that the team's workloads may hold at once."""
    flavor: str
    """Resource flavor that the quota is counted on."""
    volumes: NotRequired[list[VolumeArgs]]
    """Volumes that the team's workspaces share."""
    openshift: NotRequired[bool]
    """The cluster is OpenShift: its DNS has another namespace, and pods need a right to run as their image's user.
    Default false."""
    cohort: NotRequired[str]
    """Cohort of the team. Its teams lend each other unused quota. Default: none."""


class TeamQueue(Component):
    """Namespace (Pod Security `restricted`), cluster queue, local queue, limits, and a network closed by default.

    Needs Kueue, and the flavor that it names.
    """

    namespace: pulumi.Output[str]
    """The team's namespace."""
    queue: pulumi.Output[str]
    """Local queue that the team's jobs name."""

    def __init__(self, name: str, args: TeamQueueArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        team = args["ownership"]["team"]
        if is_reserved(team):
            raise ArgumentError(name, "ownership.team", team, RESERVED_RULE)
        volumes = args.get("volumes", [])
        validate_volumes(name, volumes)
        quota = validate_resources(name, "quota", args["quota"])
        super().__init__("modelyard:index:TeamQueue", name, None, opts)
        ownership = parse_ownership(args["ownership"])
        team_namespace = Manifest(
            f"{name}-namespace", namespace(team, ownership), child_options(self, opts), wait=readiness()
        )
        in_namespace = child_options(self, opts, depends_on=[team_namespace])
        openshift = bool(args.get("openshift", False))
        bodies = {
            "quota": limits.resource_quota(team, quota, ownership),
            "limits": limits.limit_range(team, ownership),
            "network": closed_network(team, ownership, openshift=openshift),
        }
        if openshift:
            bodies |= {"pod-user": pod_user.role(team, ownership), "pod-users": pod_user.binding(team, ownership)}
        for kind, body in bodies.items():
            Manifest(f"{name}-{kind}", body, in_namespace, wait=no_wait())
        for volume in volumes:
            create_volume(self, volume, team, ownership, opts, depends_on=[team_namespace])

        team_quota = TeamQuota(team=team, flavor=args["flavor"], quota=quota, cohort=args.get("cohort"))
        of_cluster = Manifest(
            f"{name}-cluster-queue",
            cluster_queue(team_quota, ownership),
            child_options(self, opts),
            wait=until("condition=Active"),  # Kueue sets it once the flavor exists
        )
        of_namespace = Manifest(
            f"{name}-local-queue",
            local_queue(team, team, team, ownership),
            child_options(self, opts, depends_on=[team_namespace, of_cluster]),
            wait=until("condition=Active"),
        )
        self.ready: list[pulumi.Resource] = [team_namespace, of_namespace]
        self.namespace = pulumi.Output.from_input(team)
        self.queue = pulumi.Output.from_input(team)
        self.register_outputs({"namespace": self.namespace, "queue": self.queue})
