"""Fine-tuning: the fewest nodes and the least sharding with which a method fits, and how long a run takes.

GPUs are data parallel; what they share is decided by the sharding. Sharded weights are gathered layer by layer, so
sharding costs time where links are slow, and the planner takes as little of it as fits.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from modelyard.workloads.planner.memory import Memory
from modelyard.workloads.planner.request import Request, Sharding
from modelyard.workloads.planner.roofline import Machine
from modelyard.workloads.planner.shape import Shape
from modelyard.workloads.planner.training_memory import Footprint
from modelyard.workloads.planner.training_settings import Method, Precision, TrainingSettings, UntrainableError
from modelyard.workloads.planner.training_speed import TrainingWork, filled, training_work, utilisation
from modelyard.workloads.presets.architecture import Architecture

_SHARDINGS: tuple[Sharding, ...] = ("none", "zero2", "fsdp")
"""Tried in this order: each gathers more than the one before."""

USABLE_SHARE = 0.95
"""Of a GPU's memory that training may take: what torch's allocator leaves unused between blocks. Our estimate."""


@dataclass(frozen=TYPE_CHECKING, slots=True)
class Tuned:
    """The result for one machine."""

    nodes: int
    gpus: int
    sharding: str
    memory: Memory
    tokens_per_second: float | None = None
    sequence_tokens: int = 0
    dtype: str = ""
    reasons: tuple[str, ...] = ()


@dataclass(frozen=TYPE_CHECKING, slots=True)
class Place:
    """A split of the model over GPUs, and what one of them holds."""

    nodes: int
    gpus: int
    sharding: Sharding
    memory: Memory
    need: float
    """GiB of one GPU, all parts together."""
    work: TrainingWork


class Tuning:
    """One request's splits with what they take; `on` asks them for one machine."""

    def __init__(self, request: Request, architecture: Architecture, scale: float = 1.0) -> None:
        """Scale: real weights against the architecture's, with the margin, where only sizes are known."""
        self.request = request
        self.architecture = architecture
        self.scale = scale
        self.sequence_tokens = request.training_sequence_tokens
        self._footprints: dict[bool, Footprint | str] = {}
        self._places: dict[tuple[int, bool], tuple[Place, ...] | str] = {}
        self._filled = filled(packing=request.fine_tune.packing)

    def on(self, machine: Machine, dtype: str) -> Tuned:
        """The fewest nodes of that machine on which the method fits, with the least sharding."""
        places = self.places(machine.gpus, in_fp32=dtype == "fp32")
        if isinstance(places, str):
            return Tuned(1, machine.gpus, "none", Memory(), reasons=(places,))
        budget = machine.memory_gib * USABLE_SHARE
        for place in places:
            if place.need <= budget:
                rate = self.tokens_per_second(place, machine, in_fp32=dtype == "fp32")
                memory = place.memory.on(machine.memory_gib)
                return Tuned(place.nodes, place.gpus, place.sharding, memory, rate, self.sequence_tokens, dtype)
        least = places[-1]
        memory = least.memory.on(machine.memory_gib)
        return Tuned(least.nodes, least.gpus, least.sharding, memory, reasons=(_lacking(least, machine),))

    def places(self, gpus_per_node: int, *, in_fp32: bool) -> tuple[Place, ...] | str:
        """The splits worth trying, in their order: each needs less of a GPU than all before it.

        A string instead says why the model cannot be trained. Whichever GPU is asked for, the first split that fits it
        is one of these, and the last is the one that lacks the least.
        """
        key = (gpus_per_node, in_fp32)
        found = self._places.get(key)
        if found is None:
            footprint = self.footprint(in_fp32=in_fp32)
            found = footprint if isinstance(footprint, str) else tuple(self._descending(footprint, gpus_per_node))
            self._places[key] = found
        return found

    def _descending(self, footprint: Footprint, gpus_per_node: int) -> Iterator[Place]:
        asked = self.request.fine_tune.sharding
        least = math.inf
        for nodes in range(1, self.request.max_nodes + 1):
            gpus = nodes * gpus_per_node
            for sharding in (asked,) if asked else _SHARDINGS if gpus > 1 else _SHARDINGS[:1]:
                memory = _scaled(footprint.peak(sharding, gpus).memory(), self.scale)
                need = memory.total_gib
                if need < least:
                    least = need
                    work = training_work(footprint, sharding, gpus, scale=self.scale)
                    yield Place(nodes, gpus, sharding, memory, need, work)

    def footprint(self, *, in_fp32: bool) -> Footprint | str:
        """What the model holds on any number of GPUs, or why it cannot be trained. Both 16-bit formats are alike."""
        found = self._footprints.get(in_fp32)
        if found is None:
            try:
                found = Footprint(self.architecture, self.settings("fp32" if in_fp32 else "bf16"))
            except UntrainableError as wrong:
                found = str(wrong)
            self._footprints[in_fp32] = found
        return found

    def settings(self, precision: Precision) -> TrainingSettings:
        """The request in the terms of one GPU that shares nothing."""
        asked = self.request.fine_tune
        return TrainingSettings(
            method=self.method,
            precision=precision,
            optimizer=asked.optimizer,
            sequence_tokens=self.sequence_tokens,
            batch_sequences=asked.batch_sequences,
            gradient_checkpointing=asked.gradient_checkpointing,
            lora_rank=asked.lora_rank,
            virtual_tokens=asked.virtual_tokens,
        )

    @property
    def method(self) -> Method:
        """The task, which is a method here."""
        task = self.request.task
        assert task not in {"serve", "batch"}  # noqa: S101 - plan() sends those elsewhere
        return task  # pyright: ignore[reportReturnType]

    def tokens_per_second(self, place: Place, machine: Machine, *, in_fp32: bool) -> float:
        """Text tokens trained per second by all GPUs."""
        # A ring over several nodes is as fast as its slowest link; all of a node's traffic is one GPU's in such a ring.
        link = machine.link_bytes if place.nodes == 1 else min(machine.link_bytes, machine.fabric_bytes)
        flops = machine.flops * utilisation(machine.capability, in_fp32=in_fp32)
        return place.work.tokens_per_second(flops, link) * self._filled


def _lacking(place: Place, machine: Machine) -> str:
    parts, budget = place.memory, machine.memory_gib * USABLE_SHARE
    where = f"{place.nodes} nodes" if place.nodes > 1 else "one node"
    return (
        f"needs {place.need - budget:.1f} GiB more per GPU: {place.need:.1f} GiB (weights {parts.weights_gib:.1f}, "
        f"gradients {parts.gradients_gib:.1f}, optimizer {parts.optimizer_gib:.1f}, activations "
        f"{parts.activations_gib:.1f}), but training may use {budget:.1f} of "
        f"{machine.memory_gib:.1f} GiB, even with sharding {place.sharding} over {place.gpus} GPUs of {where}"
    )


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


def stand_in(of: Shape, max_context_tokens: int) -> Architecture:
    """A plain decoder of the size of a model of which only sizes are known."""
    return Architecture(
        family="llama",
        layers=of.layers,
        hidden_size=of.hidden,
        attention_heads=of.hidden // 64,
        key_value_heads=of.hidden // 64,
        vocabulary=of.vocabulary,
        max_context_tokens=max_context_tokens,
        intermediate_size=of.intermediate,
        tied_embeddings=True,
    )
