"""Arguments of a GPU machine set of OpenShift."""

from typing import Any, NotRequired

from modelyard.components.node_pools.args import NodePoolArgs
from typing_extensions import TypedDict

DEPRECATED = {"efa": "fabric", "capacity_block": "capacity_blocks"}
"""Today's name of each argument that was renamed."""


class OpenShiftNodePoolOptions(TypedDict):
    """Arguments that only machine sets of OpenShift have."""

    template: dict[str, Any]
    """A working machine set of the same cluster, as `oc get machineset -o yaml` prints it."""
    subnet: NotRequired[str]
    """Id (AWS) or name (Azure) of the nodes' subnet. Default: the template's, in the pool's zone."""
    disk_gib: NotRequired[int]
    """Size of the root disk. Default: the template's. Model servers' images take 20 GiB each; 200 is usual."""
    fabric: NotRequired[bool]
    """AWS: Elastic Fabric Adapter as the nodes' network interface. Needs `placement_group`. Default false."""
    placement_group: NotRequired[str]
    """AWS: name of a placement group with strategy cluster, in the pool's zone."""
    capacity_reservation: NotRequired[str]
    """Id of reserved capacity: on AWS `cr-…`, on Azure the id of a capacity reservation group."""
    capacity_blocks: NotRequired[bool]
    """AWS: the reservation is a Capacity Block for ML. Default false."""
    max_price: NotRequired[float]
    """Highest price of a spot node, USD per hour. Default: the on-demand price."""
    vm_template: NotRequired[str]
    """vSphere: virtual machine template that has the GPU; the machine API cannot add one."""
    efa: NotRequired[bool]
    """Former name of `fabric`."""
    capacity_block: NotRequired[bool]
    """Former name of `capacity_blocks`."""


class OpenShiftGpuMachineSetArgs(NodePoolArgs, OpenShiftNodePoolOptions):
    """GPU node pool, and the machine set that its own is derived from."""
