"""The section `node_pools`: GPU nodes. Its keys are the arguments of the node pool components."""

from typing import Literal

from modelyard.stacks.environment.amounts import Count, CountOrZero, Price, WholeGib
from modelyard.stacks.environment.names import Name, PresetName
from modelyard.stacks.environment.section import Section
from pydantic import Field


class NodePool(Section):
    """A pool of equal GPU nodes that grows and shrinks by itself. Quotas of teams are counted on it."""

    name: Name
    """Name of the pool, of its nodes' label and of its flavor."""
    instance_type: str | None = None
    """Name of the machine in the hardware catalogue; `generic-2xl40s` for one of your own. Or give `for_preset`."""
    for_preset: PresetName | None = None
    """Preset for which the planner takes the cheapest machine that runs it."""
    task: str | None = None
    """Task that `for_preset` is planned for: `serve`, `full`, `lora`, `qlora`. None: `serve`."""
    min_nodes: CountOrZero = 0
    """0: no node runs until a pod asks for one."""
    max_nodes: Count
    """The autoscaler stops here."""
    spot: bool = False
    """Spare capacity at a lower price, taken back at short notice."""
    max_price: Price | None = None
    """Upper limit of the price of a spot node, USD per hour. None: the price on demand. ROSA needs one."""
    zones: tuple[str, ...] = ()
    """Availability zones. Empty: the cloud chooses; ROSA takes the cluster's first."""
    labels: dict[str, str] = Field(default_factory=dict)
    """Further labels of the nodes."""
    fabric: bool = False
    """InfiniBand (AKS) or EFA (OpenShift on AWS) between the nodes, which then lie in one zone."""
    placement_group: str | None = None
    """AKS: id of a proximity placement group; with `fabric` one is created where none is given. OpenShift on AWS: name
    of a placement group, which `fabric` needs."""
    capacity_reservation: str | None = None
    """Id of reserved capacity, as the cloud writes it."""
    capacity_blocks: bool = False
    """The reservation is an AWS Capacity Block for ML."""
    taints: tuple[str, ...] = ()
    """Further taints, `key=value:Effect`. All GPU nodes have `nvidia.com/gpu=present:NoSchedule`."""
    mig_profile: str | None = None
    """Cuts every GPU into instances of one size, e.g. `1g.10gb`; the quota then counts instances."""
    disk: WholeGib | None = None
    """Root disk, whole GiB; `disk_gib` of the component. None: the default of the kind of cluster."""
    driver: Literal["cloud", "operator"] | None = None
    """Source of the NVIDIA driver: the node image, or NVIDIA's operator. None: `operator`."""
    vm_template: str | None = None
    """vSphere: virtual machine template that has the GPU. For kind `openshift`."""
    usd_per_hour: Price | None = None
    """Price of one node for an hour, where the catalogue cannot know it. Only for the estimate."""
