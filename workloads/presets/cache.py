"""What a sequence leaves in a decoder's cache, layer kind by layer kind."""

from collections import Counter
from dataclasses import dataclass

from modelyard.workloads.presets.shape import Shape


@dataclass(frozen=True, slots=True)
class Entries:
    """Layers whose caches are alike."""

    layers: int
    values: int
    """Values of one entry in one layer."""
    window: int | None = None
    """Tokens that stay in it; None: all."""
    tokens: int = 1
    """Tokens that one entry stands for."""

    def total(self, tokens: int) -> int:
        """Values that a sequence of that many tokens leaves in all of the layers."""
        seen = tokens if self.window is None else min(tokens, self.window)
        return self.layers * self.values * (seen // self.tokens)


def entries(shape: Shape) -> tuple[Entries, ...]:
    """The caches of a decoder's layers, without recurrent states; nothing for other kinds of models."""
    if shape.kind != "decoder":
        return ()
    if shape.compressed is not None:
        return _compressed(shape)
    own = Counter(shape.layer_kinds[: shape.layers - shape.reused_cache_layers])
    full, sliding = own["full"], own["sliding"]
    if shape.mla is not None:
        indexers = shape.mla.indexers(full + sliding)
        latent = (
            Entries(full, shape.mla.latent_values),
            Entries(sliding, shape.mla.latent_values, shape.sliding_window),
        )
        return (*latent, Entries(indexers, shape.mla.index_values))
    heads, size = shape.heads_of("full")
    narrow_heads, narrow_size = shape.heads_of("sliding")
    return (
        Entries(full, 2 * heads * size),
        Entries(sliding, 2 * narrow_heads * narrow_size, shape.sliding_window),
    )


def _compressed(shape: Shape) -> tuple[Entries, ...]:
    """Every layer keeps a window; keys are values, so one vector per token or entry is kept."""
    compressed = shape.compressed
    if compressed is None:
        raise ValueError("the model has no compressed attention")
    size, kinds = shape.width_of_head, shape.kinds
    light, heavy = kinds.get("compressed", 0), kinds.get("heavily_compressed", 0)
    return (
        Entries(kinds.get("sliding", 0) + light + heavy, size, shape.sliding_window),
        Entries(light, size + compressed.index_head_size, tokens=compressed.tokens_per_entry),
        Entries(heavy, size, tokens=compressed.tokens_per_heavy_entry),
    )
