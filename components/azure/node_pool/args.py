"""Arguments of a GPU node pool in AKS."""

import enum
from typing import NotRequired

import pulumi
from modelyard.components.azure.cluster.args import AksClusterReference
from modelyard.components.node_pools.args import NodePoolArgs
from typing_extensions import TypedDict

DEPRECATED = {"infiniband": "fabric", "spot_max_price": "max_price"}
"""Today's name of each former argument; both are accepted."""


class AksEvictionPolicy(enum.Enum):
    """Fate of a spot node that Azure takes back (AKS, spot node pools)."""

    DELETE = "Delete"
    DEALLOCATE = "Deallocate"
    """The node goes on paying for its disk and counting in its quota."""


class AksOsSku(enum.Enum):
    """Linux images of API 2025-09-01 that have GPU drivers; `CBLMariner` is the former name of `AzureLinux`."""

    UBUNTU = "Ubuntu"
    UBUNTU_2204 = "Ubuntu2204"
    AZURE_LINUX = "AzureLinux"
    AZURE_LINUX_3 = "AzureLinux3"


class AksNodePoolOptions(TypedDict):
    """Arguments that only pools in AKS have."""

    cluster: AksClusterReference
    """Cluster of the pool: `AksCluster.reference`."""
    pool_name: NotRequired[str]
    """Name in AKS, 1 to 12 lower-case letters and digits. Default: the component's."""
    kubernetes_version: NotRequired[str]
    """Version of the nodes. Default: the cluster's."""
    eviction_policy: NotRequired[AksEvictionPolicy]
    """Fate of a spot node that is taken back. Default `Delete`."""
    max_price: NotRequired[float]
    """USD per hour that a spot node may cost. Default: up to the price on demand."""
    os_sku: NotRequired[AksOsSku]
    """Node image. Default `Ubuntu`."""
    disk_gib: NotRequired[int]
    """OS disk. Default 256, or 128 where no more fits on the node itself."""
    ephemeral_disk: NotRequired[bool]
    """OS disk on the node itself, faster and free. Default: where it fits."""
    max_pods: NotRequired[int]
    """Pods on one node at most. Default: the cluster's."""
    max_surge: NotRequired[str]
    """Nodes that an upgrade adds: `1`, `33%`. Default `0`, because quota for GPUs is scarce: one node at a time is
    taken out instead."""
    drain_minutes: NotRequired[int]
    """Longest wait for pods to leave: a node in an upgrade, the whole pool before it is deleted. Default 60."""
    fabric: NotRequired[bool]
    """Nodes compute together over InfiniBand: one scale set, one zone, one placement group. Default false."""
    placement_group: NotRequired[pulumi.Input[str]]
    """Id of a proximity placement group. Default: one is created with `fabric`, else none."""
    capacity_reservation: NotRequired[str]
    """Id of a capacity reservation group."""
    infiniband: NotRequired[bool]
    """Deprecated: former name of `fabric`."""
    spot_max_price: NotRequired[float]
    """Deprecated: former name of `max_price`."""


class AksGpuNodePoolArgs(NodePoolArgs, AksNodePoolOptions):
    """Pool of GPU nodes in AKS."""
