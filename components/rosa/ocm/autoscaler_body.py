"""What OCM is asked for a cluster's autoscaler."""

from typing import Annotated

from modelyard.components.rosa.ocm.body import Body
from pydantic import Field, StringConstraints


class ResourceLimits(Body):
    """What all pools together may hold."""

    max_nodes_total: int = Field(ge=1)


class ClusterAutoscaler(Body):
    """The four settings that hosted control planes have (terraform-provider-rhcs, provider/autoscaler/hcp)."""

    max_pod_grace_period: int | None = Field(default=None, ge=0)
    pod_priority_threshold: int | None = None
    max_node_provision_time: Annotated[str, StringConstraints(pattern=r"^\d+[smh]$")] | None = None
    resource_limits: ResourceLimits | None = None
