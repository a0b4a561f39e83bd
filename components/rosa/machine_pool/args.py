"""Arguments of a GPU machine pool of a ROSA cluster."""

from typing import Any, NotRequired

from modelyard.components.node_pools.args import NodePoolArgs
from modelyard.components.rosa.cluster.args import RosaClusterReference
from typing_extensions import TypedDict


class RosaNodePoolOptions(TypedDict):
    """Arguments that only machine pools of ROSA have."""

    cluster: RosaClusterReference
    """Cluster of the pool: `RosaCluster.reference`."""
    version: NotRequired[str]
    """OpenShift version of the nodes. Default: the cluster's."""
    disk_gib: NotRequired[int]
    """Root disk, 75 to 16384 GiB. Default 300: images of model servers are large."""
    max_price: NotRequired[float]
    """Highest price of a spot node, in USD per hour. Default: the price on demand."""
    capacity_reservation: NotRequired[str]
    """Id of an AWS capacity reservation; not with `spot`."""
    capacity_blocks: NotRequired[bool]
    """The reservation is a Capacity Block for ML. Default false."""
    security_groups: NotRequired[list[str]]
    """Further security groups of the nodes."""
    drain_minutes: NotRequired[int]
    """Minutes that pods may take to leave a node, 0 to 10080. Default 30."""
    pod_pids_limit: NotRequired[int]
    """Processes per pod, 4096 to 16384. Default: OpenShift's."""
    tuned: NotRequired[dict[str, Any]]
    """Spec of a `Tuned` (`profile`, `recommend`) for the node tuning operator."""


class RosaGpuMachinePoolArgs(NodePoolArgs, RosaNodePoolOptions):
    """A pool in one zone; more zones need more pools."""
