"""What a machine pool has to know about the ROSA cluster that it belongs to."""

from typing import NotRequired

import pulumi
from typing_extensions import TypedDict


class RosaClusterReference(TypedDict):
    """A cluster, as its pools see it: `RosaCluster.reference`, or written down for a cluster made elsewhere."""

    cluster_id: pulumi.Input[str]
    """OCM's id. That of `RosaCluster.reference` is known when the cluster is ready, so that pools wait for it."""
    region: str
    """AWS region."""
    zones: list[str]
    """Availability zones."""
    version: str
    """Of the control plane: `4.20.1`."""
    subnets: dict[str, pulumi.Input[str]]
    """Id of the private subnet of each zone."""
    subnet_prefix: NotRequired[int]
    """Prefix length of each private subnet; pools are checked against it. Default: not judged."""
    max_nodes: NotRequired[int]
    """Nodes of all pools that its network was planned for. Default: not judged."""
    spot_drains: NotRequired[bool]
    """Whether the cluster has a queue of interruption notices. Default false."""
    vcpu_quota: NotRequired[dict[str, int]]
    """The account's vCPUs by code of EC2's quotas."""
