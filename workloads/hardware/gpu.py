"""Figures of a GPU that decide if a model fits, and its speed."""

from collections.abc import Mapping
from typing import Literal

from modelyard.workloads.frozen import Frozen
from pydantic import Field

Precision = Literal["fp32", "tf32", "bf16", "fp16", "fp8", "int8", "fp4"]
"""Number formats that a GPU has matrix units (or, for fp32, plain ones) for."""


class MigProfile(Frozen):
    """Slices of a GPU that are isolated in hardware (Multi-Instance GPU)."""

    name: str
    """Name as in nvidia-smi and in the resource `nvidia.com/mig-<name>`, e.g. `1g.10gb`."""
    memory_gib: float = Field(gt=0)
    """Memory of one slice."""
    instances: int = Field(gt=0)
    """Most slices of this kind that one GPU gives."""
    compute_share: float = Field(gt=0, le=1)
    """Part of the GPU's multiprocessors that one slice has."""


class Gpu(Frozen):
    """Kind of GPU; the file `gpus.yaml` holds them, each with its source."""

    name: str
    """Key in the catalogue, lower case: `a100-80gb`."""
    description: str
    memory_gib: float = Field(gt=0)
    """Memory that an allocator can have: torch's `total_memory`, not the figure on the box."""
    memory_bandwidth_gb_per_s: float = Field(gt=0)
    peak_tflops: Mapping[Precision, float]
    """Dense peak (no sparsity) per precision, in 10^12 operations per second."""
    compute_capability: str = Field(pattern=r"^\d+\.\d+$")
    link: Literal["nvlink", "pcie"]
    """Link between the GPUs of one node."""
    link_gb_per_s: float = Field(gt=0)
    """Rate of the link per GPU, in one direction."""
    mig_profiles: tuple[MigProfile, ...] = ()
    source: str

    def supports(self, precision: Precision) -> bool:
        """Return True if the GPU computes in this precision natively: a T4 has no bf16, an A100 no fp8."""
        return precision in self.peak_tflops

    @property
    def capability(self) -> tuple[int, int]:
        """Compute capability as numbers that compare: (8, 9) for `8.9`, below (10, 0)."""
        major, _, minor = self.compute_capability.partition(".")
        return int(major), int(minor)
