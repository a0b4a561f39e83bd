"""A pool of GPU nodes under one name on every kind of cluster.

GpuNodePool("gpu-l4", {
    "kind": ClusterKind.OPENSHIFT,
    "openshift": {"template": machine_set},            # arguments that only this kind has
    "ownership": …, "instance_type": "g6.4xlarge", "max_nodes": 4, "spot": True,
})
"""

from typing import Any, NotRequired

import modelyard.components as yard
import pulumi
from modelyard.components.azure.node_pool.args import AksNodePoolOptions
from modelyard.components.common.component import Component, list_dependencies
from modelyard.components.common.deprecated import resolve_deprecated
from modelyard.components.common.errors import ArgumentError
from modelyard.components.karpenter.args import KarpenterNodePoolOptions
from modelyard.components.kubernetes.manifest import child_options
from modelyard.components.node_pools import capabilities
from modelyard.components.node_pools.args import NodePoolArgs
from modelyard.components.node_pools.capabilities import ClusterKind
from modelyard.components.node_pools.spec import CloudNodePoolSpec, NodePoolSpec
from modelyard.components.openshift.args import OpenShiftNodePoolOptions
from modelyard.components.rosa.machine_pool.args import RosaNodePoolOptions

_COMPONENTS = {
    ClusterKind.AKS: "AksGpuNodePool",
    ClusterKind.ROSA: "RosaGpuMachinePool",
    ClusterKind.OPENSHIFT: "OpenShiftGpuMachineSet",
    ClusterKind.KARPENTER: "KarpenterGpuNodePool",
}
"""Component of each kind, loaded with its first pool: each brings the SDK of its cloud."""

_SECTIONS = {kind.value for kind in ClusterKind}
"""Arguments that hold the arguments of a single kind."""


class GpuNodePoolArgs(NodePoolArgs):
    """A pool, and the cluster that it is for."""

    kind: ClusterKind
    """Service that starts the nodes."""
    aks: NotRequired[AksNodePoolOptions]
    """Arguments that only a pool of kind `aks` has, among them its `cluster`."""
    rosa: NotRequired[RosaNodePoolOptions]
    """Arguments that only a pool of kind `rosa` has, among them its `cluster`."""
    openshift: NotRequired[OpenShiftNodePoolOptions]
    """Arguments that only a pool of kind `openshift` has, among them its `template`."""
    karpenter: NotRequired[KarpenterNodePoolOptions]
    """Arguments that only a pool of kind `karpenter` has, among them its `cloud`."""
    cluster: NotRequired[dict[str, Any]]
    """Deprecated: former name of the kind's own section, without types."""
    disk_gib: NotRequired[int]
    """Root disk. Default: the component's."""
    max_price: NotRequired[float]
    """USD per hour that a spot node may cost. Default: the price on demand."""
    fabric: NotRequired[bool]
    """Nodes compute together over InfiniBand or EFA. Default false."""
    placement_group: NotRequired[str]
    """Placement group of the nodes, as the cloud writes it. Default: none, or the one that `fabric` needs."""
    capacity_reservation: NotRequired[str]
    """Id of capacity that was reserved, as the cloud writes it."""
    capacity_blocks: NotRequired[bool]
    """The reservation is a Capacity Block for ML. Default false."""


class GpuNodePool(Component):
    """GPU nodes on any kind of cluster: the kind's own component is the child.

    Features that the kind does not have are refused with the reason.
    """

    nodes: pulumi.Output[dict[str, str]]
    """Labels of the nodes."""

    def __init__(
        self,
        name: str,
        args: GpuNodePoolArgs,
        opts: pulumi.ResourceOptions | None = None,
        *,
        spec: CloudNodePoolSpec | None = None,
    ) -> None:
        kind = ClusterKind(args["kind"])
        arguments = _arguments_of_kind(name, kind, args)
        if spec is None:
            capabilities.validate_features(name, kind, arguments)
        component = getattr(yard, _COMPONENTS[kind])
        super().__init__("modelyard:index:GpuNodePool", name, None, opts)
        validated = {} if spec is None else {"spec": spec}
        options = child_options(self, opts, depends_on=list_dependencies(opts))
        self.node_pool: (
            yard.AksGpuNodePool | yard.RosaGpuMachinePool | yard.OpenShiftGpuMachineSet | yard.KarpenterGpuNodePool
        ) = component(name, arguments, options, **validated)
        self.pool: NodePoolSpec = self.node_pool.pool
        self.ready: list[pulumi.Resource] = [self.node_pool]
        self.nodes = self.node_pool.nodes
        self.register_outputs({"nodes": self.nodes})


def _arguments_of_kind(name: str, kind: ClusterKind, args: GpuNodePoolArgs) -> dict[str, Any]:
    """Merge the shared arguments and the kind's own section into the arguments of its component."""
    shared: dict[str, Any] = dict(resolve_deprecated(name, args, {"cluster": kind.value}))
    own = shared.pop(kind.value, {})
    if foreign := sorted(shared.keys() & _SECTIONS):
        raise ArgumentError(name, foreign[0], None, f"does not go with kind = {kind.value!r}; give {kind.value}")
    if repeated := sorted(shared.keys() & own.keys()):
        rule = "is an argument of the pool; give it there only"
        raise ArgumentError(name, f"{kind.value}.{repeated[0]}", None, rule)
    del shared["kind"]
    return {**shared, **own}
