"""Sizes of a model, from which all other figures are computed.

One flat set of sizes describes plain, grouped-query and latent attention, windows, experts, hybrids of attention
and recurrent layers, and encoders. Of a diffusion model it holds the text encoder's sizes, and the other components by
their count of weights alone.
"""

from collections.abc import Mapping
from typing import Literal, Self

from modelyard.workloads.frozen import Frozen
from modelyard.workloads.presets.compressed_attention import (
    COMPRESSED_KINDS,
    CompressedAttention,
)
from modelyard.workloads.presets.families import Biases
from modelyard.workloads.presets.mixers import GlobalAttention, LatentAttention, LinearAttention, StateSpace
from pydantic import Field, model_validator

MOST_LAYERS, LARGEST, MOST_WEIGHTS = 2000, 10**9, 10**15
"""Limits at least ten times above any model's: a larger number is a mistake."""

Kind = Literal["decoder", "encoder", "diffusion"]

LayerKind = Literal[
    "full", "sliding", "compressed", "heavily_compressed", "linear", "state_space", "feed_forward", "experts"
]
"""Kind of a layer by how it mixes tokens: attention over all of them, over a window, or over a window and compressed
entries; a recurrent state; or no mixing (in families whose layers are either a mixer or a feed-forward layer, as
Nemotron-H)."""


