"""Counts of weights from a shape, exact for every family in families.py.

Weights are what transformers calls parameters: tensors that are trained. Buffers (masks, rotary tables, the balancing
bias of DeepSeek's router) are not counted, as in ``model.num_parameters()``; shared tensors count once.
"""

from modelyard.workloads.presets.families import Anatomy, anatomy
from modelyard.workloads.presets.shape import Shape


def parameters(shape: Shape) -> int:
    """Count all weights of the shape, and those stated for parts outside it (vision tower, components)."""
    if shape.kind == "diffusion":
        return sum(shape.components.values())
    layers = sum(_layer(shape, index) for index in range(shape.layers))
    looked_up = embedding(shape) + layer_embedding(shape) + positions(shape)
    return looked_up + layers + _around(shape) + shape.other_parameters


def embedding(shape: Shape) -> int:
    """Count the weights of the table that turns token numbers into vectors."""
    return shape.vocabulary * (shape.embedding_size or shape.hidden_size)


def layer_embedding(shape: Shape) -> int:
    """Count the weights of the tables from which the layers add a row to a token (Gemma 4 E2B and E4B)."""
    return shape.vocabulary * shape.layers * (shape.layer_embedding_size or 0)


def positions(shape: Shape) -> int:
    """Count the weights of learned positions, which are added and never multiplied."""
    parts = anatomy(shape.family)
    if parts.position != "learned":
        return 0
    rows = shape.position_rows or shape.max_context_tokens + parts.position_offset
    return rows * shape.hidden_size


def idle_experts(shape: Shape) -> int:
    """Count the weights of the routed experts that one token does not pass through."""
    idle = shape.experts - shape.experts_per_token
    return sum(shape.has_experts(index) for index in range(shape.layers)) * idle * _expert(shape)


def routed_experts(shape: Shape) -> int:
    """Count the weights of all routed experts, which expert parallelism spreads over GPUs."""
    layers = sum(shape.has_experts(index) for index in range(shape.layers))
    return layers * shape.experts * _expert(shape)


def shared_experts(shape: Shape) -> int:
    """Count the weights of the experts that every token passes through."""
    layers = sum(shape.has_experts(index) for index in range(shape.layers))
    return layers * _dense(shape, shape.width_of_shared_experts, anatomy(shape.family)) * bool(shape.experts)


def layer_matrices(shape: Shape) -> int:
    """Count the weights of the large matrices inside the layers, without norms, biases, routers and convolutions."""
    outside = embedding(shape) + layer_embedding(shape) + positions(shape) + _around(shape) + shape.other_parameters
    inside = parameters(shape) - outside
    parts = anatomy(shape.family)
    norms = shape.layers * (1 if parts.one_part_layers else shape.norms_per_layer or parts.norms_per_layer)
    routers = sum(shape.has_experts(index) for index in range(shape.layers)) * shape.hidden_size * shape.experts
    convolutions = 0
    if shape.linear_attention is not None:
        mixer = shape.linear_attention
        convolutions += shape.kinds.get("linear", 0) * mixer.channels * mixer.convolution
    if shape.state_space is not None:
        space = shape.state_space
        convolutions += shape.kinds.get("state_space", 0) * space.channels * (space.convolution + 1)
    if shape.compressed is not None:
        convolutions += shape.layers * shape.compressed.stream_weights(shape.hidden_size)
    return max(0, inside - norms * _norm(shape, parts) - routers - convolutions - _biases(shape, parts))


def _biases(shape: Shape, parts: Anatomy) -> int:
    """Count the biases of attention and of the feed-forward layer that all layers have."""
    heads = (shape.attention_heads + 2 * shape.key_value_heads) * shape.width_of_head
    biases = shape.attention_bias or parts.attention_bias
    attention = {"none": 0, "qkv": heads, "all": heads + shape.hidden_size}[biases] if shape.mla is None else 0
    mlp = parts.mlp_bias if shape.mlp_bias is None else shape.mlp_bias
    return shape.layers * (attention + mlp * (shape.intermediate_size * (1 + parts.gated) + shape.hidden_size))


