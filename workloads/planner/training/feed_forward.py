"""Activations that a feed-forward layer or its experts keep of a forward pass; bytes per token. See `layers`."""

from typing import Literal

from modelyard.workloads.planner.training.layer import TrainedLayer
from modelyard.workloads.planner.training.settings import TrainingSettings

_SLOW_GELU = frozenset({"gpt2", "gptj", "phi"})
"""Families with gelu_new, which transformers writes as five operations."""

_RELU = frozenset({"opt"})

_INDICES = 32
"""Bytes of sorted token numbers that grouped experts keep per token and expert (four of 8 bytes)."""


def estimate_feed_forward(layer: TrainedLayer) -> tuple[float, float]:
    """Return the bytes that the layer keeps, and the temporaries of its backward pass."""
    architecture, settings = layer.architecture, layer.settings
    if not layer.group.experts:
        return _dense(layer, architecture.intermediate_size, "inner")
    value, trains_weights = settings.compute_bytes, settings.trains_weights
    hidden = architecture.expert_latent_size or architecture.hidden_size
    inner = architecture.experts_per_token * architecture.width_of_expert
    tokens = architecture.experts_per_token * hidden
    activations = value * (inner * (3 + trains_weights) + tokens * (1 + trains_weights))
    activations += 3 * value * inner * layer.parts.sinks  # gpt-oss clamps gate and product before it multiplies them.
    activations += 4 * architecture.experts + _INDICES * architecture.experts_per_token
    if shared_width := architecture.width_of_shared_experts:
        activations += _dense(layer, shared_width, "shared")[0]
    return activations, value * (2 * inner + tokens)


def _dense(layer: TrainedLayer, width: int, reads: Literal["inner", "shared"]) -> tuple[float, float]:
    """Return the bytes that one layer of that width keeps, and the temporaries of its backward pass."""
    value, family = layer.settings.compute_bytes, layer.architecture.family
    if family in _RELU:  # Its result is kept by itself, and serves the next product too.
        return value * width + layer.inputs(reads, width, shared=True), value * width
    product = layer.inputs(reads, width)
    if layer.parts.gated:
        return 3 * value * width + product, max(value * width, 3 * value * width - product)
    before = _slow_gelu(layer.settings) if family in _SLOW_GELU else value
    return before * width + product, max(value * width, 3 * value * width - product)


def _slow_gelu(settings: TrainingSettings) -> int:
    """Return the bytes per value that gelu_new keeps: four results, of which CUDA's autocast computes three in fp32."""
    if settings.casts and settings.device == "cuda":
        return 4 + 4 + 4 + 2
    return 4 * settings.compute_bytes
