"""Activations that one layer keeps of a forward pass for its backward pass, in bytes per token.

Autograd keeps the inputs of every operation whose gradient needs them. They were read from transformers 5.23's
modelling files and from torch's saved tensors; tests/workloads/test_training_memory.py compares the whole with torch's
allocator, family by family. With d the hidden size, q and k the widths of all query and of all key heads, H heads, f
the width of the feed-forward layer, L tokens of a sequence, and v bytes of a value (2 in 16 bit, 4 in fp32)::

    norm            4d in fp32, + vd where its scale is trained     RMSNorm; LayerNorm vd alone
    q, k, v, out    (2q + 2k) v + 4H                                fused attention; v is whole where qkv is one matrix
    scores          (4 + v) H L                                     eager in 16 bit; 4 H L in fp32, and for torch's math
    feed-forward    3f v, + f v where the last matrix is trained    gated; 2f without gate; 5f for gelu_new, as in GPT-2
    product input   d v once where its weights are trained          under autocast once per product, as each one casts
    adapter         4 bytes of its input, + 4 rank                  peft casts to fp32 for every adapter

Frozen matrices keep nothing; LoRA and prompt tuning save that beside gradients and states.
Tensor parallelism divides results as wide as heads or as f; norms and inputs of width d are on every GPU.

Not measured: linear attention and state-space layers, whose kernels differ between installations; they are counted by
the width of their inputs.
"""

from dataclasses import dataclass

from modelyard.workloads.planner.training.attention import estimate_attention, estimate_recurrent
from modelyard.workloads.planner.training.feed_forward import estimate_feed_forward
from modelyard.workloads.planner.training.layer import TrainedLayer
from modelyard.workloads.planner.training.projections import LayerGroup
from modelyard.workloads.planner.training.settings import TrainingSettings
from modelyard.workloads.presets.architecture import Architecture


@dataclass(frozen=True, slots=True)
class LayerBytes:
    """Bytes per token of one layer."""

    activations: float
    """Bytes held from the forward pass to the backward pass."""
    temporary: float
    """Bytes that the layer's own backward pass adds to these at its worst moment."""


def estimate_layer_bytes(architecture: Architecture, group: LayerGroup, settings: TrainingSettings) -> LayerBytes:
    """Estimate the bytes that one layer of that group keeps and needs, per token on one GPU."""
    layer = TrainedLayer.of(architecture, group, settings)
    parts, hidden, split = layer.parts, architecture.hidden_size, settings.tensor_parallel
    norms = architecture.norms_per_layer or parts.norms_per_layer
    mixes = not parts.one_part_layers or group.kind not in {"feed_forward", "experts"}
    feeds = not parts.one_part_layers or not mixes
    activations = (1 if parts.one_part_layers else norms) * layer.norm(hidden)
    mixer_temporary = 0.0
    if mixes:
        activations += layer.inputs("attention input", hidden)
        if group.kind in {"full", "sliding"}:
            mixer, mixer_temporary = estimate_attention(layer)
        else:
            mixer = estimate_recurrent(layer)
        activations += mixer / split
    feed = feed_temporary = 0.0
    if feeds:
        # Where one norm feeds both halves its result is kept once, unless each product casts it again.
        if norms > 1 or parts.one_part_layers or layer.adapted or settings.casts:
            activations += layer.inputs("feed-forward", hidden)
        feed, feed_temporary = estimate_feed_forward(layer)
        activations += feed / split
    temporary = max(feed_temporary, mixer_temporary - feed) / split + hidden * settings.stream_bytes
    return LayerBytes(activations, max(0.0, temporary))