def _around(shape: Shape) -> int:
    """Count the weights before and behind the layers: norms, output layer, an encoder's pooler and classifier."""
    parts = anatomy(shape.family)
    hidden, narrow = shape.hidden_size, shape.embedding_size
    final = parts.final_norm if shape.final_norm is None else shape.final_norm
    count = _norm(shape, parts) * (final + parts.embedding_norm)
    if narrow is not None and narrow != hidden:
        count += 2 * narrow * hidden
    if shape.kind == "encoder":
        dense = hidden * hidden + hidden
        count += shape.token_types * hidden + dense * shape.pooler
        return count + (hidden + 1) * shape.labels
    if not shape.tied_embeddings:
        count += embedding(shape)
    if shape.layer_embedding_size:
        count += (hidden * shape.layers + 1) * shape.layer_embedding_size
    if shape.compressed is not None:
        count += shape.compressed.head_weights(hidden)
    return count + shape.vocabulary * parts.head_bias


def _layer(shape: Shape, index: int) -> int:
    parts = anatomy(shape.family)
    kind = shape.layer_kinds[index]
    norms = parts.norms_per_layer if shape.norms_per_layer is None else shape.norms_per_layer
    if parts.one_part_layers:
        norms = 1
    count = norms * _norm(shape, parts)
    if shape.layer_embedding_size:
        count += (2 * shape.layer_embedding_size + 1) * shape.hidden_size
    if kind not in {"feed_forward", "experts"}:
        count += _mixer(shape, index, parts)
    if not parts.one_part_layers or kind in {"feed_forward", "experts"}:
        count += _feed_forward(shape, index, parts)
    return count


def _mixer(shape: Shape, index: int, parts: Anatomy) -> int:
    hidden, kind = shape.hidden_size, shape.layer_kinds[index]
    if kind == "linear":
        return shape.known_linear_attention.weights(hidden)
    if kind == "state_space":
        return shape.known_state_space.weights(hidden)
    if shape.compressed is not None:
        mixer = shape.compressed.weights(
            shape.compressed_kinds[index], hidden, shape.attention_heads, shape.width_of_head
        )
        return mixer + shape.compressed.stream_weights(hidden)
    if shape.mla is not None:
        bias = (shape.attention_bias or parts.attention_bias) != "none"
        # Which layers have an indexer makes no difference to the sum: they are taken to be the first.
        indexed = index < shape.mla.indexers(shape.layers)
        return shape.mla.weights(hidden, shape.attention_heads, bias=bias, indexed=indexed)
    return _attention(shape, index, parts)


def _attention(shape: Shape, index: int, parts: Anatomy) -> int:
    hidden, kind, reuses = shape.hidden_size, shape.layer_kinds[index], shape.reuses_cache(index)
    heads, size = shape.heads_of(kind)
    queries, keys = shape.attention_heads * size, 0 if reuses else heads * size
    values = keys
    if kind == "full" and shape.global_attention is not None and shape.global_attention.values_are_keys:
        values = 0
    count = hidden * (queries * (1 + parts.query_gate) + keys + values) + queries * hidden
    biases = shape.attention_bias or parts.attention_bias
    if biases != "none":
        count += queries * (1 + parts.query_gate) + keys + values
    if biases == "all":
        count += hidden
    if parts.query_key_norm == "head":
        count += size * (2 - reuses)
    elif parts.query_key_norm == "heads":
        count += queries + keys
    return count + shape.attention_heads * parts.sinks


def _feed_forward(shape: Shape, index: int, parts: Anatomy) -> int:
    hidden = shape.hidden_size
    if not shape.has_experts(index):
        wide = shape.reused_cache_intermediate_size if shape.reuses_cache(index) else None
        return _dense(shape, wide or shape.intermediate_size, parts)
    router = hidden * shape.experts + shape.experts * parts.router_bias + parts.router_scales * (hidden + shape.experts)
    latent = shape.expert_latent_size
    count = router + shape.experts * _expert(shape) + (2 * hidden * latent if latent else 0)
    if shape.width_of_shared_experts:
        count += _dense(shape, shape.width_of_shared_experts, parts) + hidden * parts.shared_expert_gate
    return count


def _dense(shape: Shape, width: int, parts: Anatomy) -> int:
    bias = parts.mlp_bias if shape.mlp_bias is None else shape.mlp_bias
    matrices = 2 + parts.gated
    return matrices * shape.hidden_size * width + (width * (1 + parts.gated) + shape.hidden_size) * bias


def _expert(shape: Shape) -> int:
    """Count the weights of one routed expert."""
    parts = anatomy(shape.family)
    width, size = shape.width_of_expert, shape.expert_latent_size or shape.hidden_size
    return (2 + parts.gated) * size * width + (width * (1 + parts.gated) + size) * parts.expert_bias


def _norm(shape: Shape, parts: Anatomy) -> int:
    return shape.hidden_size * (1 + parts.norm_bias)
