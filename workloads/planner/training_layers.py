"""What one layer keeps of a forward pass for its backward pass, in bytes per token.

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

Frozen matrices keep nothing; that is what LoRA and prompt tuning save beside gradients and states.
Tensor parallelism divides what is as wide as heads or as f; norms and inputs of width d are on every GPU.

Not measured: linear attention and state-space layers, whose kernels differ between installations; they are counted by
the width of what passes through them.
"""

from dataclasses import dataclass

from modelyard.workloads.planner.training_projections import (
    FUSED_QKV,
    LayerGroup,
    Projection,
    Reads,
    projections,
    targeted,
)
from modelyard.workloads.planner.training_settings import Attention, TrainingSettings
from modelyard.workloads.presets.architecture import Architecture
from modelyard.workloads.presets.families import anatomy

EAGER_ONLY = frozenset({"gemma2", "gpt_oss", "gptj"})
"""Families that transformers 5.23 refuses to run with torch's scaled_dot_product_attention."""

_FP32_SCALED_NORM = ("gemma", "gpt_oss", "olmo2", "olmo3", "qwen3_next", "qwen3_5")
"""Families (by prefix) whose norms multiply by their scale in fp32, before they cast."""

_SLOW_GELU = frozenset({"gpt2", "gptj", "phi"})
"""Families with gelu_new, which transformers writes as five operations."""

_RELU = frozenset({"opt"})

_INDICES = 32
"""Bytes of sorted token numbers that grouped experts keep per token and expert (four of 8 bytes)."""


@dataclass(frozen=True, slots=True)
class LayerBytes:
    """Bytes per token of one layer."""

    kept: float
    """Held from the forward pass to the backward pass."""
    temporary: float
    """What the layer's own backward pass adds at its worst moment to what is kept."""


def attention_kernel(architecture: Architecture, settings: TrainingSettings) -> Attention:
    """The kernel, ``auto`` resolved as transformers' sdpa setting does it on a GPU."""
    if settings.attention != "auto":
        return settings.attention
    if architecture.family in EAGER_ONLY:
        return "eager"
    # Falcon 7B hands one key head to many query heads without saying so: no fused kernel takes that.
    if architecture.family == "falcon" and architecture.key_value_heads == 1:
        return "math"
    return "fused"


def layer_bytes(architecture: Architecture, group: LayerGroup, settings: TrainingSettings) -> LayerBytes:
    """What one layer of that group keeps and needs, per token on one GPU."""
    found = projections(architecture, group)
    adapted = targeted(found, settings.lora_targets) if settings.adapts else ()
    parts = anatomy(architecture.family)
    split = settings.tensor_parallel
    norms = architecture.norms_per_layer or parts.norms_per_layer
    mixes = not parts.one_part_layers or group.kind not in {"feed_forward", "experts"}
    feeds = not parts.one_part_layers or not mixes
    kept = (1 if parts.one_part_layers else norms) * _norm(architecture, architecture.hidden_size, settings)
    mixer_temporary = 0.0
    if mixes:
        kept += _inputs(("attention input",), architecture.hidden_size, found, adapted, settings)
        if group.kind in {"full", "sliding"}:
            mixer, mixer_temporary = _attention(architecture, group, found, adapted, settings)
        else:
            mixer = _recurrent(architecture, group, found, adapted, settings)
        kept += mixer / split
    feed = feed_temporary = 0.0
    if feeds:
        # Where one norm feeds both halves its result is kept once, unless each product casts it again.
        if norms > 1 or parts.one_part_layers or adapted or settings.casts:
            kept += _inputs(("feed-forward",), architecture.hidden_size, found, adapted, settings)
        feed, feed_temporary = _feed_forward(architecture, group, found, adapted, settings)
        kept += feed / split
    temporary = max(feed_temporary, mixer_temporary - feed) / split + architecture.hidden_size * settings.stream_bytes
    return LayerBytes(kept, max(0.0, temporary))


def norm_bytes(architecture: Architecture, settings: TrainingSettings) -> float:
    """What the norm behind the layers keeps, per token."""
    return _norm(architecture, architecture.hidden_size, settings)


def _norm(architecture: Architecture, width: float, settings: TrainingSettings, rows: int = 1) -> float:
    value, trained = settings.stream_bytes, settings.trains_weights
    if anatomy(architecture.family).norm_bias:
        return value * width + 2 * value * rows
    scaled = 4 if architecture.family.startswith(_FP32_SCALED_NORM) else value
    return 4 * width + 4 * rows + scaled * width * trained


def _inputs(
    reads: tuple[Reads, ...],
    width: float,
    found: tuple[Projection, ...],
    adapted: tuple[Projection, ...],
    settings: TrainingSettings,
    *,
    held: bool = False,
) -> float:
    """What is kept of an intermediate result for the products that read it; `held`: another operation keeps it."""
    value = settings.compute_bytes
    if settings.trains_weights:
        copies = sum(projection.reads in reads for projection in found) if settings.casts and not held else 1
        return 0.0 if held else copies * value * width
    count = sum(projection.reads in reads for projection in adapted)
    ranks = count * settings.lora_rank * settings.adapter_bytes
    if settings.adapter_bytes == value:
        return (0.0 if held or not count else value * width) + ranks
    return count * settings.adapter_bytes * width + ranks


