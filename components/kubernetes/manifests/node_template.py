"""Properties of nodes that do not run yet, from which each autoscaler decides to start them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from modelyard.components.common.ownership import Ownership


@dataclass(frozen=True, kw_only=True)
class NodeTemplate:
    """Nodes of one pool, as the builders take them. All amounts are per node."""

    name: str
    """Name of the pool."""
    ownership: Ownership
    instance_type: str
    gpu: str
    """The catalogue's name of the GPU: `a100-80gb`."""
    gpus: int
    """Count of `nvidia.com/gpu` that the node advertises."""
    vcpus: int
    memory_gib: float
    nvme_gib: float = 0
    """Local disk that is lost with the node."""
    efa: bool = False
    """The machine has AWS's Elastic Fabric Adapter."""
    min_nodes: int
    max_nodes: int
    spot: bool = False
    zones: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    taints: tuple[Mapping[str, str], ...] = ()
    """Mappings with `key`, `effect` and, where there is one, `value`."""
    tags: Mapping[str, str] = field(default_factory=dict)
    """Tags of the cloud's own resources."""
