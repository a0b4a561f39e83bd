"""What a node that does not run yet will be: the same facts, for each autoscaler that has to decide on it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from modelyard.components.kubernetes.manifests.labels import Ownership


@dataclass(frozen=True, kw_only=True)
class NodeTemplate:
    """Nodes of one pool, as a builder needs them. All amounts are per node."""

    name: str
    """Of the pool."""
    ownership: Ownership
    instance_type: str
    gpu: str
    """The catalogue's name of the GPU: `a100-80gb`."""
    gpus: int
    """What the node advertises as `nvidia.com/gpu`."""
    vcpus: int
    memory_gib: float
    nvme_gib: float = 0
    """Local disk that is lost with the node."""
    efa: bool = False
    """Whether the machine has AWS's Elastic Fabric Adapter."""
    min_nodes: int
    max_nodes: int
    spot: bool = False
    zones: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    taints: tuple[Mapping[str, str], ...] = ()
    """Each with `key`, `effect` and perhaps `value`."""
    tags: Mapping[str, str] = field(default_factory=dict)
    """For the cloud's own resources."""
