"""The verbs that every kind of cluster has, and the context that a cluster gives to everything inside it.

A new kind is one file with a `Platform` and a row in `registry`; nothing else asks for the kind.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

import pulumi
from modelyard.components.common.errors import UserError
from modelyard.components.common.ownership import OwnershipArgs
from modelyard.components.node_pools.capabilities import ClusterKind, validate_features
from modelyard.components.node_pools.spec import CloudNodePoolSpec, NodePoolSpec, validate_pool
from modelyard.stacks.environment.environment import Environment, NodePool
from modelyard.stacks.environment.section import Path
from modelyard.stacks.environment.storage import Buckets
from modelyard.stacks.environment.unsound import require_sound
from modelyard.stacks.platforms.object_storage import ObjectStorage

PLATFORM_TEAM = "platform"
"""Team that owns clusters and pools; other teams hold quota on them."""


class AccessError(UserError, RuntimeError):
    """A service that creates the cluster refuses this program; the message says what to set."""


@dataclass(frozen=True, kw_only=True)
class ClusterContext:
    """A cluster with everything that its node pools, operators and teams need from it."""

    provider: pulumi.ProviderResource
    outputs: dict[str, Any] = field(default_factory=dict)
    """Outputs of the stack about the cluster."""
    deleted_with: pulumi.Resource | None = None
    """Resource whose deletion also deletes everything in the cluster."""
    ready: tuple[pulumi.Resource, ...] = ()
    """Resources that must run before anything can be put inside."""
    node_pool_args: dict[str, Any] = field(default_factory=dict)
    """Arguments with which a node pool refers to this cluster."""
    serial_node_pools: bool = False
    """The cloud refuses to work on two pools of a cluster at once."""
    object_storage: ObjectStorage | None = None
    """Buckets, where the environment has them."""

    def child_options(self, *after: pulumi.Resource) -> pulumi.ResourceOptions:
        """Return the options of a component inside the cluster that comes after others."""
        return pulumi.ResourceOptions(
            providers=[self.provider], deleted_with=self.deleted_with, depends_on=[*self.ready, *after]
        )


ClusterSpec = TypeVar("ClusterSpec")
PoolSpec = TypeVar("PoolSpec", bound=CloudNodePoolSpec)


class Platform(Protocol[ClusterSpec, PoolSpec]):
    """A kind of cluster. The validating verbs are pure: they load no SDK of a cloud and register nothing."""

    cluster_path: Path = ("cluster",)
    """Path of the section that holds the arguments of the cluster's component."""
    cluster_keys: frozenset[str]
    """Keys of `cluster` that only some kinds have, and this one has."""
    node_pool_keys: frozenset[str] = frozenset()
    """Keys of a node pool that only some kinds have, and this one has."""
    catalogue_cloud: str | None = None
    """Cloud whose machines the node pools may have, in the catalogue's word; None where the cluster decides."""
    creates_nodes: bool = False
    """`node_pools` of the environment are created."""
    creates_buckets: bool = False
    """`storage.buckets` of the environment are created."""
    is_openshift: bool = False
    """The cluster has OpenShift's DNS and pod security."""
    volume_source: str = "storage_class"
    """Key of `storage` that volumes with a size are made from."""

    def required_keys(self, environment: Environment) -> Sequence[str]:
        """Return the keys of `cluster` without which the cluster cannot be reached or created."""
        ...

    def region(self, environment: Environment) -> str | None:
        """Return the region whose prices count; None for the cloud's reference region."""
        return environment.cluster.region

    def is_production(self, environment: Environment) -> bool:
        """Tell whether the environment protects what it holds."""
        _ = environment
        return False

    def validate_cluster(self, environment: Environment) -> ClusterSpec:
        """Validate the cluster without creating anything.

        Raises:
            ArgumentError: a rule of the cloud is broken; `argument` is a key below `cluster`.
        """
        ...

    def validate_storage(self, environment: Environment, buckets: Buckets) -> None:
        """Validate the buckets without creating anything.

        Raises:
            ArgumentError: a rule of the cloud is broken; `argument` is a key of `storage.buckets`.
        """

    def validate_node_pool(self, environment: Environment, cluster: ClusterSpec, pool: NodePool) -> PoolSpec:
        """Validate one node pool without creating anything.

        Raises:
            ArgumentError: a rule of Kubernetes, the cloud or the cluster is broken; `argument` is the component's.
        """
        ...

    def validate_shared_part(self, environment: Environment, pool: NodePool) -> NodePoolSpec | None:
        """Validate the part of a node pool that pools of every kind share, while its cluster is refused.

        Raises:
            ArgumentError: as `validate_node_pool`.
        """
        args: Any = self.validated_features(environment, pool)
        return validate_pool(pool.name, args, cloud=self.catalogue_cloud) if self.catalogue_cloud else None

    def node_pool_args(self, environment: Environment, pool: NodePool) -> dict[str, Any]:
        """Return a pool's arguments, which have the keys of the file; only the disk carries its unit there."""
        args = pool.arguments("name", "usd_per_hour", "disk")
        if pool.disk is not None:
            args["disk_gib"] = pool.disk // 1024
        for key in ("fabric", "capacity_blocks"):
            if not args[key]:
                del args[key]  # not an argument of every kind
        return {"ownership": ownership(environment), **args}

    def validated_features(self, environment: Environment, pool: NodePool) -> dict[str, Any]:
        """Return a pool's arguments, once this kind of cluster is known to support every feature that they use.

        Raises:
            ArgumentError: a feature is not supported.
        """
        args = self.node_pool_args(environment, pool)
        validate_features(pool.name, ClusterKind(environment.kind.value), args)
        return args

    def validate_capacity(self, environment: Environment, cluster: ClusterSpec, pools: Sequence[PoolSpec]) -> None:
        """Check that all pools at their largest fit the cloud's quota and the cluster's network.

        Raises:
            ArgumentError: they do not; `argument` is the cluster's.
        """

    def authenticate(self, environment: Environment) -> None:
        """Check that the services which create the cluster accept this program. A preview does not need it.

        Raises:
            AccessError: no credentials, expired ones, or refused ones; the message holds none of them.
        """

    def provision_cluster(self, environment: Environment, cluster: ClusterSpec) -> ClusterContext:
        """Register the cluster."""
        ...

    def provision_autoscaler(
        self, environment: Environment, pools: Sequence[PoolSpec], context: ClusterContext
    ) -> None:
        """Register the cluster's own autoscaler, where the pools do not bring theirs."""


def ownership(environment: Environment) -> OwnershipArgs:
    """Return the ownership of the cluster and its pools."""
    require_sound(environment.name, environment.cluster.owner, environment.cluster.cost_center)
    return {
        "team": PLATFORM_TEAM,
        "owner": environment.cluster.owner,
        "cost_center": environment.cluster.cost_center,
        "environment": environment.name,
    }
