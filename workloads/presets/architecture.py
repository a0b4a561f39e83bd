"""What follows from a model's shape: its weights, what a sequence leaves in memory, and what a token costs."""

from functools import cached_property
from typing import Self

from modelyard.workloads.presets import count
from modelyard.workloads.presets.shape import Shape
from pydantic import model_validator


class Architecture(Shape):
    """A shape whose weights are counted; sizes are in bytes and operations (FLOP)."""

    @model_validator(mode="after")
    def _count(self) -> Self:
        counted = count.parameters(self)
        if "parameters" not in self.model_fields_set:
            object.__setattr__(self, "parameters", counted)
        elif self.parameters != counted and self.exact:
            raise ValueError(
                f"parameters is {self.parameters}, but this shape of family {self.family} counts {counted}; "
                "state weights outside it as other_parameters"
            )
        return self

    @cached_property
    def active_parameters(self) -> int:
        """Weights that one token passes through: all but the experts it is not sent to and parts beside the text."""
        return self.parameters - self.other_parameters - count.idle_experts(self)

    @cached_property
    def expert_parameters(self) -> int:
        """Weights of all routed experts."""
        return count.routed_experts(self)

    @cached_property
    def layer_matrices(self) -> int:
        """Weights of the matrices inside the layers: what quantisation shortens."""
        return count.layer_matrices(self)

    @property
    def cached_values(self) -> int:
        """Values that one token leaves in the cache of one layer with attention."""
        if self.mla is not None:
            return self.mla.cached_values
        return 2 * self.key_value_heads * self.width_of_head

    def kv_bytes_per_token(self, bytes_per_value: int = 2) -> int:
        """Bytes that one more token takes in the cache over all layers, while no window is full (2: fp16 and bf16)."""
        layers = self.kinds.get("full", 0) + self.kinds.get("sliding", 0)
        return layers * self.cached_values * bytes_per_value * (self.kind == "decoder")

    def kv_cache_bytes(self, tokens: int, bytes_per_value: int = 2) -> int:
        """Bytes that one sequence of that many tokens takes: windows bounded, recurrent states whole."""
        if self.kind != "decoder":
            return 0
        seen = self.kinds.get("full", 0) * tokens + self.kinds.get("sliding", 0) * min(tokens, self.sliding_window or 0)
        return seen * self.cached_values * bytes_per_value + self.state_bytes(bytes_per_value)

    def state_bytes(self, bytes_per_value: int = 2) -> int:
        """Bytes of recurrent state that one sequence takes, however short it is."""
        states = 0
        if self.linear_attention is not None:
            states += self.kinds.get("linear", 0) * self.linear_attention.state_bytes(bytes_per_value)
        if self.state_space is not None:
            states += self.kinds.get("state_space", 0) * self.state_space.state_bytes(bytes_per_value)
        return states

    def train_flop_per_token(self, sequence_tokens: int) -> float:
        """Floating-point operations of one training token, forward and backward, in sequences of that length.

        6 per weight that multiplies (position embeddings only add), plus 12 x layers x hidden x length for attention:
        the count of PaLM's appendix B and of nanoGPT's estimate_mfu, so that figures compare with published ones.
        """
        return 6.0 * self._multiplying + 3.0 * self._mixing_flop(sequence_tokens)

    def forward_flop_per_token(self, context_tokens: int) -> float:
        """Floating-point operations of one token that sees that many: 2 per weight, and attention over the context."""
        return 2.0 * self._multiplying + self._mixing_flop(context_tokens)

    @cached_property
    def _multiplying(self) -> int:
        """Active weights that are multiplied: without learned positions, and without an embedding only looked up."""
        looked_up = 0 if self.tied_embeddings and self.kind == "decoder" else count.embedding(self)
        if self.kind == "diffusion":
            return self.parameters
        return self.active_parameters - count.positions(self) - looked_up

    def _mixing_flop(self, tokens: int) -> float:
        """Operations of one token between tokens, forward: scores and weighted values; 6 per value of a state."""
        if self.mla is not None:
            widths = self.mla.nope_head_size + self.mla.rope_head_size + self.mla.value_head_size
        else:
            widths = 2 * self.width_of_head
        seen = self.kinds.get("full", 0) * tokens + self.kinds.get("sliding", 0) * min(tokens, self.sliding_window or 0)
        states = 0
        if self.linear_attention is not None:
            states += self.kinds.get("linear", 0) * self.linear_attention.state_values
        if self.state_space is not None:
            states += self.kinds.get("state_space", 0) * self.state_space.state_values
        return 2.0 * self.attention_heads * widths * seen + 6.0 * states
