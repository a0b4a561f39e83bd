"""A model's sizes as plain numbers, computed once for the planner's inner loop.

Sizes are bytes of one full copy. Weights that tensor parallelism cannot divide are apart, since every GPU holds them:
learned positions, routers, and the down-projections of latent attention (vLLM's ReplicatedLinear). Key and value heads
divide only down to one head per GPU.
"""

import math
from dataclasses import dataclass

from modelyard.workloads.planner.memory import GIB
from modelyard.workloads.planner.model import Model
from modelyard.workloads.presets import count
from modelyard.workloads.presets.architecture import Architecture
from modelyard.workloads.presets.quantisation import BITS_PER_WEIGHT, EXPERTS_ONLY, weight_bytes

DTYPE_BYTES = {"bf16": 2, "fp16": 2, "fp32": 4}

GROUP_SIZE = 128
"""Weights that share one scale in AWQ and GPTQ checkpoints, and rows of an fp8 block: a shard must hold whole ones."""


_GROUPED = frozenset({"awq-int4", "gptq-int4", "int4-experts", "gptq-int4-experts"})


@dataclass(frozen=True, slots=True, eq=False)
class ModelProfile:
    """Sizes of one model, in bytes unless the name says otherwise."""

    known: bool
    """False for a model of which only sizes are known; then the counts below are stand-ins that never refuse."""
    generates: bool
    """True for models that write tokens one after another and keep a cache; encoders and diffusion models do not."""
    layers: int
    hidden: int
    intermediate: int
    heads: int
    key_value_heads: int
    """Heads of the cache: 1 if it cannot be divided (latent attention), the fewer ones if layers differ."""
    latent: bool
    recurrent_heads: tuple[int, ...]
    """Heads of recurrent layers, which must divide too."""
    vocabulary: int
    experts: int
    experts_per_token: int
    expert_intermediate: int
    grouped: bool
    """True if quantised in groups or blocks, of which a GPU must hold whole ones."""
    embedding: float
    tables: float
    """Tables of single layers, in each of which a token looks up a row."""
    output: float
    """Output layer, if it has weights of its own."""
    divided: float
    """Weights of the layers that tensor parallelism divides evenly, without experts, keys and values."""
    key_value: float
    """Projections to keys and values: divided down to one head."""
    replicated: float
    expert_weights: float
    """Routed experts."""
    active_weights: float
    """Weights that one token passes through."""
    value_bytes: int
    """Bytes of one activation."""
    cache_full: float
    """Cache of one token in the layers that attend to all tokens."""
    cache_sliding: float
    """Cache of one token in the layers that attend to a window."""
    window: int
    state: float
    """Recurrent state of one sequence."""
    flop: float
    """Operations of one token forward, attention not counted."""
    flop_per_context_token: float
    """Operations of attention per token and token seen, in full layers."""
    flop_window: float
    """Operations of attention per token and token seen, in sliding layers."""
    margin: float
    cache_margin: float

    @property
    def weights(self) -> float:
        """Sum of all weights."""
        parts = self.embedding + self.tables + self.output + self.divided + self.key_value + self.replicated
        return parts + self.expert_weights

    def cache(self, tokens: int) -> float:
        """Return the cache of one sequence of that length, in whole blocks of 16 tokens (vLLM's block size)."""
        stored = -(-tokens // 16) * 16
        return self.cache_full * stored + self.cache_sliding * min(stored, self.window) + self.state


def profile_model(model: Model) -> ModelProfile:
    """Compute the sizes of a model."""
    architecture = model.architecture
    return _profile_sizes(model) if architecture is None else _profile_architecture(model, architecture)


def _profile_sizes(model: Model) -> ModelProfile:
    weights = model.weights_gib * GIB
    hidden = max(64, round((model.active_parameters / 400) ** 0.5 / 64) * 64)
    return ModelProfile(
        known=False,
        generates=model.kv_bytes_per_token > 0,
        # Stand-ins for speed and activations: width and depth of a decoder of that size (12 x layers x hidden^2
        # weights, depth about hidden / 128, from Llama's family); they decide nothing about divisions.
        layers=max(1, round(model.active_parameters / (12 * hidden**2))),
        hidden=hidden,
        intermediate=4 * hidden,
        heads=1,
        key_value_heads=1,
        latent=False,
        recurrent_heads=(),
        vocabulary=128_256,
        experts=0,
        experts_per_token=0,
        expert_intermediate=0,
        grouped=False,
        embedding=0.0,
        tables=0.0,
        output=0.0,
        divided=weights,
        key_value=0.0,
        replicated=0.0,
        expert_weights=0.0,
        active_weights=weights * model.active_parameters / model.parameters,
        value_bytes=DTYPE_BYTES[model.dtype],
        cache_full=float(model.kv_bytes_per_token),
        cache_sliding=0.0,
        window=0,
        state=0.0,
        flop=2.0 * model.active_parameters,
        flop_per_context_token=0.0,
        flop_window=0.0,
        margin=model.margin,
        cache_margin=model.margin,
    )


def _profile_architecture(model: Model, shape: Architecture) -> ModelProfile:
    value_bytes = DTYPE_BYTES[model.dtype]
    total = model.weights_gib * GIB
    embedding = min(count.embedding(shape) * value_bytes, total / 2)
    separate_output = shape.kind == "decoder" and not shape.tied_embeddings
    output = embedding if separate_output else 0.0
    tables = float(count.layer_embedding(shape) * value_bytes)
    inner = max(
        0, shape.parameters - count.embedding(shape) * (2 if separate_output else 1) - count.layer_embedding(shape)
    )
    inner_bytes = total - embedding - output - tables
    if model.quantisation in EXPERTS_ONLY and shape.expert_parameters:
        expected = weight_bytes(shape, model.quantisation, model.dtype)
        expert_weights = shape.expert_parameters * BITS_PER_WEIGHT[model.quantisation] / 8 * total / expected
        dense_bytes = inner_bytes - expert_weights
    else:
        expert_weights = inner_bytes * shape.expert_parameters / max(1, inner)
        dense_bytes = inner_bytes - expert_weights
    per_weight = dense_bytes / max(1, inner - shape.expert_parameters)
    attention = shape.kinds.get("full", 0) + shape.kinds.get("sliding", 0)
    key_value = 0.0
    replicated = count.positions(shape) * per_weight
    replicated += (
        sum(shape.has_experts(layer) for layer in range(shape.layers)) * shape.hidden_size * shape.experts * value_bytes
    )
    if shape.mla is not None:
        narrow = (shape.mla.query_lora_rank or 0) + shape.mla.kv_lora_rank + shape.mla.rope_head_size
        replicated += attention * shape.hidden_size * narrow * per_weight
    else:
        values = sum(shape.kinds.get(kind, 0) * 2 * math.prod(shape.heads_of(kind)) for kind in ("full", "sliding"))
        key_value = shape.hidden_size * values * per_weight
    cache_full = float(shape.full_cache_values * model.kv_bytes_per_value)
    cache_sliding = float(shape.window_cache_values * model.kv_bytes_per_value)
    if shape.kind == "decoder" and model.kv_bytes_per_token != shape.kv_bytes_per_token(model.kv_bytes_per_value):
        # The user's number replaces the computed one, in the proportion of the layers' kinds.
        scale = model.kv_bytes_per_token / max(1.0, cache_full + cache_sliding)
        cache_full, cache_sliding = cache_full * scale, cache_sliding * scale
    flop_per_context_token, flop_window = shape.context_flop
    return ModelProfile(
        known=True,
        generates=shape.kind == "decoder",
        layers=shape.layers,
        hidden=shape.hidden_size,
        intermediate=shape.intermediate_size,
        heads=shape.attention_heads,
        key_value_heads=1 if shape.mla is not None else min(shape.key_value_heads, shape.heads_of("full")[0]),
        latent=shape.mla is not None,
        recurrent_heads=_recurrent_heads(shape),
        vocabulary=shape.vocabulary,
        experts=shape.experts,
        experts_per_token=shape.experts_per_token,
        expert_intermediate=shape.width_of_expert if shape.experts else 0,
        grouped=model.quantisation in _GROUPED,
        embedding=embedding,
        tables=tables,
        output=output,
        divided=max(0.0, dense_bytes - key_value - replicated),
        key_value=key_value,
        replicated=replicated,
        expert_weights=expert_weights,
        active_weights=total - expert_weights * (1 - shape.experts_per_token / shape.experts if shape.experts else 0),
        value_bytes=value_bytes,
        cache_full=cache_full,
        cache_sliding=cache_sliding,
        window=shape.attention_window,
        state=float(shape.state_bytes(2)) if shape.kind == "decoder" else 0.0,
        flop=shape.forward_flop_per_token(0),
        flop_per_context_token=flop_per_context_token,
        flop_window=flop_window,
        margin=model.margin,
        cache_margin=0.0 if model.exact else model.margin,
    )


def _recurrent_heads(shape: Architecture) -> tuple[int, ...]:
    heads: list[int] = []
    if shape.linear_attention is not None:
        heads += [shape.linear_attention.key_heads, shape.linear_attention.value_heads]
    if shape.state_space is not None:
        heads += [shape.state_space.heads]
    return tuple(heads)
