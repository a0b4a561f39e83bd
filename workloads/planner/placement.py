"""Splits of a model over the GPUs of equal nodes, for training: the fewest nodes and the least sharding first."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from modelyard.workloads.planner.memory import Memory
from modelyard.workloads.planner.training.memory import Footprint
from modelyard.workloads.planner.training.settings import Sharding

_SHARDINGS: tuple[Sharding, ...] = ("none", "zero2", "fsdp")
"""Tried in this order: each gathers more than the one before."""


@dataclass(frozen=TYPE_CHECKING, slots=True)
class Place:
    """A split of the model over GPUs, and what one of them holds."""

    nodes: int
    gpus: int
    sharding: Sharding
    memory: Memory
    need: float
    """GiB of one GPU, all parts together."""


class Placements:
    """The splits over nodes of so many GPUs, each needing less of a GPU than all before it.

    Whatever a GPU's memory, the first split that fits it is one of these, and the last is the one that lacks the least.
    They are made as far as somebody asks for, and kept: many instance types have as many GPUs per node.
    """

    def __init__(
        self, footprint: Footprint, gpus_per_node: int, max_nodes: int, sharding: Sharding | None, scale: float
    ) -> None:
        """Sharding: the only one to try, or None. Scale: weights against those that the footprint counts."""
        self._footprint = footprint
        self._gpus_per_node = gpus_per_node
        self._max_nodes = max_nodes
        self._tried: tuple[Sharding, ...] = (sharding,) if sharding else _SHARDINGS
        self._scale = scale
        self._made: list[Place] = []
        self._rest = self._descending()

    def first(self, budget_gib: float) -> Place:
        """The first that needs at most so much of a GPU; where none does, the one that needs the least."""
        for place in self._made:
            if place.need <= budget_gib:
                return place
        for place in self._rest:
            self._made.append(place)
            if place.need <= budget_gib:
                return place
        return self._made[-1]

    def _descending(self) -> Iterator[Place]:
        least = math.inf
        for nodes in range(1, self._max_nodes + 1):
            gpus = nodes * self._gpus_per_node
            for sharding in self._tried if gpus > 1 else self._tried[:1]:
                memory = _scaled(self._footprint.peak(sharding, gpus).memory(), self._scale)
                need = memory.total_gib
                if need < least:
                    least = need
                    yield Place(nodes, gpus, sharding, memory, need)


def _scaled(memory: Memory, scale: float) -> Memory:
    if scale == 1.0:
        return memory
    return Memory(
        weights_gib=memory.weights_gib * scale,
        activations_gib=memory.activations_gib * scale,
        framework_gib=memory.framework_gib,
        gradients_gib=memory.gradients_gib * scale,
        optimizer_gib=memory.optimizer_gib * scale,
        adapter_gib=memory.adapter_gib * scale,
    )