class Sizes(Frozen):
    """Sizes of a model, in the terms of its Hugging Face ``config.json``."""

    family: str
    """Family: the ``model_type`` of transformers, e.g. ``gpt2``."""
    kind: Kind = "decoder"
    layers: int = Field(gt=0, le=MOST_LAYERS)
    hidden_size: int = Field(gt=0, le=LARGEST)
    attention_heads: int = Field(gt=0, le=LARGEST)
    key_value_heads: int = Field(gt=0, le=LARGEST)
    """Heads of keys and values: fewer than attention_heads for grouped-query attention, one for multi-query."""
    vocabulary: int = Field(gt=0, le=LARGEST)
    """Rows of the token embedding. A tokenizer may use fewer."""
    max_context_tokens: int = Field(gt=0, le=LARGEST)
    intermediate_size: int = Field(gt=0, le=LARGEST)
    """Width of the feed-forward layer."""
    head_size: int | None = Field(default=None, gt=0, le=LARGEST)
    """Width of one attention head; None: hidden_size / attention_heads."""
    tied_embeddings: bool = False
    """Share the embedding's weights with the output layer."""
    parameters: int = Field(default=0, gt=0, le=MOST_WEIGHTS)
    """Count of weights, shared ones once; left out, it is counted from the shape, else it must agree with it."""
    other_parameters: int = Field(default=0, ge=0, le=MOST_WEIGHTS)
    """Weights, of `parameters`, that no token of text passes through: vision tower, multi-token prediction."""

    sliding_window: int | None = Field(default=None, gt=0, le=LARGEST)
    """Tokens that a layer of kind ``sliding`` sees, itself included."""
    layer_pattern: tuple[LayerKind, ...] = ()
    """Kinds of the layers, repeated until there are enough; left out: all sliding with a window, else all full."""
    mla: LatentAttention | None = None
    compressed: CompressedAttention | None = None
    global_attention: GlobalAttention | None = None
    """Heads of the layers of kind ``full``, if those with a window have others."""
    reused_cache_layers: int = Field(default=0, ge=0, le=LARGEST)
    """Last layers that attend to keys and values of an earlier layer, and have none of their own."""
    reused_cache_intermediate_size: int | None = Field(default=None, gt=0, le=LARGEST)
    """Width of the feed-forward layer in the layers of `reused_cache_layers`; None: intermediate_size."""
    layer_embedding_size: int | None = Field(default=None, gt=0, le=LARGEST)
    """Width of the rows that each layer looks up in a table of its own."""
    linear_attention: LinearAttention | None = None
    state_space: StateSpace | None = None

    experts: int = Field(default=0, ge=0, le=LARGEST)
    """Routed experts in a layer that has any."""
    experts_per_token: int = Field(default=0, ge=0, le=LARGEST)
    expert_intermediate_size: int | None = Field(default=None, gt=0, le=LARGEST)
    """Width of one expert; None: intermediate_size."""
    expert_latent_size: int | None = Field(default=None, gt=0, le=LARGEST)
    """Width to which tokens are projected before the experts; None: hidden_size."""
    shared_experts: int = Field(default=0, ge=0, le=LARGEST)
    """Experts that every token passes through."""
    shared_expert_intermediate_size: int | None = Field(default=None, gt=0, le=LARGEST)
    """Width of all shared experts together; None: shared_experts x expert_intermediate_size."""
    dense_layers: int = Field(default=0, ge=0, le=LARGEST)
    """Layers at the start that have one feed-forward layer in place of experts."""
    expert_every: int = Field(default=1, gt=0, le=LARGEST)
    """Distance between layers with experts, counted from the first; the others are dense."""

    attention_bias: Biases | None = None
    """Biases of attention, if the model departs from its family; so with the next three."""
    mlp_bias: bool | None = None
    norms_per_layer: int | None = Field(default=None, gt=0, le=LARGEST)
    final_norm: bool | None = None
    embedding_size: int | None = Field(default=None, gt=0, le=LARGEST)
    """Width of the embedding, with a projection behind it; None: hidden_size."""
    position_rows: int | None = Field(default=None, gt=0, le=LARGEST)
    """Rows of the table of learned positions, if more than max_context_tokens."""

    token_types: int = Field(default=0, ge=0, le=LARGEST)
    """Kinds of segments that an encoder embeds."""
    pooler: bool = False
    """Dense layer of an encoder on its first token."""
    labels: int = Field(default=0, ge=0, le=LARGEST)
    """Classes of an encoder's last layer; 0: it has no such layer and returns vectors."""
    components: Mapping[str, int] = {}
    """Parts of a diffusion model and their weights."""

    @model_validator(mode="after")
    def _heads_divide(self) -> Self:
        if self.attention_heads % self.key_value_heads:
            raise ValueError(
                f"attention_heads ({self.attention_heads}) must be a multiple of "
                f"key_value_heads ({self.key_value_heads})"
            )
        if self.global_attention is not None and self.attention_heads % self.global_attention.key_value_heads:
            raise ValueError(
                f"attention_heads ({self.attention_heads}) must be a multiple of "
                f"global_attention.key_value_heads ({self.global_attention.key_value_heads})"
            )
        if self.head_size is None and self.mla is None and self.hidden_size % self.attention_heads:
            raise ValueError(
                f"hidden_size ({self.hidden_size}) must be a multiple of attention_heads ({self.attention_heads}), "
                "or head_size must be given"
            )
        return self

    @model_validator(mode="after")
    def _parts_are_there(self) -> Self:
        kinds = set(self.layer_pattern)
        if len(self.layer_pattern) > self.layers:
            raise ValueError(f"layer_pattern has {len(self.layer_pattern)} kinds, but there are {self.layers} layers")
        for kind, needs in (
            ("sliding", "sliding_window"),
            ("compressed", "compressed"),
            ("heavily_compressed", "compressed"),
            ("linear", "linear_attention"),
            ("state_space", "state_space"),
        ):
            if kind in kinds and getattr(self, needs) is None:
                raise ValueError(f"layer_pattern has {kind} layers, so {needs} must be given")
        if self.compressed is not None and kinds - set(COMPRESSED_KINDS):
            raise ValueError(f"with compressed attention all layers are of kinds {', '.join(COMPRESSED_KINDS)}")
        if self.compressed is not None and self.sliding_window is None:
            raise ValueError("compressed attention keeps a window beside its entries, so sliding_window must be given")
        if self.reused_cache_layers >= self.layers:
            raise ValueError(
                f"reused_cache_layers ({self.reused_cache_layers}) must be fewer than layers ({self.layers})"
            )
        if ("experts" in kinds or self.experts_per_token) and not self.experts:
            raise ValueError("experts must be given where layers or tokens have some")
        if self.experts and not 0 < self.experts_per_token <= self.experts:
            raise ValueError(f"experts_per_token ({self.experts_per_token}) must be 1 to experts ({self.experts})")
        if (self.kind == "diffusion") != bool(self.components):
            raise ValueError("components are given for a model of kind diffusion, and for no other")
        return self
