"""A model's sizes as plain numbers, computed once, for the planner's inner loop.

Everything is bytes of one full copy. What tensor parallelism cannot divide is told apart, since it lies on every GPU:
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
class Shape:
    """One model's sizes. Bytes, unless the name says otherwise."""

    known: bool
    """False for a model of which only sizes are known; then the counts below are stand-ins that never refuse."""
    generates: bool
    """It writes tokens one after another and keeps a cache; encoders and diffusion models do not."""
    layers: int
    hidden: int
    intermediate: int
    heads: int
    key_value_heads: int
    """1 where the cache cannot be divided (latent attention); the fewer where layers differ."""
    latent: bool
    recurrent_heads: tuple[int, ...]
    """Head counts of recurrent layers that must divide too."""
    vocabulary: int
    experts: int
    experts_per_token: int
    expert_intermediate: int
    grouped: bool
    """Quantised in groups or blocks, of which a GPU must hold whole ones."""
    embedding: float
    tables: float
    """Tables of the layers' own, of which a token looks up a row in each."""
    output: float
    """The output layer where it has weights of its own."""
    divided: float
    """Weights of the layers that tensor parallelism divides evenly, without experts, keys and values."""
    key_value: float
    """Projections to keys and values: divided down to one head."""
    replicated: float
    expert_weights: float
    """Routed experts."""
    active_weights: float
    """Bytes that one token meets."""
    value_bytes: int
    """Of one activation."""
    cache_full: float
    """Cache of one token in the layers that see everything."""
    cache_sliding: float
    """Cache of one token in the layers that see a window."""
    window: int
    state: float
    """Recurrent state of one sequence."""
    flop: float
    """Operations of one token forward, attention not counted."""
    flop_per_context_token: float
    """Operations of attention per token and token seen, in full layers."""
    flop_window: float
    """The same in sliding ones."""
    margin: float
    cache_margin: float

    @property
    def weights(self) -> float:
        """Bytes of all weights."""
        parts = self.embedding + self.tables + self.output + self.divided + self.key_value + self.replicated
        return parts + self.expert_weights

    def cache(self, tokens: int) -> float:
        """Bytes of one sequence of that length, blocks of 16 tokens filled up (vLLM's block size)."""
        held = -(-tokens // 16) * 16
        return self.cache_full * held + self.cache_sliding * min(held, self.window) + self.state


def shape(model: Model) -> Shape:
    """The sizes of a model."""
    architecture = model.architecture
    return _unknown(model) if architecture is None else _known(model, architecture)


def _unknown(model: Model) -> Shape:
    weights = model.weights_gib * GIB
    hidden = max(64, round((model.active_parameters / 400) ** 0.5 / 64) * 64)
    return Shape(
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


def _known(model: Model, of: Architecture) -> Shape:
    value_bytes = DTYPE_BYTES[model.dtype]
    total = model.weights_gib * GIB
    embedding = min(count.embedding(of) * value_bytes, total / 2)
    own_output = of.kind == "decoder" and not of.tied_embeddings
    output = embedding if own_output else 0.0
    tables = float(count.layer_embedding(of) * value_bytes)
    inner = max(0, of.parameters - count.embedding(of) * (2 if own_output else 1) - count.layer_embedding(of))
    inner_bytes = total - embedding - output - tables
    if model.quantisation in EXPERTS_ONLY and of.expert_parameters:
        counted = weight_bytes(of, model.quantisation, model.dtype)
        expert_weights = of.expert_parameters * BITS_PER_WEIGHT[model.quantisation] / 8 * total / counted
        dense_bytes = inner_bytes - expert_weights
    else:
        expert_weights = inner_bytes * of.expert_parameters / max(1, inner)
        dense_bytes = inner_bytes - expert_weights
    per_weight = dense_bytes / max(1, inner - of.expert_parameters)
    attention = of.kinds.get("full", 0) + of.kinds.get("sliding", 0)
    key_value = 0.0
    replicated = count.positions(of) * per_weight
    replicated += sum(of.has_experts(layer) for layer in range(of.layers)) * of.hidden_size * of.experts * value_bytes
    if of.mla is not None:
        narrow = (of.mla.query_lora_rank or 0) + of.mla.kv_lora_rank + of.mla.rope_head_size
        replicated += attention * of.hidden_size * narrow * per_weight
    else:
        values = sum(of.kinds.get(kind, 0) * 2 * math.prod(of.heads_of(kind)) for kind in ("full", "sliding"))
        key_value = of.hidden_size * values * per_weight
    cache_full = float(of.full_cache_values * model.kv_bytes_per_value)
    cache_sliding = float(of.window_cache_values * model.kv_bytes_per_value)
    if of.kind == "decoder" and model.kv_bytes_per_token != of.kv_bytes_per_token(model.kv_bytes_per_value):
        # The user's number replaces the computed one, in the proportion of the layers' kinds.
        scale = model.kv_bytes_per_token / max(1.0, cache_full + cache_sliding)
        cache_full, cache_sliding = cache_full * scale, cache_sliding * scale
    flop_per_context_token, flop_window = of.context_flop
    return Shape(
        known=True,
        generates=of.kind == "decoder",
        layers=of.layers,
        hidden=of.hidden_size,
        intermediate=of.intermediate_size,
        heads=of.attention_heads,
        key_value_heads=1 if of.mla is not None else min(of.key_value_heads, of.heads_of("full")[0]),
        latent=of.mla is not None,
        recurrent_heads=_recurrent_heads(of),
        vocabulary=of.vocabulary,
        experts=of.experts,
        experts_per_token=of.experts_per_token,
        expert_intermediate=of.width_of_expert if of.experts else 0,
        grouped=model.quantisation in _GROUPED,
        embedding=embedding,
        tables=tables,
        output=output,
        divided=max(0.0, dense_bytes - key_value - replicated),
        key_value=key_value,
        replicated=replicated,
        expert_weights=expert_weights,
        active_weights=total - expert_weights * (1 - of.experts_per_token / of.experts if of.experts else 0),
        value_bytes=value_bytes,
        cache_full=cache_full,
        cache_sliding=cache_sliding,
        window=of.attention_window,
        state=float(of.state_bytes(2)) if of.kind == "decoder" else 0.0,
        flop=of.forward_flop_per_token(0),
        flop_per_context_token=flop_per_context_token,
        flop_window=flop_window,
        margin=model.margin,
        cache_margin=0.0 if model.exact else model.margin,
    )


def _recurrent_heads(of: Architecture) -> tuple[int, ...]:
    heads: list[int] = []
    if of.linear_attention is not None:
        heads += [of.linear_attention.key_heads, of.linear_attention.value_heads]
    if of.state_space is not None:
        heads += [of.state_space.heads]
    return tuple(heads)
