"""Layers that mix tokens in another way than plain attention: their weights and their state of a sequence.

Names are spelled out; the comment beside a field is its key in Hugging Face's ``config.json``.
"""

from modelyard.workloads.frozen import Frozen
from pydantic import Field

STATE_BYTES_PER_VALUE = 4
"""Bytes of a recurrent state's value, fp32: transformers 5.23 casts before its kernels, and the models' own files say
``mamba_ssm_cache_dtype: float32`` (Nemotron-H, Qwen3-Next, Qwen3.5)."""


class LatentAttention(Frozen):
    """Multi-head latent attention (DeepSeek-V2, arXiv:2405.04434): keys and values are cached as one narrow vector."""

    kv_lora_rank: int = Field(gt=0, le=10**9)
    """Width of the vector from which all heads' keys and values are expanded."""
    query_lora_rank: int | None = Field(default=None, gt=0, le=10**9)  # q_lora_rank
    """Width through which queries are projected; None: directly."""
    nope_head_size: int = Field(gt=0, le=10**9)  # qk_nope_head_dim
    """Part of a head's query and key without positions."""
    rope_head_size: int = Field(gt=0, le=10**9)  # qk_rope_head_dim
    """Part of a head's query and key with rotary positions; its key is one for all heads."""
    value_head_size: int = Field(gt=0, le=10**9)  # v_head_dim
    index_heads: int = Field(default=0, ge=0, le=10**9)  # index_n_heads
    """Heads of the indexer that picks which tokens to attend to (DeepSeek sparse attention); 0: none."""
    index_head_size: int = Field(default=0, ge=0, le=10**9)  # index_head_dim
    index_tokens: int = Field(default=0, ge=0, le=10**9)  # index_topk
    """Tokens that the indexer lets attention see."""
    index_layers: int | None = Field(default=None, ge=0, le=10**9)  # count of "full" in indexer_types
    """Layers with an indexer of their own, where some reuse the choice of the layer before (GLM 5.2); None: all."""

    @property
    def latent_values(self) -> int:
        """Values that one token leaves in one layer's cache: the latent and the rotary key."""
        return self.kv_lora_rank + self.rope_head_size

    @property
    def index_values(self) -> int:
        """Values that one token leaves in the cache of one layer's indexer: its key."""
        return self.index_head_size if self.index_heads else 0

    def indexers(self, layers: int) -> int:
        """Return the count of indexers in so many layers."""
        return layers if self.index_layers is None else min(layers, self.index_layers)

    def weights(self, hidden: int, heads: int, *, bias: bool, indexed: bool = True) -> int:
        """Return the weights of one layer's projections and norms, with its indexer's if it has one."""
        query_size = heads * (self.nope_head_size + self.rope_head_size)
        rank = self.query_lora_rank
        queries = hidden * query_size if rank is None else hidden * rank + rank + rank * query_size
        down = hidden * (self.kv_lora_rank + self.rope_head_size) + self.kv_lora_rank
        up = self.kv_lora_rank * heads * (self.nope_head_size + self.value_head_size)
        output = heads * self.value_head_size * hidden
        biases = (rank or 0) + self.kv_lora_rank + self.rope_head_size + hidden if bias else 0
        return queries + down + up + output + biases + indexed * self._indexer(hidden)

    def _indexer(self, hidden: int) -> int:
        if not self.index_heads:
            return 0
        size = self.index_head_size
        # Queries from the compressed query, keys from the hidden state with a LayerNorm of its own, a weight per head.
        return (
            (self.query_lora_rank or hidden) * self.index_heads * size
            + hidden * size
            + 2 * size
            + hidden * self.index_heads
        )


class GlobalAttention(Frozen):
    """Layers that attend to all tokens beside layers with a window, with heads of their own (Gemma 4)."""

    key_value_heads: int = Field(gt=0, le=10**9)  # num_global_key_value_heads
    head_size: int = Field(gt=0, le=10**9)  # global_head_dim
    values_are_keys: bool = False  # attention_k_eq_v
    """Compute values from the keys' projection; both are cached, since only keys are rotated."""


class LinearAttention(Frozen):
    """Gated delta rule (arXiv:2412.06464), as in Qwen3-Next and Qwen3.5: a matrix per head instead of a cache."""

    key_heads: int = Field(gt=0, le=10**9)  # linear_num_key_heads
    value_heads: int = Field(gt=0, le=10**9)  # linear_num_value_heads
    key_head_size: int = Field(gt=0, le=10**9)  # linear_key_head_dim
    value_head_size: int = Field(gt=0, le=10**9)  # linear_value_head_dim
    convolution: int = Field(default=4, gt=0, le=10**9)  # linear_conv_kernel_dim
    """Tokens that the short convolution before it sees."""

    @property
    def channels(self) -> int:
        """Width of the convolution: queries, keys and values."""
        return 2 * self.key_heads * self.key_head_size + self.value_heads * self.value_head_size

    @property
    def state_values(self) -> int:
        """Values of the recurrent state of one sequence."""
        return self.value_heads * self.key_head_size * self.value_head_size

    def state_bytes(self, bytes_per_value: int) -> int:
        """Return the bytes of one sequence in one layer, however long it is."""
        return self.channels * self.convolution * bytes_per_value + self.state_values * STATE_BYTES_PER_VALUE

    def weights(self, hidden: int) -> int:
        """Return the weights of one layer."""
        values = self.value_heads * self.value_head_size
        projections = hidden * (self.channels + values + 2 * self.value_heads) + values * hidden
        return projections + self.channels * self.convolution + 2 * self.value_heads + self.value_head_size


class StateSpace(Frozen):
    """Mamba-2 (arXiv:2405.21060), as in Nemotron-H, Granite 4 and Bamba."""

    heads: int = Field(gt=0, le=10**9)  # mamba_num_heads, mamba_n_heads
    head_size: int = Field(gt=0, le=10**9)  # mamba_head_dim, mamba_d_head
    groups: int = Field(gt=0, le=10**9)  # n_groups, mamba_n_groups
    state_size: int = Field(gt=0, le=10**9)  # ssm_state_size, mamba_d_state
    convolution: int = Field(default=4, gt=0, le=10**9)  # conv_kernel, mamba_d_conv
    convolution_bias: bool = True  # use_conv_bias, mamba_conv_bias
    projection_bias: bool = False  # use_bias, mamba_proj_bias

    @property
    def width(self) -> int:
        """Width of the layer's inside."""
        return self.heads * self.head_size

    @property
    def channels(self) -> int:
        """Width of the convolution: the input and the two projections of each group."""
        return self.width + 2 * self.groups * self.state_size

    @property
    def state_values(self) -> int:
        """Values of the recurrent state of one sequence."""
        return self.width * self.state_size

    def state_bytes(self, bytes_per_value: int) -> int:
        """Return the bytes of one sequence in one layer, however long it is."""
        return self.channels * self.convolution * bytes_per_value + self.state_values * STATE_BYTES_PER_VALUE

    def weights(self, hidden: int) -> int:
        """Return the weights of one layer: projections, convolution, decay, skip and time step per head, and a norm."""
        projected = self.width + self.channels + self.heads
        biases = projected + hidden if self.projection_bias else 0
        convolution = self.channels * (self.convolution + self.convolution_bias)
        return hidden * projected + self.width * hidden + biases + convolution + 3 * self.heads + self.width
