"""Arguments of a GPU node pool of Karpenter."""

import enum
from typing import NotRequired

from modelyard.components.node_pools.args import NodePoolArgs
from typing_extensions import TypedDict


class KarpenterCloud(enum.Enum):
    """Cloud whose Karpenter runs in the cluster."""

    AWS = "aws"
    AZURE = "azure"


class DisruptionReason(enum.Enum):
    """Reason for which Karpenter removes a node (karpenter.sh/v1, NodePool)."""

    EMPTY = "Empty"
    DRIFTED = "Drifted"
    UNDERUTILIZED = "Underutilized"


class DisruptionBudgetArgs(TypedDict):
    """Number of nodes that may be removed at once, and the hours for which it holds."""

    nodes: str
    """A number or a percentage: `1`, `10%`, `0`."""
    schedule: NotRequired[str]
    """Cron expression, in UTC, of the times at which the budget begins, e.g. `0 8 * * mon-fri`. Default: always."""
    duration: NotRequired[str]
    """Length of each period of the schedule, e.g. `10h`. Goes with `schedule`."""
    reasons: NotRequired[list[DisruptionReason]]
    """Reasons of removal that the budget limits. Default: all."""


class KarpenterNodePoolOptions(TypedDict):
    """Arguments that only Karpenter's node pools have."""

    cloud: KarpenterCloud
    """Cloud whose Karpenter runs in the cluster."""
    region: NotRequired[str]
    """Region of the cluster; must sell the machine. Required on Azure where zones are given as numbers."""
    cluster: NotRequired[str]
    """AWS: name of the cluster; its subnets and security groups carry the tag `karpenter.sh/discovery`."""
    role: NotRequired[str]
    """AWS: IAM role of the nodes."""
    image: NotRequired[str]
    """AWS: alias (`al2023@v20260801`) or id (`ami-…`). Azure: image family; default `Ubuntu2204`."""
    disk_gib: NotRequired[int]
    """Size of the root disk. Default 200: images of model servers take 20 GiB each."""
    capacity_reservation: NotRequired[str]
    """AWS: id of a capacity reservation, `cr-…`."""
    placement_group: NotRequired[str]
    """AWS: name of a cluster placement group. Machines with EFA then get their adapters."""
    idle_seconds: NotRequired[int]
    """Time after which an empty node is removed. Default 600."""
    expire_seconds: NotRequired[int]
    """Age at which a node is replaced, whatever runs on it. Default: never."""
    grace_seconds: NotRequired[int]
    """Longest drain before pods are killed. Default: no limit."""
    budgets: NotRequired[list[DisruptionBudgetArgs]]
    """Limits on nodes that are removed at once. Default: one node at a time."""
    weight: NotRequired[int]
    """Priority among pools, 1 to 100: the highest is tried first, e.g. spot before on-demand. Default 10."""


class KarpenterGpuNodePoolArgs(NodePoolArgs, KarpenterNodePoolOptions):
    """GPU node pool, and the settings that only Karpenter has."""
