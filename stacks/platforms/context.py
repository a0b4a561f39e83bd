"""A cluster, as everything inside it needs it, and whose it is."""

from dataclasses import dataclass, field
from typing import Any

import pulumi
from modelyard.components.common.ownership import OwnershipArgs
from modelyard.stacks.environment.environment import Environment
from modelyard.stacks.platforms.object_storage import ObjectStorage

PLATFORM_TEAM = "platform"
"""Clusters and pools belong to the platform; teams hold quota on them."""


class NoAccessError(RuntimeError):
    """A service that makes the cluster does not let us in; the message says what to set."""


@dataclass(frozen=True, kw_only=True)
class Reached:
    """A cluster that is there, or that is made."""

    provider: pulumi.ProviderResource
    outputs: dict[str, Any] = field(default_factory=dict)
    """Of the stack, about the cluster."""
    deleted_with: pulumi.Resource | None = None
    """What takes everything inside along when it is deleted."""
    before: tuple[pulumi.Resource, ...] = ()
    """What must run before anything can be put inside."""
    of_pools: dict[str, Any] = field(default_factory=dict)
    """What a node pool is told of its cluster."""
    one_pool_at_a_time: bool = False
    """The cloud refuses to work on two pools of a cluster at once."""
    object_storage: ObjectStorage | None = None
    """Buckets, where the environment has them."""

    def inside(self, *after: pulumi.Resource) -> pulumi.ResourceOptions:
        """Options of a component in the cluster that comes after others."""
        return pulumi.ResourceOptions(
            providers=[self.provider], deleted_with=self.deleted_with, depends_on=[*self.before, *after]
        )


def ownership(environment: Environment) -> OwnershipArgs:
    """Whose the cluster and its pools are."""
    return {
        "team": PLATFORM_TEAM,
        "owner": environment.cluster.owner,
        "cost_center": environment.cluster.cost_center,
        "environment": environment.name,
    }
