"""One kind of layer as it is trained: its products, which of them have adapters, and what is kept of their inputs."""

from dataclasses import dataclass

from modelyard.workloads.planner.training.projections import LayerGroup, Projection, Reads, projections, targeted
from modelyard.workloads.planner.training.settings import TrainingSettings
from modelyard.workloads.presets.architecture import Architecture
from modelyard.workloads.presets.families import Anatomy, anatomy

_FP32_SCALED_NORM = ("gemma", "gpt_oss", "olmo2", "olmo3", "qwen3_next", "qwen3_5")
"""Families (by prefix) whose norms multiply by their scale in fp32, before they cast."""


@dataclass(frozen=True, slots=True)
class TrainedLayer:
    """Layers of one model that are alike, under one way of training. All sizes are bytes per token."""

    architecture: Architecture
    group: LayerGroup
    settings: TrainingSettings
    products: tuple[Projection, ...]
    adapted: tuple[Projection, ...]
    """Products that have an adapter."""

    @classmethod
    def of(cls, architecture: Architecture, group: LayerGroup, settings: TrainingSettings) -> "TrainedLayer":
        """The layers of that group."""
        products = projections(architecture, group)
        adapted = targeted(products, settings.lora_targets) if settings.adapts else ()
        return cls(architecture, group, settings, products, adapted)

    @property
    def parts(self) -> Anatomy:
        """What layers of this family consist of."""
        return anatomy(self.architecture.family)

    def norm(self, width: float, rows: int = 1) -> float:
        """What a norm over that width keeps."""
        return norm_kept(self.architecture, self.settings, width, rows)

    def inputs(self, reads: Reads, width: float, *, held: bool = False) -> float:
        """What is kept of an intermediate result for the products that read it; `held`: another operation keeps it."""
        settings, value = self.settings, self.settings.compute_bytes
        if settings.trains_weights:
            casts = settings.casts and not held
            copies = sum(product.reads == reads for product in self.products) if casts else 1
            return 0.0 if held else copies * value * width
        count = sum(product.reads == reads for product in self.adapted)
        ranks = count * settings.lora_rank * settings.adapter_bytes
        if settings.adapter_bytes == value:
            return (0.0 if held or not count else value * width) + ranks
        return count * settings.adapter_bytes * width + ranks


def norm_kept(architecture: Architecture, settings: TrainingSettings, width: float, rows: int = 1) -> float:
    """What a norm of the model over that width keeps, bytes per token; `rows`: vectors that it norms one by one."""
    value, trained = settings.stream_bytes, settings.trains_weights
    if anatomy(architecture.family).norm_bias:
        return value * width + 2 * value * rows
    scaled = 4 if architecture.family.startswith(_FP32_SCALED_NORM) else value
    return 4 * width + 4 * rows + scaled * width * trained
