"""The arguments of a GPU pool in AKS."""

from typing import NotRequired

import pulumi
from modelyard.components.azure.cluster.reference import AksClusterReference
from modelyard.components.node_pools.args import NodePoolArgs


class AksGpuNodePoolArgs(NodePoolArgs):
    """A pool of GPU nodes in AKS."""

    cluster: AksClusterReference
    """The cluster that it belongs to: `AksCluster.reference`."""
    pool_name: NotRequired[str]
    """Name in AKS, 1 to 12 lower-case letters and digits. Default: the component's."""
    kubernetes_version: NotRequired[str]
    """Of the nodes. Default: the cluster's."""
    eviction_policy: NotRequired[str]
    """What happens to a spot node that is taken back: `Delete` (default) or `Deallocate`, which goes on paying for
    its disk and counting its quota."""
    spot_max_price: NotRequired[float]
    """USD per hour that a spot node may cost. Default: up to the price on demand."""
    os_sku: NotRequired[str]
    """Node image: `Ubuntu` (default), `Ubuntu2204`, `AzureLinux`, `AzureLinux3`."""
    disk_gib: NotRequired[int]
    """OS disk. Default 256, or 128 where no more fits on the node itself."""
    ephemeral_disk: NotRequired[bool]
    """OS disk on the node itself, faster and free. Default: where it fits."""
    max_pods: NotRequired[int]
    """Default: the cluster's."""
    max_surge: NotRequired[str]
    """Nodes that an upgrade adds: `1`, `33%`. Default `0`, because quota for GPUs is scarce: one node at a time is
    taken out instead."""
    drain_minutes: NotRequired[int]
    """Longest wait for pods to leave: a node in an upgrade, the whole pool before it is deleted. Default 60."""
    infiniband: NotRequired[bool]
    """Nodes compute together over InfiniBand: one scale set, one zone, one placement group. Default false."""
    placement_group: NotRequired[pulumi.Input[str]]
    """Id of a proximity placement group. Default: with `infiniband` one is made, else none."""
    capacity_reservation: NotRequired[str]
    """Id of a capacity reservation group."""
