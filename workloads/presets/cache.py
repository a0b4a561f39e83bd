"""Cache of a sequence in a decoder, by kind of layer."""

from collections import Counter
from dataclasses import dataclass

from modelyard.workloads.presets.shape import Shape


@dataclass(frozen=True, slots=True)
class CacheEntries:
    """Cache of layers with equal caches."""

    layers: int
    values: int
    """Values of one entry in one layer."""
    window: int | None = None
    """Tokens that stay in the cache; None: all."""
    tokens: int = 1
    """Tokens that one entry stands for."""

    def total(self, tokens: int) -> int:
        """Return the values that a sequence of so many tokens leaves in all of the layers."""
        seen = tokens if self.window is None else min(tokens, self.window)
        return self.layers * self.values * (seen // self.tokens)


def list_cache_entries(shape: Shape) -> tuple[CacheEntries, ...]:
    """List the caches of a decoder's layers, without recurrent states; none for other kinds of models."""
    if shape.kind != "decoder":
        return ()
    if shape.compressed is not None:
        return _compressed(shape)
    kinds = Counter(shape.layer_kinds[: shape.layers - shape.reused_cache_layers])
    full, sliding = kinds["full"], kinds["sliding"]
    if shape.mla is not None:
        indexers = shape.mla.indexers(full + sliding)
        latent = (
            CacheEntries(full, shape.mla.latent_values),
            CacheEntries(sliding, shape.mla.latent_values, shape.sliding_window),
        )
        return (*latent, CacheEntries(indexers, shape.mla.index_values))
    heads, size = shape.heads_of("full")
    narrow_heads, narrow_size = shape.heads_of("sliding")
    return (
        CacheEntries(full, 2 * heads * size),
        CacheEntries(sliding, 2 * narrow_heads * narrow_size, shape.sliding_window),
    )


def _compressed(shape: Shape) -> tuple[CacheEntries, ...]:
    """List the caches of compressed attention: every layer keeps a window, and one vector for keys and values."""
    compressed = shape.compressed
    if compressed is None:
        raise ValueError("the model has no compressed attention")
    size, kinds = shape.width_of_head, shape.kinds
    light, heavy = kinds.get("compressed", 0), kinds.get("heavily_compressed", 0)
    return (
        CacheEntries(kinds.get("sliding", 0) + light + heavy, size, shape.sliding_window),
        CacheEntries(light, size + compressed.index_head_size, tokens=compressed.tokens_per_entry),
        CacheEntries(heavy, size, tokens=compressed.tokens_per_heavy_entry),
    )
