"""GPU nodes of an OpenShift cluster that manages its own machines, on AWS, Azure or vSphere.

OpenShiftGpuMachineSet("gpu-l4", {
    "ownership": …, "instance_type": "g6.4xlarge", "max_nodes": 4,
    "template": yaml.safe_load(Path("worker.yaml").read_text()),   # oc get machineset <one that works> -o yaml
})
"""

from typing import Any, NotRequired

import pulumi
from modelyard.components.common.errors import ArgumentError
from modelyard.components.kubernetes.manifest import Manifest, in_cluster, no_wait
from modelyard.components.kubernetes.manifests import machine_set as sets
from modelyard.components.node_pools.args import Driver, NodePoolArgs
from modelyard.components.node_pools.spec import NodePoolSpec, validate_pool
from typing_extensions import TypedDict


class OpenShiftGpuMachineSetArgs(NodePoolArgs):
    """A pool, and the machine set that its own is derived from."""

    template: dict[str, Any]
    """A machine set of the same cluster, as `oc get machineset -o yaml` gives it."""
    subnet: NotRequired[str]
    """Id (AWS) or name (Azure). Default: the template's, in the pool's zone."""
    disk_gib: NotRequired[int]
    """Root disk. Default: the template's. Model images alone take 20 GiB; 200 and more is usual."""
    efa: NotRequired[bool]
    """AWS: the nodes' network interface is an Elastic Fabric Adapter. Needs `placement_group`."""
    placement_group: NotRequired[str]
    """AWS: name of a group with strategy cluster, in the pool's zone."""
    capacity_reservation: NotRequired[str]
    """AWS: id `cr-…`; Azure: id of a capacity reservation group."""
    capacity_block: NotRequired[bool]
    """AWS: the reservation is a Capacity Block."""
    max_price: NotRequired[str]
    """USD per hour that a spot node may cost. Default: up to the on-demand price."""
    vm_template: NotRequired[str]
    """vSphere: virtual machine template that has the GPU; the machine API cannot add one."""


