"""Splits of a model over GPUs, and the sizes of the model that allow or forbid each."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from modelyard.workloads.planner.model_profile import GROUP_SIZE, ModelProfile


@dataclass(frozen=True, slots=True)
class Parallelism:
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
        """GPUs of the whole split."""
        return self.tensor * self.pipeline * self.data

    def __str__(self) -> str:
        """Return the split in words, such as `tensor 8 x pipeline 2`."""
        parts = (("tensor", self.tensor), ("pipeline", self.pipeline), ("data", self.data), ("expert", self.expert))
        return " x ".join(f"{name} {size}" for name, size in parts if size > 1) or "one GPU"


def find_split_obstacle(profile: ModelProfile, tensor: int) -> str | None:
    """Return the reason against dividing the model over so many GPUs, or None.

    The rules are vLLM's: query heads divide evenly; key and value heads divide evenly or are replicated evenly
    (``tensor % heads == 0``); the feed-forward width divides evenly, and into whole groups of a quantised checkpoint.
    The vocabulary is padded instead, and experts that do not divide are spread whole.
    """
    if tensor == 1 or not profile.known:
        return None
    return next((reason for broken, reason in _rules(profile, tensor) if broken), None)


@lru_cache(maxsize=64)
def list_tensor_sizes(profile: ModelProfile, gpus_per_node: int) -> tuple[int, ...]:
    """List the tensor parallel sizes that fill a node evenly and that the model allows, small first."""
    divisors = (size for size in range(1, gpus_per_node + 1) if gpus_per_node % size == 0)
    return tuple(size for size in divisors if find_split_obstacle(profile, size) is None)


def list_splits(profile: ModelProfile, gpus_per_node: int, nodes: int) -> Iterator[Parallelism]:
    """List every split over the GPUs of so many equal nodes, the fewest pipeline stages first."""
    gpus = gpus_per_node * nodes
    for tensor in list_tensor_sizes(profile, gpus_per_node):
        groups = gpus // tensor
        expert = tensor if _experts_must_stay_whole(profile, tensor) else 1
        for pipeline in range(1, min(groups, profile.layers) + 1):
            if groups % pipeline == 0:
                yield Parallelism(tensor, pipeline, groups // pipeline, expert)
        if profile.latent and profile.experts and groups > 1 and profile.experts % gpus == 0:
            # Latent attention's cache cannot be divided: each GPU serves requests of its own, experts are shared.
            yield Parallelism(tensor, 1, groups, gpus)


def _experts_must_stay_whole(profile: ModelProfile, tensor: int) -> bool:
    if not profile.experts or tensor == 1:
        return False
    width = profile.expert_intermediate
    return bool(width % tensor) or (profile.grouped and bool((width // tensor) % GROUP_SIZE))


def _rules(profile: ModelProfile, tensor: int) -> Iterator[tuple[bool, str]]:
    keys, width = profile.key_value_heads, profile.intermediate
    yield not profile.generates, f"a model that generates no text is not divided by {tensor}: each GPU holds a copy"
    yield profile.heads % tensor > 0, f"heads {profile.heads} do not divide by {tensor}"
    yield (
        not profile.latent and keys % tensor > 0 and tensor % keys > 0,
        f"key-value heads {keys} do not divide by {tensor}, nor {tensor} by {keys}",
    )
    for heads in profile.recurrent_heads:
        yield heads % tensor > 0, f"heads {heads} of the recurrent layers do not divide by {tensor}"
    yield width % tensor > 0, f"feed-forward width {width} does not divide by {tensor}"
    yield (
        profile.grouped and not profile.experts and width // tensor % GROUP_SIZE > 0,
        f"feed-forward width {width} over {tensor} GPUs is no multiple of the quantisation group of {GROUP_SIZE}",
    )
    yield (
        _experts_must_stay_whole(profile, tensor) and profile.experts % tensor > 0,
        f"neither the experts' width {profile.expert_intermediate} nor their number {profile.experts} "
        f"divides by {tensor}",
    )
