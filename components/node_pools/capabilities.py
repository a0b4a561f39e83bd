"""Features of GPU node pools by kind of cluster: one table, read by the facade and printed into the documentation.

`python -m modelyard.components.node_pools.capabilities` prints the table of docs/components/node-pools.md; a test
compares the two.
"""

import enum
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from modelyard.components.common.errors import ArgumentError
from modelyard.components.node_pools.spec import Driver


class ClusterKind(enum.Enum):
    """Service that starts the nodes of a pool."""

    AKS = "aks"
    """Azure Kubernetes Service, a node pool of its own."""
    ROSA = "rosa"
    """Red Hat OpenShift on AWS with hosted control planes, a machine pool."""
    OPENSHIFT = "openshift"
    """OpenShift that manages its own machines: a machine set."""
    KARPENTER = "karpenter"
    """Karpenter in any cluster on AWS or Azure."""


class Feature(enum.Enum):
    """Property that a pool may have, in words for the reader."""

    SPOT = "spot nodes"
    MINIMUM = "nodes that always run (min_nodes above 0)"
    ZONES = "several zones in one pool"
    MIG = "GPUs cut into MIG instances"
    FABRIC = "InfiniBand or EFA between nodes"
    RESERVATION = "reserved capacity"
    BLOCK = "Capacity Blocks for ML"
    CLOUD_DRIVER = "driver in the node image (driver: cloud)"
    OPERATOR_DRIVER = "driver by NVIDIA's operator (driver: operator)"


@dataclass(frozen=True)
class Support:
    """Support of a feature by a kind of cluster."""

    supported: bool
    note: str = ""
    """Limits of the support, or the reason why there is none."""
    source: str = ""
    """Source of that reason."""


_YES = Support(supported=True)


def _no(reason: str, source: str) -> Support:
    return Support(supported=False, note=reason, source=source)


def _yes(limits: str) -> Support:
    return Support(supported=True, note=limits)


_NODE_POOL = "OCM clusters_mgmt/v1, AWSNodePool"
_RHCOS = _no("Red Hat's node image has no NVIDIA driver; the operator builds it", "OpenShift, NVIDIA GPU Operator")
_MANAGER = _yes("by the operator's MIG manager")

CAPABILITIES: Mapping[Feature, Mapping[ClusterKind, Support]] = {
    Feature.SPOT: {
        ClusterKind.AKS: _yes("AKS adds its own taint"),
        ClusterKind.ROSA: _yes("not together with a reservation"),
        ClusterKind.OPENSHIFT: _yes("not on vSphere"),
        ClusterKind.KARPENTER: _YES,
    },
    Feature.MINIMUM: {
        ClusterKind.AKS: _YES,
        ClusterKind.ROSA: _YES,
        ClusterKind.OPENSHIFT: _YES,
        ClusterKind.KARPENTER: _no("Karpenter starts nodes for pods that wait", "karpenter.sh/v1, NodePool"),
    },
    Feature.ZONES: {
        ClusterKind.AKS: _YES,
        ClusterKind.ROSA: _no("a machine pool lies in one subnet; make one pool per zone", _NODE_POOL),
        ClusterKind.OPENSHIFT: _no("a machine set lies in one zone; make one pool per zone", "machine/v1beta1"),
        ClusterKind.KARPENTER: _YES,
    },
    Feature.MIG: {
        ClusterKind.AKS: _yes("by AKS; fixed for the pool's life"),
        ClusterKind.ROSA: _MANAGER,
        ClusterKind.OPENSHIFT: _MANAGER,
        ClusterKind.KARPENTER: _MANAGER,
    },
    Feature.FABRIC: {
        ClusterKind.AKS: _yes("InfiniBand of ND sizes, in one scale set"),
        ClusterKind.ROSA: _no("machine pools have neither EFA nor placement groups", _NODE_POOL),
        ClusterKind.OPENSHIFT: _yes("EFA on AWS, with a placement group"),
        ClusterKind.KARPENTER: _yes("EFA on AWS, with a placement group; no InfiniBand"),
    },
    Feature.RESERVATION: {
        ClusterKind.AKS: _yes("capacity reservation group"),
        ClusterKind.ROSA: _yes("capacity reservation or Capacity Block"),
        ClusterKind.OPENSHIFT: _yes("not on vSphere"),
        ClusterKind.KARPENTER: _yes("on AWS"),
    },
    Feature.BLOCK: {
        ClusterKind.AKS: _no("AWS sells them; Azure has capacity reservation groups", "AWS, Capacity Blocks for ML"),
        ClusterKind.ROSA: _yes("with `capacity_reservation`"),
        ClusterKind.OPENSHIFT: _yes("on AWS, with `capacity_reservation`"),
        ClusterKind.KARPENTER: _yes("on AWS, with `capacity_reservation`"),
    },
    Feature.CLOUD_DRIVER: {
        ClusterKind.AKS: _YES,
        ClusterKind.ROSA: _RHCOS,
        ClusterKind.OPENSHIFT: _RHCOS,
        ClusterKind.KARPENTER: _YES,
    },
    Feature.OPERATOR_DRIVER: {
        ClusterKind.AKS: _YES,
        ClusterKind.ROSA: _YES,
        ClusterKind.OPENSHIFT: _YES,
        ClusterKind.KARPENTER: _yes("on AWS with an image given by its id"),
    },
}
"""Support of each feature by each kind of cluster."""


def validate_features(pool: str, kind: ClusterKind, args: Mapping[str, Any]) -> None:
    """Check that clusters of `kind` support every feature that the pool's arguments use.

    Raises:
        ArgumentError: a feature is not supported; the rule names the kinds of cluster that support it.
    """
    for feature, argument in _features(args):
        support = CAPABILITIES[feature][kind]
        if not support.supported:
            others = [other.value for other in ClusterKind if CAPABILITIES[feature][other].supported]
            rule = f"{kind.value} cannot have {feature.value}: {support.note}; {', '.join(others)} can"
            raise ArgumentError(pool, argument, args.get(argument), rule, support.source)


def markdown() -> str:
    """Render the table for the documentation."""
    lines = [f"| | {' | '.join(kind.value for kind in ClusterKind)} |", f"|---|{'---|' * len(ClusterKind)}"]
    for feature, kinds in CAPABILITIES.items():
        lines.append(f"| {feature.value} | {' | '.join(_cell(kinds[kind]) for kind in ClusterKind)} |")
    return "\n".join(lines) + "\n"


def _features(args: Mapping[str, Any]) -> Iterator[tuple[Feature, str]]:
    if args.get("spot"):
        yield Feature.SPOT, "spot"
    if args.get("min_nodes"):
        yield Feature.MINIMUM, "min_nodes"
    if len(args.get("zones") or ()) > 1:
        yield Feature.ZONES, "zones"
    if args.get("mig_profile"):
        yield Feature.MIG, "mig_profile"
    for argument in ("fabric", "infiniband", "efa", "placement_group"):
        if args.get(argument):
            yield Feature.FABRIC, argument
    if args.get("capacity_reservation"):
        yield Feature.RESERVATION, "capacity_reservation"
    for argument in ("capacity_blocks", "capacity_block"):
        if args.get(argument):
            yield Feature.BLOCK, argument
    if args.get("driver", Driver.OPERATOR) in (Driver.CLOUD, Driver.CLOUD.value):
        yield Feature.CLOUD_DRIVER, "driver"


def _cell(support: Support) -> str:
    word = "yes" if support.supported else "no"
    return f"{word}: {support.note}" if support.note else word


if __name__ == "__main__":
    sys.stdout.write(markdown())
