"""GPU nodes of an OpenShift cluster that manages its own machines, on AWS, Azure or vSphere.

OpenShiftGpuMachineSet("gpu-l4", {
    "ownership": …, "instance_type": "g6.4xlarge", "max_nodes": 4,
    "template": yaml.safe_load(Path("worker.yaml").read_text()),   # oc get machineset <a working one> -o yaml
})
"""

import pulumi
from modelyard.components.common.component import Component
from modelyard.components.kubernetes.manifest import Manifest, child_options, no_wait
from modelyard.components.kubernetes.manifests.machine_set import machine_autoscaler, machine_set
from modelyard.components.openshift.args import OpenShiftGpuMachineSetArgs
from modelyard.components.openshift.spec import OpenShiftNodePoolSpec, validate_node_pool


class OpenShiftGpuMachineSet(Component):
    """Machine set of GPU nodes, and its autoscaler. The cluster needs one `OpenShiftClusterAutoscaler` for all pools.

    On removal the machine API drains and deletes the machines by itself; `up` does not wait for that.
    """

    nodes: pulumi.Output[dict[str, str]]
    """Labels of the nodes."""

    def __init__(
        self,
        name: str,
        args: OpenShiftGpuMachineSetArgs,
        opts: pulumi.ResourceOptions | None = None,
        *,
        spec: OpenShiftNodePoolSpec | None = None,
    ) -> None:
        spec = spec or validate_node_pool(name, args)
        # Not annotated on the class: an annotation would make it an output of the component.
        self.pool = spec.pool
        super().__init__("modelyard:index:OpenShiftGpuMachineSet", name, None, opts)
        node = spec.pool.node_template()
        body = machine_set(spec.template, node, spec.options)
        machines = Manifest(
            f"{name}-machines",
            body,
            child_options(self, opts),
            wait=no_wait(),
            # The autoscaler writes the size; the machine API completes annotations from what it knows of the type.
            controller_fields=["spec.replicas", "metadata.annotations"],
        )
        autoscaler = Manifest(
            f"{name}-autoscaler",
            machine_autoscaler(node),
            child_options(self, opts, depends_on=[machines]),
            wait=no_wait(),
        )
        self.ready: list[pulumi.Resource] = [machines, autoscaler]
        self.nodes = pulumi.Output.from_input(dict(body["spec"]["template"]["spec"]["metadata"]["labels"]))
        self.register_outputs({"nodes": self.nodes})
