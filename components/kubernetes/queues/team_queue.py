"""One team's place in the cluster: a namespace it cannot leave, a quota it cannot exceed, a queue for its jobs."""

from typing import NotRequired

import pulumi
from modelyard.components.common.component import Component
from modelyard.components.common.ownership import OwnershipArgs, parse_ownership
from modelyard.components.kubernetes import volume
from modelyard.components.kubernetes.manifest import Manifest, child_options, no_wait, readiness, until
from modelyard.components.kubernetes.manifests import cluster_queue as queues
from modelyard.components.kubernetes.manifests import limits, network_policy, pod_user
from modelyard.components.kubernetes.manifests.namespace import namespace
from modelyard.components.kubernetes.resources import PodResourcesArgs, shape
from modelyard.components.kubernetes.volume import VolumeArgs
from typing_extensions import TypedDict


class TeamQueueArgs(TypedDict):
    """A team and what it may use at once."""

    ownership: OwnershipArgs
    """Whose it is. The team's name is also that of the namespace and of both queues."""
    quota: PodResourcesArgs
    """Cores, memory and GPUs that its workloads may hold at once."""
    flavor: str
    """Resource flavor that the quota is counted on."""
    volumes: NotRequired[list[VolumeArgs]]
    """Volumes that the team's workspaces share."""
    openshift: NotRequired[bool]
    """The cluster is OpenShift: its DNS is elsewhere, and pods need a right to be their image's user. Default false."""
    cohort: NotRequired[str]
    """Teams of one cohort lend each other what they do not use. Default: none."""


class TeamQueue(Component):
    """Namespace (Pod Security `restricted`), cluster queue, local queue, limits, and a network closed by default.

    Needs Kueue, and the flavor that it names.
    """

    namespace: pulumi.Output[str]
    """The team's namespace."""
    queue: pulumi.Output[str]
    """Local queue that its jobs name."""

    def __init__(self, name: str, args: TeamQueueArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        made = [volume.checked(one) for one in args.get("volumes", [])]
        super().__init__("modelyard:index:TeamQueue", name, None, opts)
        whose = parse_ownership(args["ownership"])
        team = whose.team
        quota = shape(args["quota"])

        space = Manifest(f"{name}-namespace", namespace(team, whose), child_options(self, opts), wait=readiness())
        inside = child_options(self, opts, depends_on=[space])
        openshift = bool(args.get("openshift", False))
        bodies = {
            "quota": limits.resource_quota(team, quota, whose),
            "limits": limits.limit_range(team, whose),
            "network": network_policy.closed(team, whose, openshift=openshift),
        }
        if openshift:
            bodies |= {"pod-user": pod_user.role(team, whose), "pod-users": pod_user.binding(team, whose)}
        for kind, body in bodies.items():
            Manifest(f"{name}-{kind}", body, inside, wait=no_wait())

        for one in made:
            volume.register(self, one, team, whose, opts, depends_on=[space])

        wanted = queues.TeamQuota(team=team, flavor=args["flavor"], quota=quota, cohort=args.get("cohort"))
        shared = Manifest(
            f"{name}-cluster-queue",
            queues.cluster_queue(wanted, whose),
            child_options(self, opts),
            wait=until("condition=Active"),  # Kueue sets it once the flavor exists
        )
        local = Manifest(
            f"{name}-local-queue",
            queues.local_queue(team, team, team, whose),
            child_options(self, opts, depends_on=[space, shared]),
            wait=until("condition=Active"),
        )
        self.ready: list[pulumi.Resource] = [space, local]
        self.namespace = pulumi.Output.from_input(team)
        self.queue = pulumi.Output.from_input(team)
        self.register_outputs({"namespace": self.namespace, "queue": self.queue})
