"""Splits of a training run over the GPUs of equal nodes: the fewest nodes and the least sharding first."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from modelyard.workloads.planner.memory import Memory
from modelyard.workloads.planner.training.memory import Footprint
from modelyard.workloads.planner.training.settings import Sharding

_SHARDINGS: tuple[Sharding, ...] = ("none", "zero2", "fsdp")
"""Shardings in the order of trial: each gathers more than the one before."""


@dataclass(frozen=TYPE_CHECKING, slots=True)
class TrainingSplit:
    """A split of the model over GPUs, and the memory that one of them holds."""

    nodes: int
    gpus: int
    sharding: Sharding
    memory: Memory
    total: float
    """GiB of one GPU, all parts together."""


class TrainingSplits:
    """Splits over nodes of so many GPUs, each taking less of a GPU than all before it.

    The first split that fits a GPU is among these, whatever the GPU's memory, and the last one lacks the least. They
    are computed on demand and kept, since many instance types have as many GPUs per node.
    """

    def __init__(
        self, footprint: Footprint, gpus_per_node: int, max_nodes: int, sharding: Sharding | None, scale: float
    ) -> None:
        """Prepare the splits of one sharding, or of all (None); `scale`: real weights over the footprint's."""
        self._footprint = footprint
        self._gpus_per_node = gpus_per_node
        self._max_nodes = max_nodes
        self._shardings: tuple[Sharding, ...] = (sharding,) if sharding else _SHARDINGS
        self._scale = scale
        self._splits: list[TrainingSplit] = []
        self._remaining = self._generate()

    def find_first(self, budget_gib: float) -> TrainingSplit:
        """Find the first split that takes at most `budget_gib` of a GPU, else the one that takes the least."""
        for split in self._splits:
            if split.total <= budget_gib:
                return split
        for split in self._remaining:
            self._splits.append(split)
            if split.total <= budget_gib:
                return split
        return self._splits[-1]

    def _generate(self) -> Iterator[TrainingSplit]:
        least = math.inf
        for nodes in range(1, self._max_nodes + 1):
            gpus = nodes * self._gpus_per_node
            for sharding in self._shardings if gpus > 1 else self._shardings[:1]:
                memory = _scale(self._footprint.peak(sharding, gpus).memory(), self._scale)
                total = memory.total_gib
                if total < least:
                    least = total
                    yield TrainingSplit(nodes, gpus, sharding, memory, total)


def _scale(memory: Memory, scale: float) -> Memory:
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
