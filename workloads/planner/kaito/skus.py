"""The GPU nodes that kaito 0.12 knows, with the memory that it counts for each.

Kaito counts the figure of the data sheet as GiB (an A100 of 80 GB as 80 GiB); the driver reports less. Our own
catalogue (`modelyard.workloads.hardware`) holds the driver's figure; this table exists so that kaito's answers can
be reproduced, and for nothing else.

Source: kaito v0.12.0 (commit 056b8280b1), ``pkg/sku/azure_sku_handler.go`` and ``pkg/sku/aws_sku_handler.go``. Of the
35 AWS entries the twelve that are other accelerators (g4ad, trn1, inf2) are left out: kaito lists them, but its image
is CUDA only. So are the eight of Azure Arc.
"""

from decimal import ROUND_CEILING, Decimal
from typing import Literal

from modelyard.workloads.frozen import Frozen
from modelyard.workloads.suggestions import suggest
from pydantic import Field

GIB = 2**30

_Cloud = Literal["azure", "aws"]


class UnknownKaitoSkuError(LookupError):
    """No node of that name in kaito 0.12; the message names the nearest ones."""


class KaitoNode(Frozen):
    """Node as kaito sees it."""

    sku: str
    cloud: Literal["azure", "aws", "own"]
    """Cloud of the node; ``own``: a node that exists already, read from its labels."""
    gpu: str
    gpus: int = Field(gt=0)
    total_gib: int = Field(gt=0)
    """Memory of all GPUs of the node, in GiB by kaito's count."""
    mig: bool = False
    """True for one slice of a GPU: a model must fit it whole."""
    runs_cuda: bool = True
    """False for the AMD nodes, which kaito lists although its image cannot run there."""

    @property
    def bytes_per_gpu(self) -> int:
        """Memory of one GPU, by kaito's integer division."""
        return self.total_gib * GIB // self.gpus


def list_kaito_nodes() -> tuple[KaitoNode, ...]:
    """Return all nodes of the tables, Azure first."""
    return tuple(_NODES.values())


def find_kaito_node(sku: str) -> KaitoNode:
    """Find the node called `sku`, in any case of letters.

    Raises:
        UnknownKaitoSkuError: kaito's tables lack it (it has no T4, V100, L40S or MI300X node, among others).
    """
    node = _NODES.get(sku.lower())
    if node is None:
        hint = suggest(sku, [entry.sku for entry in _NODES.values()])
        raise UnknownKaitoSkuError(f"no SKU {sku!r} in kaito 0.12, so it has no estimate; {hint}")
    return node


def read_node_labels(sku: str, gpu: str, gpus: int, memory_mib_per_gpu: int) -> KaitoNode:
    """Build a node that exists already, as kaito reads it from the labels of NVIDIA's GPU feature discovery.

    Memory of one GPU is ``nvidia.com/gpu.memory`` (MiB, as the driver reports it) rounded to whole GiB, half up.
    """
    per_gpu = (2 * memory_mib_per_gpu + 1024) // 2048
    if per_gpu < 1:
        raise ValueError(f"{sku}: nvidia.com/gpu.memory must be at least 512 MiB, got {memory_mib_per_gpu}")
    return KaitoNode(sku=sku, cloud="own", gpu=gpu, gpus=gpus, total_gib=per_gpu * gpus)


def parse_file_bytes(gib: Decimal | float | str) -> int:
    """Return the bytes of a size in GiB as kaito's catalogue states it, e.g. ``14.96``.

    Kubernetes' Quantity rounds a fraction of a byte up; a float is taken by its shortest decimal form.

    Raises:
        ValueError: not a positive number.
    """
    size = Decimal(str(gib))
    if not size.is_finite() or size <= 0:
        raise ValueError(f"the size of the weights must be a positive number of GiB, got {gib}")
    return int((size * GIB).to_integral_value(rounding=ROUND_CEILING))


def _node(cloud: _Cloud, sku: str, gpu: str, gpus: int, total_gib: int) -> KaitoNode:
    return KaitoNode(sku=sku, cloud=cloud, gpu=gpu, gpus=gpus, total_gib=total_gib, runs_cuda=gpu.startswith("NVIDIA"))


_AZURE = (
    ("Standard_NV36ads_A10_v5", "NVIDIA A10", 1, 24),
    ("Standard_NV72ads_A10_v5", "NVIDIA A10", 2, 48),
    ("Standard_NC24ads_A100_v4", "NVIDIA A100", 1, 80),
    ("Standard_NC48ads_A100_v4", "NVIDIA A100", 2, 160),
    ("Standard_NC96ads_A100_v4", "NVIDIA A100", 4, 320),
    ("Standard_ND96asr_A100_v4", "NVIDIA A100", 8, 320),
    ("Standard_ND96amsr_A100_v4", "NVIDIA A100", 8, 640),
    ("Standard_NC40ads_H100_v5", "NVIDIA H100", 1, 94),
    ("Standard_NC80adis_H100_v5", "NVIDIA H100", 2, 188),
    ("Standard_ND96isr_H100_v5", "NVIDIA H100", 8, 640),
    ("Standard_NCC40ads_H100_v5", "NVIDIA H100", 1, 94),
    ("Standard_ND96isr_H200_v5", "NVIDIA H200", 8, 1128),
    ("Standard_NG32ads_V620_v1", "AMD Radeon PRO V620", 1, 32),
    ("Standard_NG32adms_V620_v1", "AMD Radeon PRO V620", 1, 32),
)

_AWS = (
    ("p4d.24xlarge", "NVIDIA A100", 8, 320),
    ("p4de.24xlarge", "NVIDIA A100", 8, 640),
    ("p5.48xlarge", "NVIDIA H100", 8, 640),
    ("p5e.48xlarge", "NVIDIA H200", 8, 1128),
    ("p5en.48xlarge", "NVIDIA H200", 8, 1128),
    *((f"g6.{size}", "NVIDIA L4", 1, 24) for size in ("xlarge", "2xlarge", "4xlarge", "8xlarge", "16xlarge")),
    *((f"gr6.{size}", "NVIDIA L4", 1, 24) for size in ("4xlarge", "8xlarge")),
    *((f"g6.{size}", "NVIDIA L4", 4, 96) for size in ("12xlarge", "24xlarge")),
    ("g6.48xlarge", "NVIDIA L4", 8, 192),
    *((f"g5.{size}", "NVIDIA A10G", 1, 24) for size in ("xlarge", "2xlarge", "4xlarge", "8xlarge", "16xlarge")),
    *((f"g5.{size}", "NVIDIA A10G", 4, 96) for size in ("12xlarge", "24xlarge")),
    ("g5.48xlarge", "NVIDIA A10G", 8, 192),
)

_TABLES: tuple[tuple[_Cloud, tuple[tuple[str, str, int, int], ...]], ...] = (("azure", _AZURE), ("aws", _AWS))

_NODES = {
    sku.lower(): _node(cloud, sku, gpu, gpus, total_gib)
    for cloud, table in _TABLES
    for sku, gpu, gpus, total_gib in table
}
