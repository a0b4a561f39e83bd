"""What OCM says of a node pool."""

from typing import Any

from modelyard.components.rosa.ocm.answer import Answer
from modelyard.components.rosa.ocm.version_answer import Version
from pydantic import Field


class NodePoolState(Answer):
    """The state of a node pool."""

    value: str = ""


class NodePoolStatus(Answer):
    """How a node pool is doing."""

    current_replicas: int = 0
    message: str = ""
    state: NodePoolState = Field(default_factory=NodePoolState)


class Autoscaling(Answer):
    """Limits of the autoscaler; in the singular, unlike those of classic machine pools."""

    min_replica: int = 0
    max_replica: int = 0


class AwsNodePool(Answer):
    """The AWS side of a node pool."""

    instance_type: str = ""
    tags: dict[str, str] = Field(default_factory=dict)


class NodePool(Answer):
    """A node pool."""

    id: str
    subnet: str = ""
    auto_repair: bool = True
    labels: dict[str, str] = Field(default_factory=dict)
    taints: list[dict[str, Any]] = Field(default_factory=list)
    replicas: int | None = None
    autoscaling: Autoscaling | None = None
    aws_node_pool: AwsNodePool = Field(default_factory=AwsNodePool)
    tuning_configs: list[str] = Field(default_factory=list)
    kubelet_configs: list[str] = Field(default_factory=list)
    version: Version = Field(default_factory=Version)
    status: NodePoolStatus = Field(default_factory=NodePoolStatus)
