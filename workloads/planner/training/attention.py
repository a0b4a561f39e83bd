"""Activations that attention, or its recurrent replacement, keeps of a forward pass; bytes per token. See `layers`."""

from modelyard.workloads.planner.training.layer import TrainedLayer
from modelyard.workloads.planner.training.projections import FUSED_QKV, Reads
from modelyard.workloads.planner.training.settings import Attention, TrainingSettings
from modelyard.workloads.presets.architecture import Architecture

EAGER_ONLY = frozenset({"gemma2", "gpt_oss", "gptj"})
"""Families that transformers 5.23 refuses to run with torch's scaled_dot_product_attention."""


def choose_kernel(architecture: Architecture, settings: TrainingSettings) -> Attention:
    """Return the kernel, with ``auto`` resolved as transformers' sdpa setting does it on a GPU."""
    if settings.attention != "auto":
        return settings.attention
    if architecture.family in EAGER_ONLY:
        return "eager"
    # Falcon 7B hands one key head to many query heads without saying so: no fused kernel takes that.
    if architecture.family == "falcon" and architecture.key_value_heads == 1:
        return "math"
    return "fused"


def estimate_attention(layer: TrainedLayer) -> tuple[float, float]:
    """Return the bytes kept between attention's input and output, and the temporaries of its backward pass."""
    architecture, settings = layer.architecture, layer.settings
    parts, value = layer.parts, settings.compute_bytes
    heads = architecture.attention_heads
    kernel, length = choose_kernel(architecture, settings), settings.length
    activations = 0.0
    if architecture.mla is not None:
        mla = architecture.mla
        query = heads * (mla.nope_head_size + mla.rope_head_size)
        keys, output = query, heads * mla.value_head_size
        expanded = heads * (mla.nope_head_size + mla.value_head_size)  # Values are a view of it.
        ranks: dict[Reads, int] = {"value latent": mla.kv_lora_rank}
        if mla.query_lora_rank is not None:
            ranks["query latent"] = mla.query_lora_rank
        for reads, rank in ranks.items():
            activations += layer.norm(rank) + layer.inputs(reads, rank)
    else:
        size = architecture.width_of_head
        query, keys = heads * size, architecture.key_value_heads * size
        output = query
        expanded = query + 2 * keys if architecture.family in FUSED_QKV else keys
        if parts.query_key_norm != "none":
            rows = heads + architecture.key_value_heads if parts.query_key_norm == "head" else 2
            activations += layer.norm(query + keys, rows)
        if parts.query_gate:
            activations += 2 * query * value
    activations += layer.inputs("attention output", output, shared=kernel == "fused")
    learned = settings.virtual_tokens / length if settings.method == "prefix" else 0.0
    if kernel == "fused":
        if architecture.family in FUSED_QKV and parts.position != "rotary":
            inner = expanded  # Queries, keys and values are views of one product.
        elif learned or (layer.group.kind == "sliding" and length >= (architecture.sliding_window or length + 1)):
            # A mask is given, and transformers repeats keys and values for every query head.
            inner = query * (1 + 2 * (1 + learned))
        else:
            inner = query + keys + expanded
        return activations + (inner + output) * value + 4 * heads, 0.0
    scores = heads * (length + (settings.virtual_tokens if learned else 0))
    if kernel == "math":
        return activations + 4 * (2 * query + output) + 4 * scores, 8.0 * scores
    sixteen = value if value == 2 else 0
    if architecture.family == "gptj":
        return activations + 4 * 2 * query + value * output + (4 + sixteen) * scores, 8.0 * scores
    softmax = 0 if parts.sinks else 4
    capped = value * (architecture.family == "gemma2")
    score_bytes = softmax + (value if parts.sinks else sixteen) + capped
    return activations + (2 * query + output) * value + score_bytes * scores, (4.0 + value) * scores


def estimate_recurrent(layer: TrainedLayer) -> float:
    """Return the bytes kept with a recurrent state: the convolution's two sides, the gate, the output and its norm."""
    if layer.group.kind == "linear":
        mixer = layer.architecture.known_linear_attention
        channels, width = mixer.channels, mixer.value_heads * mixer.value_head_size
    else:
        space = layer.architecture.known_state_space
        channels, width = space.channels, space.width
    activations = layer.settings.compute_bytes * (3 * channels + 3 * width) + layer.norm(width)
    return activations + layer.inputs("attention output", width)