def _attention(
    architecture: Architecture,
    group: LayerGroup,
    found: tuple[Projection, ...],
    adapted: tuple[Projection, ...],
    settings: TrainingSettings,
) -> tuple[float, float]:
    """Bytes kept between the attention's input and its output, and the temporaries of its backward pass."""
    parts, value = anatomy(architecture.family), settings.compute_bytes
    heads = architecture.attention_heads
    kernel, length = attention_kernel(architecture, settings), settings.length
    kept = 0.0
    if architecture.mla is not None:
        mla = architecture.mla
        query = heads * (mla.nope_head_size + mla.rope_head_size)
        keys, output = query, heads * mla.value_head_size
        expanded = heads * (mla.nope_head_size + mla.value_head_size)  # Values are a view of it.
        ranks: dict[Reads, int] = {"value latent": mla.kv_lora_rank}
        if mla.query_lora_rank is not None:
            ranks["query latent"] = mla.query_lora_rank
        for reads, rank in ranks.items():
            kept += _norm(architecture, rank, settings) + _inputs((reads,), rank, found, adapted, settings)
    else:
        size = architecture.width_of_head
        query, keys = heads * size, architecture.key_value_heads * size
        output = query
        expanded = query + 2 * keys if architecture.family in FUSED_QKV else keys
        if parts.query_key_norm != "none":
            rows = heads + architecture.key_value_heads if parts.query_key_norm == "head" else 2
            kept += _norm(architecture, query + keys, settings, rows)
        if parts.query_gate:
            kept += 2 * query * value
    kept += _inputs(("attention output",), output, found, adapted, settings, held=kernel == "fused")
    learned = settings.virtual_tokens / length if settings.method == "prefix" else 0.0
    if kernel == "fused":
        if architecture.family in FUSED_QKV and parts.position != "rotary":
            inner = expanded  # Queries, keys and values are views of one product.
        elif learned or (group.kind == "sliding" and length >= (architecture.sliding_window or length + 1)):
            # A mask is given, and transformers repeats keys and values for every query head.
            inner = query * (1 + 2 * (1 + learned))
        else:
            inner = query + keys + expanded
        return kept + (inner + output) * value + 4 * heads, 0.0
    scores = heads * (length + (settings.virtual_tokens if learned else 0))
    if kernel == "math":
        return kept + 4 * (2 * query + output) + 4 * scores, 8.0 * scores
    sixteen = value if value == 2 else 0
    if architecture.family == "gptj":
        return kept + 4 * 2 * query + value * output + (4 + sixteen) * scores, 8.0 * scores
    softmax = 0 if parts.sinks else 4
    capped = value * (architecture.family == "gemma2")
    once = softmax + (value if parts.sinks else sixteen) + capped
    return kept + (2 * query + output) * value + once * scores, (4.0 + value) * scores


def _recurrent(
    architecture: Architecture,
    group: LayerGroup,
    found: tuple[Projection, ...],
    adapted: tuple[Projection, ...],
    settings: TrainingSettings,
) -> float:
    """Bytes kept in a layer with a recurrent state: the convolution's two sides, the gate, the output and its norm."""
    if group.kind == "linear":
        mixer = architecture.known_linear_attention
        channels, width = mixer.channels, mixer.value_heads * mixer.value_head_size
    else:
        space = architecture.known_state_space
        channels, width = space.channels, space.width
    value = settings.compute_bytes
    kept = value * (3 * channels + 3 * width) + _norm(architecture, width, settings)
    return kept + _inputs(("attention output",), width, found, adapted, settings)


def _feed_forward(
    architecture: Architecture,
    group: LayerGroup,
    found: tuple[Projection, ...],
    adapted: tuple[Projection, ...],
    settings: TrainingSettings,
) -> tuple[float, float]:
    if not group.experts:
        return _dense(architecture, architecture.intermediate_size, "inner", found, adapted, settings)
    parts, value = anatomy(architecture.family), settings.compute_bytes
    trained = settings.trains_weights
    hidden = architecture.expert_latent_size or architecture.hidden_size
    inner = architecture.experts_per_token * architecture.width_of_expert
    tokens = architecture.experts_per_token * hidden
    kept = value * (inner * (3 + trained) + tokens * (1 + trained))
    kept += 3 * value * inner * parts.sinks  # gpt-oss clamps gate and product before it multiplies them.
    kept += 4 * architecture.experts + _INDICES * architecture.experts_per_token
    temporary = value * (2 * inner + tokens)
    if shared := architecture.width_of_shared_experts:
        kept += _dense(architecture, shared, "shared", found, adapted, settings)[0]
    return kept, temporary


def _dense(  # noqa: PLR0917 - as its neighbours
    architecture: Architecture,
    width: int,
    reads: Reads,
    found: tuple[Projection, ...],
    adapted: tuple[Projection, ...],
    settings: TrainingSettings,
) -> tuple[float, float]:
    """A feed-forward layer of that width: what it keeps, and the temporaries of its backward pass."""
    value, family = settings.compute_bytes, architecture.family
    if family in _RELU:  # Its result is kept by itself, and serves the next product too.
        return value * width + _inputs((reads,), width, found, adapted, settings, held=True), value * width
    product = _inputs((reads,), width, found, adapted, settings)
    if anatomy(family).gated:
        return 3 * value * width + product, max(value * width, 3 * value * width - product)
    before = _slow_gelu(settings) if family in _SLOW_GELU else value
    return before * width + product, max(value * width, 3 * value * width - product)


def _slow_gelu(settings: TrainingSettings) -> int:
    """Bytes per value that gelu_new keeps: four results; under CUDA's autocast its power and what follows are fp32."""
    if settings.casts and settings.device == "cuda":
        return 4 + 4 + 4 + 2
    return 4 * settings.compute_bytes