class OpenShiftGpuMachineSet(pulumi.ComponentResource):
    """A machine set and its autoscaler. The cluster needs one `OpenShiftClusterAutoscaler` for all of its pools.

    Removing it drains and deletes the machines; the machine API does that, so that `up` does not wait for it.
    """

    nodes: pulumi.Output[dict[str, str]]
    """Labels of the nodes."""

    def __init__(self, name: str, args: OpenShiftGpuMachineSetArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        # Not annotated on the class: an annotation would make it an output of the component.
        self.pool, bodies = derived(name, args)
        super().__init__("modelyard:index:OpenShiftGpuMachineSet", name, None, opts)
        machines = Manifest(
            f"{name}-machines",
            bodies["machines"],
            in_cluster(self, opts),
            wait=no_wait(),
            # The autoscaler writes the size; the machine API completes annotations from what it knows of the type.
            controller_fields=["spec.replicas", "metadata.annotations"],
        )
        scaler = Manifest(
            f"{name}-autoscaler", bodies["autoscaler"], in_cluster(self, opts, depends_on=[machines]), wait=no_wait()
        )
        self.ready: list[pulumi.Resource] = [machines, scaler]
        self.nodes = pulumi.Output.from_input(
            dict(bodies["machines"]["spec"]["template"]["spec"]["metadata"]["labels"])
        )
        self.register_outputs({"nodes": self.nodes})


class OpenShiftClusterAutoscalerArgs(TypedDict):
    """What the cluster may grow to."""

    max_nodes: int
    """Of the whole cluster, control plane included."""
    gpus: dict[str, int]
    """Most GPUs by the catalogue's name, e.g. `{"l4": 8}`."""
    provision_seconds: NotRequired[int]
    """A node that is not ready by then is given up. Default 1800."""
    unneeded_seconds: NotRequired[int]
    """An idle node goes after this time. Default 600."""


class OpenShiftClusterAutoscaler(pulumi.ComponentResource):
    """The one cluster autoscaler of an OpenShift cluster, which must be called `default`."""

    def __init__(
        self, name: str, args: OpenShiftClusterAutoscalerArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        limits = sets.AutoscalerLimits(
            max_nodes=int(args["max_nodes"]),
            gpus={gpu: int(count) for gpu, count in args["gpus"].items()},
            provision_seconds=int(args.get("provision_seconds", sets.AutoscalerLimits.provision_seconds)),
            unneeded_seconds=int(args.get("unneeded_seconds", sets.AutoscalerLimits.unneeded_seconds)),
        )
        super().__init__("modelyard:index:OpenShiftClusterAutoscaler", name, None, opts)
        Manifest(f"{name}-autoscaler", sets.cluster_autoscaler(limits), in_cluster(self, opts), wait=no_wait())
        self.register_outputs({})


def derived(name: str, args: OpenShiftGpuMachineSetArgs) -> tuple[NodePoolSpec, dict[str, dict[str, Any]]]:
    """The pool and its objects, before anything is registered.

    Raises:
        ArgumentError: a rule of the pool, or of its platform, is broken.
    """
    pool = validate_pool(name, args, cloud=cloud(name, args["template"]))
    return pool, _bodies(pool, args)


def cloud(name: str, template: dict[str, Any]) -> str:
    """Whose machines `template` makes, in the catalogue's word: `azure`, `aws`, or `any` for vSphere.

    Raises:
        ArgumentError: it is no machine set that another can be derived from.
    """
    try:
        platform = sets.platform(template)
    except sets.MachineSetError as wrong:
        raise ArgumentError(name, "template", None, str(wrong), "openshift/api, machine/v1beta1") from wrong
    return "any" if platform == "vsphere" else platform


def _bodies(pool: NodePoolSpec, args: OpenShiftGpuMachineSetArgs) -> dict[str, dict[str, Any]]:
    if len(pool.zones) > 1:
        rule = "a machine set lies in one zone; make one pool per zone"
        raise ArgumentError(pool.name, "zones", list(pool.zones), rule, "openshift/api, machine/v1beta1")
    if pool.driver is Driver.CLOUD:
        rule = "Red Hat's node image has no NVIDIA driver; use driver 'operator'"
        raise ArgumentError(pool.name, "driver", "cloud", rule, "OpenShift, NVIDIA GPU Operator")
    _check_fabric(pool, args)
    _check_reservation(pool, args)
    options = sets.MachineSetOptions(
        subnet=args.get("subnet"),
        disk_gib=None if args.get("disk_gib") is None else int(args["disk_gib"]),  # type: ignore[typeddict-item]
        efa=bool(args.get("efa", False)),
        placement_group=args.get("placement_group"),
        capacity_reservation=args.get("capacity_reservation"),
        capacity_block=bool(args.get("capacity_block", False)),
        max_price=args.get("max_price"),
        template=args.get("vm_template"),
    )
    node = pool.node_template()
    try:
        machines = sets.machine_set(args["template"], node, options)
    except sets.MachineSetError as wrong:
        raise ArgumentError(pool.name, "", None, str(wrong), "openshift/api, machine/v1beta1") from wrong
    return {"machines": machines, "autoscaler": sets.machine_autoscaler(node)}


def _check_fabric(pool: NodePoolSpec, args: OpenShiftGpuMachineSetArgs) -> None:
    if not args.get("efa"):
        return
    if pool.instance.fabric != "efa":
        rule = f"{pool.instance.name} has no Elastic Fabric Adapter"
        raise ArgumentError(pool.name, "efa", None, rule, "AWS EC2 user guide, supported instance types")
    if not args.get("placement_group"):
        rule = "needs placement_group: EFA's bandwidth is between nodes of one cluster placement group"
        raise ArgumentError(pool.name, "efa", None, rule, "AWS EC2 user guide, EFA")


def _check_reservation(pool: NodePoolSpec, args: OpenShiftGpuMachineSetArgs) -> None:
    reservation = args.get("capacity_reservation")
    if args.get("capacity_block") and not reservation:
        rule = "needs capacity_reservation, the id of the block that was bought"
        raise ArgumentError(pool.name, "capacity_block", None, rule, "openshift/api, marketType")
    if reservation and pool.spot:
        raise ArgumentError(pool.name, "spot", None, "a reservation is not spare capacity; choose one of the two")
    if args.get("max_price") and not pool.spot:
        raise ArgumentError(pool.name, "max_price", args.get("max_price"), "is for spot nodes; set spot as well")
