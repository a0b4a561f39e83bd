"""Matrix products of a model's layers that can have an adapter, and the sizes of those adapters.

A layer's products are listed with the widths of input and output, in the granularity of transformers' modules (GPT-2's
one matrix for queries, keys and values is one), since peft adds one adapter per module. Routed experts and routers are
left out: adapters on them are rarely wanted. Peft 0.21's own ``all-linear`` does adapt them; name the targets there.
"""

from dataclasses import dataclass
from typing import Literal

from modelyard.workloads.planner.training.settings import LoraTargets
from modelyard.workloads.presets.architecture import Architecture
from modelyard.workloads.presets.families import anatomy

Reads = Literal[
    "attention input", "attention output", "query latent", "value latent", "feed-forward", "inner", "shared"
]
"""Intermediate result that a product reads; products that read the same one share its copy."""

FUSED_QKV = frozenset({"bloom", "falcon", "gpt2", "gpt_bigcode", "gpt_neox", "phi3"})
"""Families whose queries, keys and values come from one matrix (transformers 5.23)."""

FUSED_GATE = frozenset({"phi3", "granitemoe", "granitemoehybrid"})
"""Families whose gate and first feed-forward matrix are one (of the Granite ones: the shared expert's)."""


@dataclass(frozen=True, slots=True)
class Projection:
    """A matrix product inside a layer."""

    name: str
    reads: Reads
    inputs: int
    outputs: int

    @property
    def weights(self) -> int:
        """Weights of the matrix, without its bias."""
        return self.inputs * self.outputs

    def adapter(self, rank: int) -> int:
        """Return the weights of an adapter of that rank."""
        return rank * (self.inputs + self.outputs)


@dataclass(frozen=True, slots=True)
class LayerGroup:
    """Equal layers of one model."""

    kind: str
    """Kind of the layers, as in `Architecture.layer_kinds`."""
    experts: bool
    count: int


def group_layers(architecture: Architecture) -> tuple[LayerGroup, ...]:
    """Group the model's layers that are equal."""
    if not architecture.experts:
        return tuple(LayerGroup(kind, experts=False, count=count) for kind, count in architecture.kinds.items())
    counts: dict[tuple[str, bool], int] = {}
    for index, kind in enumerate(architecture.layer_kinds):
        key = (kind, architecture.has_experts(index))
        counts[key] = counts.get(key, 0) + 1
    return tuple(LayerGroup(kind, experts, count) for (kind, experts), count in counts.items())


def list_projections(architecture: Architecture, group: LayerGroup) -> tuple[Projection, ...]:
    """List the products of one layer of that group that can have an adapter."""
    parts = anatomy(architecture.family)
    products: tuple[Projection, ...] = ()
    if group.kind in {"full", "sliding"}:
        products = _latent(architecture) if architecture.mla is not None else _attention(architecture)
    elif group.kind == "linear":
        products = _linear_attention(architecture)
    elif group.kind == "state_space":
        products = _state_space(architecture)
    if parts.one_part_layers and group.kind not in {"feed_forward", "experts"}:
        return products
    return products + _feed_forward(architecture, group)


def select_adapted(products: tuple[Projection, ...], targets: LoraTargets) -> tuple[Projection, ...]:
    """Select the products that get an adapter: the joint matrix too, where queries and values come from one."""
    if targets == "all-linear":
        return products
    names = {"query", "value", "qkv", "query_up", "value_up"}
    if targets == "attention":
        names |= {"key", "output", "query_down", "value_down"}
    return tuple(projection for projection in products if projection.name in names)


def count_adapter_parameters(architecture: Architecture, rank: int, targets: LoraTargets) -> int:
    """Count the weights of all adapters of that rank."""
    return sum(
        group.count
        * sum(projection.adapter(rank) for projection in select_adapted(list_projections(architecture, group), targets))
        for group in group_layers(architecture)
    )


def _attention(architecture: Architecture) -> tuple[Projection, ...]:
    hidden, size = architecture.hidden_size, architecture.width_of_head
    queries, keys = architecture.attention_heads * size, architecture.key_value_heads * size
    gate = 1 + anatomy(architecture.family).query_gate
    output = Projection("output", "attention output", queries, hidden)
    if architecture.family in FUSED_QKV:
        return (Projection("qkv", "attention input", hidden, queries + 2 * keys), output)
    return (
        Projection("query", "attention input", hidden, gate * queries),
        Projection("key", "attention input", hidden, keys),
        Projection("value", "attention input", hidden, keys),
        output,
    )


def _latent(architecture: Architecture) -> tuple[Projection, ...]:
    mla = architecture.mla
    assert mla is not None  # noqa: S101 - the caller's condition
    hidden, heads = architecture.hidden_size, architecture.attention_heads
    query = heads * (mla.nope_head_size + mla.rope_head_size)
    rank = mla.query_lora_rank
    queries = (
        (Projection("query", "attention input", hidden, query),)
        if rank is None
        else (
            Projection("query_down", "attention input", hidden, rank),
            Projection("query_up", "query latent", rank, query),
        )
    )
    return (
        *queries,
        Projection("value_down", "attention input", hidden, mla.kv_lora_rank + mla.rope_head_size),
        Projection("value_up", "value latent", mla.kv_lora_rank, heads * (mla.nope_head_size + mla.value_head_size)),
        Projection("output", "attention output", heads * mla.value_head_size, hidden),
    )


def _linear_attention(architecture: Architecture) -> tuple[Projection, ...]:
    mixer, hidden = architecture.known_linear_attention, architecture.hidden_size
    values = mixer.value_heads * mixer.value_head_size
    return (
        Projection("qkv", "attention input", hidden, mixer.channels + values),
        Projection("gates", "attention input", hidden, 2 * mixer.value_heads),
        Projection("output", "attention output", values, hidden),
    )


def _state_space(architecture: Architecture) -> tuple[Projection, ...]:
    mixer, hidden = architecture.known_state_space, architecture.hidden_size
    return (
        Projection("qkv", "attention input", hidden, mixer.width + mixer.channels + mixer.heads),
        Projection("output", "attention output", mixer.width, hidden),
    )


def _feed_forward(architecture: Architecture, group: LayerGroup) -> tuple[Projection, ...]:
    if not group.experts:
        return _dense(architecture, architecture.intermediate_size, "inner")
    if architecture.width_of_shared_experts:
        return _dense(architecture, architecture.width_of_shared_experts, "shared")
    return ()


def _dense(architecture: Architecture, width: int, inner: Literal["inner", "shared"]) -> tuple[Projection, ...]:
    hidden = architecture.hidden_size
    down = Projection("down", inner, width, hidden)
    if not anatomy(architecture.family).gated:
        return (Projection("up", "feed-forward", hidden, width), down)
    if architecture.family in FUSED_GATE:
        return (Projection("gate_up", "feed-forward", hidden, 2 * width), down)
    return (
        Projection("gate", "feed-forward", hidden, width),
        Projection("up", "feed-forward", hidden, width),
        down,
    )
