"""How a model is spread over GPUs, and which splits its sizes allow."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from modelyard.workloads.planner.shape import GROUP_SIZE, Shape


@dataclass(frozen=True, slots=True)
class Layout:
    """A division of work over ``tensor x pipeline x data`` GPUs."""

    tensor: int
    """GPUs that share each layer; always inside one node, since they exchange after every layer."""
    pipeline: int
    """Groups of layers in a row; crosses nodes."""
    data: int
    """Copies that serve different requests."""
    expert: int = 1
    """GPUs over which whole experts are spread; 1: each expert is divided as other layers are."""

    @property
    def gpus(self) -> int:
        """All of them."""
        return self.tensor * self.pipeline * self.data

    def __str__(self) -> str:
        """E.g. `tensor 8 x pipeline 2`."""
        parts = (("tensor", self.tensor), ("pipeline", self.pipeline), ("data", self.data), ("expert", self.expert))
        return " x ".join(f"{name} {size}" for name, size in parts if size > 1) or "one GPU"


def undividable(shape: Shape, tensor: int) -> str | None:
    """Why the model cannot be divided by so many GPUs, or None where it can.

    vLLM's rules: query heads divide evenly; key and value heads divide evenly or are replicated evenly
    (``tensor % heads == 0``); the feed-forward width divides evenly, and into whole groups of a quantised checkpoint.
    The vocabulary is padded instead, and experts that do not divide are spread whole.
    """
    if tensor == 1 or not shape.known:
        return None
    return next((reason for broken, reason in _rules(shape, tensor) if broken), None)


@lru_cache(maxsize=64)
def tensor_sizes(shape: Shape, gpus_per_node: int) -> tuple[int, ...]:
    """Tensor parallel sizes that fill a node evenly and that the model allows, small first."""
    divisors = (size for size in range(1, gpus_per_node + 1) if gpus_per_node % size == 0)
    return tuple(size for size in divisors if undividable(shape, size) is None)


def layouts(shape: Shape, gpus_per_node: int, nodes: int) -> Iterator[Layout]:
    """Every split of the GPUs of so many equal nodes, each in the order: fewest pipeline stages first."""
    gpus = gpus_per_node * nodes
    for tensor in tensor_sizes(shape, gpus_per_node):
        groups = gpus // tensor
        whole = tensor if _experts_must_stay_whole(shape, tensor) else 1
        for pipeline in range(1, min(groups, shape.layers) + 1):
            if groups % pipeline == 0:
                yield Layout(tensor, pipeline, groups // pipeline, whole)
        if shape.latent and shape.experts and groups > 1 and shape.experts % gpus == 0:
            # Latent attention's cache cannot be divided: each GPU serves requests of its own, experts are shared.
            yield Layout(tensor, 1, groups, gpus)


def _experts_must_stay_whole(shape: Shape, tensor: int) -> bool:
    if not shape.experts or tensor == 1:
        return False
    width = shape.expert_intermediate
    return bool(width % tensor) or (shape.grouped and bool((width // tensor) % GROUP_SIZE))


def _rules(shape: Shape, tensor: int) -> Iterator[tuple[bool, str]]:
    keys, width = shape.key_value_heads, shape.intermediate
    yield not shape.generates, f"a model that generates no text is not divided by {tensor}: each GPU holds a copy"
    yield shape.heads % tensor > 0, f"heads {shape.heads} do not divide by {tensor}"
    yield (
        not shape.latent and keys % tensor > 0 and tensor % keys > 0,
        f"key-value heads {keys} do not divide by {tensor}, nor {tensor} by {keys}",
    )
    for heads in shape.recurrent_heads:
        yield heads % tensor > 0, f"heads {heads} of the recurrent layers do not divide by {tensor}"
    yield width % tensor > 0, f"feed-forward width {width} does not divide by {tensor}"
    yield (
        shape.grouped and not shape.experts and width // tensor % GROUP_SIZE > 0,
        f"feed-forward width {width} over {tensor} GPUs is no multiple of the quantisation group of {GROUP_SIZE}",
    )
    yield (
        _experts_must_stay_whole(shape, tensor) and shape.experts % tensor > 0,
        f"neither the experts' width {shape.expert_intermediate} nor their number {shape.experts} divides by {tensor}",
    )
