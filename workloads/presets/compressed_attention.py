"""Attention over a window and over compressed entries, as in DeepSeek V4.

Every layer sees a window of single tokens. A layer of kind ``compressed`` also sees one entry for every few tokens,
chosen by an indexer; one of kind ``heavily_compressed`` sees all entries, each of many tokens; one of kind ``sliding``
sees the window alone. Keys and values are one vector for all heads. The residual stream is several streams, mixed
before and after each part of a layer (hyper-connections, arXiv:2409.19606, kept doubly stochastic).

Names and counts follow transformers 5.23 (models/deepseek_v4), which cites the paper's sections.
"""

from typing import Literal, get_args

from modelyard.workloads.frozen import Frozen
from pydantic import Field

CompressedKind = Literal["sliding", "compressed", "heavily_compressed"]
COMPRESSED_KINDS: tuple[CompressedKind, ...] = get_args(CompressedKind)


class CompressedAttention(Frozen):
    """Sizes of such layers besides heads; the comment beside a field is its key in ``config.json``."""

    query_lora_rank: int = Field(gt=0, le=10**9)  # q_lora_rank
    """Width through which queries are projected."""
    output_groups: int = Field(gt=0, le=10**9)  # o_groups
    """Groups of heads whose outputs are projected apart, before one projection of all."""
    output_lora_rank: int = Field(gt=0, le=10**9)  # o_lora_rank
    """Width of one group's output."""
    tokens_per_entry: int = Field(default=4, gt=0, le=10**9)  # compress_rates: compressed_sparse_attention
    tokens_per_heavy_entry: int = Field(default=128, gt=0, le=10**9)  # compress_rates: heavily_compressed_attention
    index_heads: int = Field(gt=0, le=10**9)  # index_n_heads
    index_head_size: int = Field(gt=0, le=10**9)  # index_head_dim
    index_tokens: int = Field(gt=0, le=10**9)  # index_topk
    """Entries that the indexer lets a layer of kind compressed see."""
    streams: int = Field(default=4, gt=0, le=10**9)  # hc_mult
    """Residual streams."""

    def weights(self, kind: CompressedKind, hidden: int, heads: int, size: int) -> int:
        """Return the weights of one layer's attention: projections, norms, a sink per head, and the compressor."""
        rank, groups = self.query_lora_rank, self.output_groups * self.output_lora_rank
        queries = hidden * rank + rank + rank * heads * size
        keys = hidden * size + size
        output = heads * size // self.output_groups * groups + groups * hidden
        return queries + keys + output + heads + self._compressor(kind, hidden, size)

    def pending_values(self, kind: CompressedKind, size: int) -> int:
        """Return the most values that one layer holds of tokens that do not fill an entry yet: keys and gates of each.

        Two overlapping series need the last full entry's tokens too.
        """
        if kind == "sliding":
            return 0
        if kind == "heavily_compressed":
            return (self.tokens_per_heavy_entry - 1) * 2 * size
        series = size + self.index_head_size
        return (self.tokens_per_entry - 1) * 2 * 2 * series + self.tokens_per_entry * 2 * series

    def stream_weights(self, hidden: int) -> int:
        """Return the weights that mix the streams around attention and feed-forward of one layer; kept in 32 bit."""
        mixes = (2 + self.streams) * self.streams
        return 2 * (mixes * self.streams * hidden + mixes + 3)

    def head_weights(self, hidden: int) -> int:
        """Return the weights that join the streams behind the last layer."""
        return self.streams * self.streams * hidden + self.streams + 1

    def _compressor(self, kind: CompressedKind, hidden: int, size: int) -> int:
        if kind == "sliding":
            return 0
        if kind == "heavily_compressed":
            return _pooling(hidden, size, size, self.tokens_per_heavy_entry)
        # Two overlapping series, each entry a mean over two windows; the indexer has the same on a smaller scale.
        narrow = self.index_head_size
        indexer = _pooling(hidden, 2 * narrow, narrow, self.tokens_per_entry)
        indexer += self.query_lora_rank * self.index_heads * narrow + hidden * self.index_heads
        return _pooling(hidden, 2 * size, size, self.tokens_per_entry) + indexer


def _pooling(hidden: int, width: int, size: int, tokens: int) -> int:
    """Return the weights of a pooling of tokens: keys, gates, a bias per position, and a norm."""
    return 2 * hidden * width + tokens * width + size
