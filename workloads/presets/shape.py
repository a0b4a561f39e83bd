"""Layers that follow from a model's sizes: their kinds, their heads, their experts."""

from collections import Counter
from collections.abc import Mapping
from functools import cached_property

from modelyard.workloads.presets.compressed_attention import COMPRESSED_KINDS, CompressedKind
from modelyard.workloads.presets.families import Position, anatomy
from modelyard.workloads.presets.mixers import LinearAttention, StateSpace
from modelyard.workloads.presets.sizes import LayerKind, Sizes


class Shape(Sizes):
    """Sizes of a model with the kind, heads and experts of each layer."""

    @property
    def exact(self) -> bool:
        """True for families whose weights are counted exactly."""
        return self.kind == "diffusion" or anatomy(self.family).exact

    @property
    def takes_prefix(self) -> bool:
        """True if every layer attends to the keys and values of all tokens, and so to learned ones before them (prefix
        tuning, arXiv:2101.00190)."""
        plain = self.kind == "decoder" and self.mla is None and self.global_attention is None
        sees = {"full", "sliding"} if (self.sliding_window or 0) >= self.max_context_tokens else {"full"}
        return plain and set(self.layer_kinds) <= sees

    @property
    def position(self) -> Position:
        """Encoding of the order of tokens."""
        return anatomy(self.family).position

    @property
    def width_of_head(self) -> int:
        """Values in one head's key (or value) vector."""
        return self.head_size or self.hidden_size // self.attention_heads

    def heads_of(self, kind: LayerKind) -> tuple[int, int]:
        """Return the key-value heads of a layer of that kind, and the width of each."""
        if kind == "full" and self.global_attention is not None:
            return self.global_attention.key_value_heads, self.global_attention.head_size
        return self.key_value_heads, self.width_of_head

    def reuses_cache(self, layer: int) -> bool:
        """Return True if the layer of that index, from 0, reads an earlier layer's keys and values."""
        return layer >= self.layers - self.reused_cache_layers

    @property
    def width_of_expert(self) -> int:
        """Width of one routed expert's feed-forward layer."""
        return self.expert_intermediate_size or self.intermediate_size

    @property
    def width_of_shared_experts(self) -> int:
        """Width of all shared experts together; 0 where there are none."""
        return self.shared_expert_intermediate_size or self.shared_experts * self.width_of_expert

    @cached_property
    def layer_kinds(self) -> tuple[LayerKind, ...]:
        """Kind of each layer."""
        pattern = self.layer_pattern or (("sliding",) if self.sliding_window else ("full",))
        return (pattern * (self.layers // len(pattern) + 1))[: self.layers]

    @cached_property
    def kinds(self) -> Mapping[LayerKind, int]:
        """Count of layers of each kind."""
        return Counter(self.layer_kinds)

    @property
    def compressed_kinds(self) -> tuple[CompressedKind, ...]:
        """Kinds of the layers with compressed attention, in order."""
        return tuple(compressed for kind in self.layer_kinds for compressed in COMPRESSED_KINDS if compressed == kind)

    def has_experts(self, layer: int) -> bool:
        """Return True if the layer of that index, from 0, has routed experts."""
        if not self.experts or self.layer_kinds[layer] == "feed_forward":
            return False
        if anatomy(self.family).one_part_layers:
            return self.layer_kinds[layer] == "experts"
        return layer >= self.dense_layers and (layer + 1) % self.expert_every == 0

    @property
    def known_linear_attention(self) -> LinearAttention:
        """Linear attention of layers of this kind."""
        if self.linear_attention is None:
            raise ValueError("no layer is of kind linear")
        return self.linear_attention

    @property
    def known_state_space(self) -> StateSpace:
        """State space of layers of this kind."""
        if self.state_space is None:
            raise ValueError("no layer is of kind state_space")
        return self.state_space
