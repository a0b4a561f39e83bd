"""GPU nodes that Karpenter starts for waiting pods, on AWS or Azure.

KarpenterGpuNodePool("gpu-l4", {
    "ownership": …, "cloud": "aws", "cluster": "research", "role": "KarpenterNodeRole-research",
    "instance_type": "g6.4xlarge", "max_nodes": 4, "driver": "cloud", "image": "al2023@v20260801",
})
"""

import pulumi
from modelyard.components.common.component import Component
from modelyard.components.karpenter.args import KarpenterGpuNodePoolArgs
from modelyard.components.karpenter.spec import KarpenterNodePoolSpec, validate_node_pool
from modelyard.components.kubernetes.manifest import Manifest, child_options, no_wait, until


class KarpenterGpuNodePool(Component):
    """Karpenter node pool and its node class. By default, nodes are removed only when empty and never expire."""

    nodes: pulumi.Output[dict[str, str]]
    """Labels of the nodes."""

    def __init__(
        self,
        name: str,
        args: KarpenterGpuNodePoolArgs,
        opts: pulumi.ResourceOptions | None = None,
        *,
        spec: KarpenterNodePoolSpec | None = None,
    ) -> None:
        spec = spec or validate_node_pool(name, args)
        # Not annotated on the class: an annotation would make it an output of the component.
        self.pool = spec.pool
        super().__init__("modelyard:index:KarpenterGpuNodePool", name, None, opts)
        options = child_options(self, opts)
        node_class = Manifest(f"{name}-class", spec.node_class, options, wait=until("condition=Ready"))
        after_class = child_options(self, opts, depends_on=[node_class])
        nodes = Manifest(f"{name}-pool", spec.node_pool, after_class, wait=no_wait())
        self.ready: list[pulumi.Resource] = [node_class, nodes]
        self.nodes = pulumi.Output.from_input(dict(spec.pool.labels))
        self.register_outputs({"nodes": self.nodes})
