"""Where the parts of an AKS cluster are registered."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
from modelyard.components.azure.cluster.spec import Plan


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """Where the services are registered."""

    name: str
    plan: Plan
    group: pulumi.Input[str]
    parent: pulumi.Resource
    tags: Mapping[str, str]

    def options(self, *, protect: bool = False, kept: tuple[str, ...] = ()) -> Any:
        """Options of a child."""
        return pulumi.ResourceOptions(
            parent=self.parent, protect=protect, retain_on_delete=protect, ignore_changes=list(kept)
        )

    @property
    def common(self) -> dict[str, Any]:
        """Arguments that all resources take."""
        return {"resource_group_name": self.group, "location": self.plan.location, "tags": dict(self.tags)}
