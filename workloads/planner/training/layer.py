"""One kind of layer in training: its products, their adapters, and the inputs that are kept for the backward pass."""

from dataclasses import dataclass

from modelyard.workloads.planner.training.projections import (
    LayerGroup,
    Projection,
    Reads,
    list_projections,
    select_adapted,
)
from modelyard.workloads.planner.training.settings import TrainingSettings
from modelyard.workloads.presets.architecture import Architecture
from modelyard.workloads.presets.families import Anatomy, anatomy

_FP32_SCALED_NORM = ("gemma", "gpt_oss", "olmo2", "olmo3", "qwen3_next", "qwen3_5")
"""Families (by prefix) whose norms multiply by their scale in fp32, before they cast."""


@dataclass(frozen=True, slots=True)
class TrainedLayer:
    """Equal layers of one model under one way of training; all sizes are bytes per token."""

    architecture: Architecture
    group: LayerGroup
    settings: TrainingSettings
    products: tuple[Projection, ...]
    adapted: tuple[Projection, ...]
    """Products with an adapter."""

    @classmethod
    def of(cls, architecture: Architecture, group: LayerGroup, settings: TrainingSettings) -> "TrainedLayer":
        """Build the layers of that group."""
        products = list_projections(architecture, group)
        adapted = select_adapted(products, settings.lora_targets) if settings.adapts else ()
        return cls(architecture, group, settings, products, adapted)

    @property
    def parts(self) -> Anatomy:
        """Parts of a layer of this family."""
        return anatomy(self.architecture.family)

    def norm(self, width: float, rows: int = 1) -> float:
        """Return the bytes that a norm over that width keeps."""
        return estimate_norm(self.architecture, self.settings, width, rows)

    def inputs(self, reads: Reads, width: float, *, shared: bool = False) -> float:
        """Return the bytes kept of an intermediate result for its readers; if `shared`, another operation counts it."""
        settings, value = self.settings, self.settings.compute_bytes
        if settings.trains_weights:
            casts = settings.casts and not shared
            copies = sum(product.reads == reads for product in self.products) if casts else 1
            return 0.0 if shared else copies * value * width
        count = sum(product.reads == reads for product in self.adapted)
        ranks = count * settings.lora_rank * settings.adapter_bytes
        if settings.adapter_bytes == value:
            return (0.0 if shared or not count else value * width) + ranks
        return count * settings.adapter_bytes * width + ranks


def estimate_norm(architecture: Architecture, settings: TrainingSettings, width: float, rows: int = 1) -> float:
    """Return the bytes per token that a norm over that width keeps; `rows` are vectors that it norms one by one."""
    value, trains_weights = settings.stream_bytes, settings.trains_weights
    if anatomy(architecture.family).norm_bias:
        return value * width + 2 * value * rows
    scaled = 4 if architecture.family.startswith(_FP32_SCALED_NORM) else value
    return 4 * width + 4 * rows + scaled * width * trains_weights
