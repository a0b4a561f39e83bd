"""Figures that follow from a model's shape: weights, the memory of a sequence, and the operations of a token."""

from functools import cached_property
from typing import Self

from modelyard.workloads.presets import count
from modelyard.workloads.presets.cache import CacheEntries, list_cache_entries
from modelyard.workloads.presets.shape import Shape
from pydantic import model_validator


class Architecture(Shape):
    """A shape with its weights counted; sizes are in bytes and operations (FLOP)."""

    @model_validator(mode="after")
    def _count(self) -> Self:
        weights = count.parameters(self)
        if "parameters" not in self.model_fields_set:
            object.__setattr__(self, "parameters", weights)
        elif self.parameters != weights and self.exact:
            raise ValueError(
                f"parameters = {self.parameters}: must be {weights}, the count of this shape of family {self.family}; "
                "state weights outside the shape as other_parameters"
            )
        return self

    @cached_property
    def active_parameters(self) -> int:
        """Weights that one token passes through.

        All but the experts it is not sent to, the layers' own tables (of which it takes a row each), and parts beside
        the text.
        """
        return self.parameters - self.other_parameters - count.idle_experts(self) - count.layer_embedding(self)

    @cached_property
    def expert_parameters(self) -> int:
        """Weights of all routed experts."""
        return count.routed_experts(self)

    @cached_property
    def shared_expert_parameters(self) -> int:
        """Weights of all experts that every token passes through."""
        return count.shared_experts(self)

    @cached_property
    def layer_matrices(self) -> int:
        """Weights of the matrices inside the layers, which quantisation shortens."""
        return count.layer_matrices(self)

    @property
    def cache(self) -> tuple[CacheEntries, ...]:
        """Caches of the layers, by kind; recurrent states are apart."""
        return list_cache_entries(self)

    @property
    def full_cache_values(self) -> float:
        """Values that one token leaves over all layers whose caches keep every token; fractions where it is a part of
        an entry."""
        return sum(entry.layers * entry.values / entry.tokens for entry in self.cache if entry.window is None)

    @property
    def window_cache_values(self) -> int:
        """Values that one token leaves over all layers that keep a window, while that is not full."""
        return sum(entry.layers * entry.values for entry in self.cache if entry.window is not None)

    def kv_bytes_per_token(self, bytes_per_value: int = 2) -> int:
        """Return the bytes of one more token in the cache of all layers, while no window is full (2: fp16 and bf16)."""
        return round((self.full_cache_values + self.window_cache_values) * bytes_per_value)

    def kv_cache_bytes(self, tokens: int, bytes_per_value: int = 2) -> int:
        """Return the bytes of one sequence of so many tokens: windows bounded, recurrent states whole."""
        if self.kind != "decoder":
            return 0
        return sum(entry.total(tokens) for entry in self.cache) * bytes_per_value + self.state_bytes(bytes_per_value)

    def state_bytes(self, bytes_per_value: int = 2) -> int:
        """Return the bytes of recurrent state of one sequence, however short it is.

        With compressed attention, those of tokens that do not fill an entry yet, at most.
        """
        states = 0
        if self.linear_attention is not None:
            states += self.kinds.get("linear", 0) * self.linear_attention.state_bytes(bytes_per_value)
        if self.state_space is not None:
            states += self.kinds.get("state_space", 0) * self.state_space.state_bytes(bytes_per_value)
        if self.compressed is not None:
            pending = [self.compressed.pending_values(kind, self.width_of_head) for kind in self.compressed_kinds]
            states += sum(pending) * bytes_per_value
        return states

    def train_flop_per_token(self, sequence_tokens: int) -> float:
        """Return the floating-point operations of one training token, forward and backward, at that sequence length.

        6 per weight that multiplies (position embeddings only add), plus 12 x layers x hidden x length for attention:
        the count of PaLM's appendix B and of nanoGPT's estimate_mfu, so that figures compare with published ones.
        """
        return 6.0 * self._multiplying + 3.0 * self._mixing_flop(sequence_tokens)

    def forward_flop_per_token(self, context_tokens: int) -> float:
        """Return the floating-point operations of one token: 2 per weight, and attention over the context."""
        return 2.0 * self._multiplying + self._mixing_flop(context_tokens)

    @property
    def attention_window(self) -> int:
        """Tokens, at most, that attention sees in layers with a window, or behind an indexer; 0: there are none."""
        return self.sliding_window or (self.mla.index_tokens if self.mla is not None else 0)

    @property
    def context_flop(self) -> tuple[float, float]:
        """Operations of one token, forward, per token that it sees: in layers without a window and indexers, and in
        layers that see the last or best `attention_window` tokens. Compressed entries that an indexer chose are not
        included."""
        full, sliding = self.kinds.get("full", 0), self.kinds.get("sliding", 0)
        if self.compressed is not None:
            light, heavy = self.kinds.get("compressed", 0), self.kinds.get("heavily_compressed", 0)
            indexer = self.compressed.index_heads * self.compressed.index_head_size
            entry = 2.0 * self.attention_heads * self.width_of_head
            everything = light * indexer / self.compressed.tokens_per_entry
            everything += heavy * entry / self.compressed.tokens_per_heavy_entry
            return 2.0 * everything, 2.0 * entry * (sliding + light + heavy)
        if self.mla is not None:
            width = self.mla.nope_head_size + self.mla.rope_head_size + self.mla.value_head_size
            attention = 2.0 * self.attention_heads * width
            if self.mla.index_tokens:
                indexer = self.mla.index_heads * self.mla.index_head_size * self.mla.indexers(self.layers)
                return 2.0 * indexer, attention * full
            return attention * full, attention * sliding
        heads = 4.0 * self.attention_heads
        return heads * self.heads_of("full")[1] * full, heads * self.width_of_head * sliding

    @cached_property
    def _multiplying(self) -> int:
        """Active weights that are multiplied: without learned positions, and without an embedding only looked up."""
        looked_up = 0 if self.tied_embeddings and self.kind == "decoder" else count.embedding(self)
        if self.kind == "diffusion":
            return self.parameters
        return self.active_parameters - count.positions(self) - looked_up

    def _mixing_flop(self, tokens: int) -> float:
        """Return the operations of one token between tokens, forward: scores, weighted values, 6 per state value."""
        states = 0
        if self.linear_attention is not None:
            states += self.kinds.get("linear", 0) * self.linear_attention.state_values
        if self.state_space is not None:
            states += self.kinds.get("state_space", 0) * self.state_space.state_values
        full, window = self.context_flop
        indexed_flop = 0.0
        if self.compressed is not None:
            entries = min(tokens // self.compressed.tokens_per_entry, self.compressed.index_tokens)
            indexed_flop = 4.0 * self.attention_heads * self.width_of_head * self.kinds.get("compressed", 0) * entries
        return full * tokens + window * min(tokens, self.attention_window) + indexed_flop + 6.0 * states
