"""What a node pool has to know about the AKS cluster that it belongs to."""

from typing import NotRequired

import pulumi
from typing_extensions import TypedDict


class AksClusterReference(TypedDict):
    """A cluster, as its pools see it: `AksCluster.reference`, or written down for a cluster made elsewhere."""

    name: pulumi.Input[str]
    resource_group: pulumi.Input[str]
    location: str
    """Region."""
    kubernetes_version: str
    """Of the control plane."""
    node_subnet: pulumi.Input[str]
    """Id of the subnet for nodes."""
    pod_subnet: NotRequired[pulumi.Input[str]]
    """Id of the subnet for pods; without one, pods are on the overlay."""
    kubeconfig: NotRequired[pulumi.Input[str]]
    """Leads to the cluster, to empty a pool's nodes before the pool is deleted. Without it pods go with their nodes."""
    identity: NotRequired[pulumi.Input[str]]
    """Object id of the control plane's identity; gets the right to use a pool's capacity reservation."""
    max_nodes: NotRequired[int]
    """Nodes of all pools that its network was planned for. Default: not judged."""
    pods_per_node: NotRequired[int]
    """Default 110."""
    node_channel: NotRequired[str]
    """What upgrades node images; pools follow the cluster's."""
    node_auto_provisioning: NotRequired[bool]
    """Whether Karpenter makes nodes, beside which AKS allows no pool that autoscales. Default false."""
    vcpu_quota: NotRequired[dict[str, int]]
    """The subscription's vCPUs by family."""
