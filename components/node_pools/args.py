"""What GPU node pools of every cloud are: their shared arguments, what is told of a broken rule, labels and taints.

The shared arguments are plain values, not outputs: what a pool is must be known at preview, or neither the rules nor
the policies could judge it there.
"""

import enum
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NotRequired

from modelyard.components.common.ownership import OwnershipArgs
from modelyard.components.kubernetes.manifests.labels import Ownership
from modelyard.components.node_pools import taints
from modelyard.components.node_pools.selection import Choice
from modelyard.components.node_pools.taints import Taint
from typing_extensions import TypedDict

if TYPE_CHECKING:  # the catalogue is read by programs that have pools, and by no other
    from modelyard.workloads.hardware.instance import InstanceType

POOL = "modelyard.dev/pool"
"""Label with the pool's name on each of its nodes. The pool's resource flavor is counted on it."""

GPU_NAME = "modelyard.dev/gpu"
"""Label with the catalogue's name of the GPU. GPU feature discovery's labels come only when a node runs: too late for
an autoscaler that has to decide whether a first node would help."""

MIG_CONFIG = "nvidia.com/mig.config"
"""Label that tells the GPU operator's MIG manager how to cut the GPUs of a node (NVIDIA gpu-operator, mig-manager). It
must stand on the pool, so that nodes which the autoscaler adds are cut as well."""


class Driver(enum.Enum):
    """Who installs the NVIDIA driver. Exactly one may; two overwrite each other's kernel modules."""

    CLOUD = "cloud"
    """It is in the cloud's node image."""
    OPERATOR = "operator"
    """NVIDIA's GPU operator installs it."""


class GpuPoolArgs(TypedDict):
    """What a pool of GPU nodes is, wherever it runs. Give either `instance_type` or `for_preset`."""

    ownership: OwnershipArgs
    """Whose it is; becomes the cloud's tags and the nodes' labels."""
    instance_type: NotRequired[str]
    """Name of the machine in the catalogue of modelyard.workloads.hardware, e.g. `Standard_NC24ads_A100_v4`."""
    for_preset: NotRequired[str]
    """Name of a preset: the planner picks the cheapest machine that runs it for `task`."""
    task: NotRequired[str]
    """What `for_preset` is planned for: `serve`, `full`, `lora`, `qlora`. Default `serve`."""
    min_nodes: NotRequired[int]
    """Default 0: no node runs, and none is paid, until a pod asks for one."""
    max_nodes: int
    """The autoscaler stops here."""
    spot: NotRequired[bool]
    """Spare capacity at a lower price, taken back at short notice. Default false."""
    zones: NotRequired[list[str]]
    """Availability zones. Default: the cloud's choice."""
    labels: NotRequired[dict[str, str]]
    """Further labels of the nodes."""
    taints: NotRequired[list[str]]
    """Further taints, as `key=value:Effect`. All GPU nodes have `nvidia.com/gpu=present:NoSchedule`."""
    mig_profile: NotRequired[str]
    """Cuts every GPU into instances of one size, e.g. `1g.10gb`. Default: whole GPUs."""
    driver: NotRequired[Driver]
    """Who installs the NVIDIA driver. Default `operator`."""


@dataclass(frozen=True, kw_only=True)
class Pool:
    """A pool whose shared arguments have been checked; amounts are per node."""

    name: str
    ownership: Ownership
    instance: "InstanceType"
    min_nodes: int
    max_nodes: int
    spot: bool = False
    zones: tuple[str, ...] = ()
    own_labels: dict[str, str] = field(default_factory=dict)
    own_taints: tuple[Taint, ...] = ()
    cloud_taints: tuple[Taint, ...] = ()
    """Taints that the cloud itself adds to the nodes; the flavor has to tolerate them as well."""
    mig_profile: str | None = None
    driver: Driver = Driver.OPERATOR
    choice: Choice | None = None
    """What the planner chose, and why; None where the machine was named."""

    @property
    def gpus(self) -> int:
        """What one node advertises as `nvidia.com/gpu`: its GPUs, or all instances they are cut into."""
        return self.instance.gpus * (mig_instances(self.instance)[self.mig_profile] if self.mig_profile else 1)

    @property
    def labels(self) -> dict[str, str]:
        """All labels of the nodes, in a fixed order."""
        made = {POOL: self.name, GPU_NAME: self.instance.gpu}
        if self.mig_profile:
            made[MIG_CONFIG] = f"all-{self.mig_profile}"
        return {**made, **_owner_labels(self.ownership), **dict(sorted(self.own_labels.items()))}

    @property
    def taints(self) -> tuple[Taint, ...]:
        """The taints that we put on the nodes, GPU first."""
        return (taints.GPU, *self.own_taints)

    @property
    def all_taints(self) -> tuple[Taint, ...]:
        """The taints that a pod has to tolerate: ours and the cloud's."""
        return (*self.taints, *self.cloud_taints)


def mig_instances(instance: "InstanceType") -> dict[str, int]:
    """How many instances each MIG profile cuts one GPU of `instance` into; empty where it cannot be cut."""
    from modelyard.workloads.hardware import catalogue  # noqa: PLC0415 - read only where there are pools

    return {one.name: one.instances for one in catalogue.gpu(instance.gpu).mig_profiles}


def _owner_labels(whose: Ownership) -> dict[str, str]:
    """Who pays for a node, for cost reports that read node labels; `managed-by` is for objects, not for nodes."""
    return {key: value for key, value in whose.labels().items() if not key.startswith("app.kubernetes.io/")}
