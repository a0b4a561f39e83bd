"""Arguments that GPU node pools take on every kind of cluster.

They are plain values, not outputs: a preview has to know a pool in full, or neither rules nor policies could check it.
"""

import enum
from typing import NotRequired

from modelyard.components.common.ownership import OwnershipArgs
from typing_extensions import TypedDict


class Driver(enum.Enum):
    """Installer of the NVIDIA driver. Exactly one may install it; two overwrite each other's kernel modules."""

    CLOUD = "cloud"
    """The cloud's node image contains it."""
    OPERATOR = "operator"
    """NVIDIA's GPU operator installs it."""


class PresetTask(enum.Enum):
    """Use of a preset that the planner sizes a machine for."""

    SERVE = "serve"
    """Serve the model."""
    FULL = "full"
    """Fine-tune all weights."""
    LORA = "lora"
    """Fine-tune an adapter."""
    QLORA = "qlora"
    """Fine-tune an adapter of a model quantised to 4 bits."""


class NodePoolArgs(TypedDict):
    """Arguments of a GPU node pool on any kind of cluster. Give either `instance_type` or `for_preset`."""

    ownership: OwnershipArgs
    """Team, owner and cost centre; become the cloud's tags and the nodes' labels."""
    instance_type: NotRequired[str]
    """Name of the machine in the catalogue of modelyard.workloads.hardware, e.g. `Standard_NC24ads_A100_v4`."""
    for_preset: NotRequired[str]
    """Name of a preset: the planner picks the cheapest machine that runs it for `task`."""
    task: NotRequired[PresetTask]
    """Use of `for_preset` that the planner sizes the machine for. Default `serve`."""
    min_nodes: NotRequired[int]
    """Nodes that always run. Default 0: none runs, and none is paid, until a pod asks for one."""
    max_nodes: int
    """Most nodes that the autoscaler starts."""
    spot: NotRequired[bool]
    """Use spare capacity at a lower price, taken back at short notice. Default false."""
    zones: NotRequired[list[str]]
    """Availability zones. Default: the cloud chooses."""
    labels: NotRequired[dict[str, str]]
    """Further labels of the nodes."""
    taints: NotRequired[list[str]]
    """Further taints, as `key=value:Effect`. All GPU nodes have `nvidia.com/gpu=present:NoSchedule`."""
    mig_profile: NotRequired[str]
    """MIG profile that every GPU is partitioned into, e.g. `1g.10gb`. Default: whole GPUs."""
    driver: NotRequired[Driver]
    """Installer of the NVIDIA driver. Default `operator`."""
