"""A GPU pool by one name on every kind of cluster.

GpuNodePool("gpu-l4", {
    "kind": ClusterKind.OPENSHIFT,
    "cluster": {"template": machine_set},              # what that kind of cluster needs to be told of itself
    "ownership": …, "instance_type": "g6.4xlarge", "max_nodes": 4, "spot": True,
})
"""

import importlib
from typing import Any, NotRequired

import pulumi
from modelyard.components.common.errors import ArgumentError
from modelyard.components.node_pools import capabilities
from modelyard.components.node_pools.args import NodePoolArgs
from modelyard.components.node_pools.capabilities import ClusterKind

_COMPONENTS = {
    ClusterKind.AKS: ("azure.node_pool.component", "AksGpuNodePool"),
    ClusterKind.ROSA: ("rosa.machine_pool.component", "RosaGpuMachinePool"),
    ClusterKind.OPENSHIFT: ("openshift.component", "OpenShiftGpuMachineSet"),
    ClusterKind.KARPENTER: ("karpenter.component", "KarpenterGpuNodePool"),
}
"""Module and class of each kind's component, loaded when one is made: each brings the SDK of its cloud."""


class GpuNodePoolArgs(NodePoolArgs):
    """A pool, and the cluster that it is for."""

    kind: ClusterKind
    """Who starts the nodes."""
    cluster: dict[str, Any]
    """Arguments that only this kind's component has, e.g. `template` of OpenShiftGpuMachineSet."""
    disk_gib: NotRequired[int]
    """Root disk. Default: the component's."""
    capacity_reservation: NotRequired[str]
    """Id of capacity that was reserved, as the cloud writes it."""


class GpuNodePool(pulumi.ComponentResource):
    """The component that fits the kind of cluster, as its child. What the kind cannot do is refused with the reason."""

    nodes: pulumi.Output[dict[str, str]]
    """Labels of the nodes."""

    def __init__(self, name: str, args: GpuNodePoolArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        kind = _kind(name, args["kind"])
        given = _given(name, args)
        capabilities.validate_features(name, kind, given)
        module, component = _COMPONENTS[kind]
        make = getattr(importlib.import_module(f"modelyard.components.{module}"), component)
        super().__init__("modelyard:index:GpuNodePool", name, None, opts)
        self.chosen = make(name, given, _inside(self, opts))
        self.pool = self.chosen.pool
        self.ready: list[pulumi.Resource] = [self.chosen]
        self.nodes = self.chosen.nodes
        self.register_outputs({"nodes": self.nodes})


def _inside(parent: pulumi.Resource, opts: pulumi.ResourceOptions | None) -> pulumi.ResourceOptions:
    """What was said of the facade holds for the component in it: with what it goes, and what comes before it."""
    if opts is None:
        return pulumi.ResourceOptions(parent=parent)
    return pulumi.ResourceOptions(parent=parent, deleted_with=opts.deleted_with, depends_on=opts.depends_on)


def _kind(name: str, given: Any) -> ClusterKind:
    known = ", ".join(repr(one.value) for one in _COMPONENTS)
    try:
        kind = given if isinstance(given, ClusterKind) else ClusterKind(given)
    except ValueError:
        raise ArgumentError(name, "kind", given, f"must be one of {known}") from None
    if kind not in _COMPONENTS:
        raise ArgumentError(name, "kind", kind.value, f"has no component here yet; there are {known}")
    return kind


def _given(name: str, args: GpuNodePoolArgs) -> dict[str, Any]:
    """The arguments of the kind's component: the shared ones, and the cluster's own."""
    shared = {key: value for key, value in args.items() if key not in ("kind", "cluster")}
    twice = sorted(shared.keys() & args["cluster"].keys())
    if twice:
        raise ArgumentError(name, f"cluster.{twice[0]}", None, "is an argument of the pool; give it there only")
    return {**shared, **args["cluster"]}
