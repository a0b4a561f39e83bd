"""Fine-tuning: the fewest nodes and the least sharding with which a method fits, and how long a run takes.

GPUs are data parallel; what they share is decided by the sharding. Sharded weights are gathered layer by layer, so
sharding costs time where links are slow, and the planner takes as little of it as fits.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from modelyard.workloads.planner import cost
from modelyard.workloads.planner.memory import Memory
from modelyard.workloads.planner.placement import Place, Placements
from modelyard.workloads.planner.request import Request
from modelyard.workloads.planner.roofline import Machine
from modelyard.workloads.planner.shape import Shape
from modelyard.workloads.planner.training.memory import Footprint
from modelyard.workloads.planner.training.settings import Method, Precision, TrainingSettings, UntrainableError
from modelyard.workloads.planner.training.speed import TrainingWork, filled, run_hours, training_work, utilisation
from modelyard.workloads.presets.architecture import Architecture

USABLE_SHARE = 0.95
"""Of a GPU's memory that training may take: what torch's allocator leaves unused between blocks. Our estimate."""


@dataclass(frozen=TYPE_CHECKING, slots=True)
class Tuned:
    """The result for one machine."""

    nodes: int
    gpus: int
    sharding: str
    memory: Memory
    tokens_per_second: float = 0.0
    hours: float = 0.0
    """Of one run, with the work that interruptions of spot nodes cost."""
    sequence_tokens: int = 0
    dtype: str = ""
    reasons: tuple[str, ...] = ()


class Tuning:
    """One request's splits with what they take; `on` asks them for one machine."""

    def __init__(self, request: Request, architecture: Architecture, scale: float = 1.0) -> None:
        """Scale: real weights against the architecture's, with the margin, where only sizes are known."""
        self.request = request
        self.architecture = architecture
        self.scale = scale
        self.sequence_tokens = request.training_sequence_tokens
        self._tokens = request.fine_tune.dataset_tokens * request.fine_tune.epochs
        self._filled = filled(packing=request.fine_tune.packing)
        self._footprints: dict[Precision, Footprint | str] = {}
        self._placements: dict[tuple[int, Precision], Placements] = {}
        self._works: dict[tuple[int, str, Precision], TrainingWork] = {}

    def on(self, machine: Machine, dtype: str) -> Tuned:
        """The fewest nodes of that machine on which the method fits, with the least sharding."""
        precision: Precision = "fp32" if dtype == "fp32" else "bf16"  # fp16 takes as much of everything.
        footprint = self.footprint(precision)
        if isinstance(footprint, str):
            return Tuned(1, machine.gpus, "none", Memory(), reasons=(footprint,))
        budget = machine.memory_gib * USABLE_SHARE
        place = self.placements(footprint, machine.gpus, precision).first(budget)
        memory = place.memory.on(machine.memory_gib)
        if place.need > budget:
            reason = _lacking(place, budget, machine)
            return Tuned(place.nodes, place.gpus, place.sharding, memory, reasons=(reason,))
        # A ring over several nodes is as fast as its slowest link; all of a node's traffic is one GPU's in such a ring.
        link = machine.link_bytes if place.nodes == 1 else min(machine.link_bytes, machine.fabric_bytes)
        flops = machine.flops * utilisation(machine.capability, in_fp32=precision == "fp32")
        rate = self.work(footprint, place, precision).tokens_per_second(flops, link) * self._filled
        hours = cost.run_hours(run_hours(self._tokens, rate), place.nodes, spot=self.request.spot)
        return Tuned(place.nodes, place.gpus, place.sharding, memory, rate, hours, self.sequence_tokens, dtype)

    def footprint(self, precision: Precision) -> Footprint | str:
        """What the model holds on any number of GPUs, or why it cannot be trained."""
        found = self._footprints.get(precision)
        if found is None:
            try:
                found = Footprint(self.architecture, self.settings(precision))
            except UntrainableError as wrong:
                found = str(wrong)
            self._footprints[precision] = found
        return found

    def placements(self, footprint: Footprint, gpus_per_node: int, precision: Precision) -> Placements:
        """The splits over nodes of so many GPUs."""
        key = (gpus_per_node, precision)
        found = self._placements.get(key)
        if found is None:
            asked, nodes = self.request.fine_tune.sharding, self.request.max_nodes
            found = self._placements[key] = Placements(footprint, gpus_per_node, nodes, asked, self.scale)
        return found

    def work(self, footprint: Footprint, place: Place, precision: Precision) -> TrainingWork:
        """What a step takes in that place, on any machine."""
        key = (place.gpus, place.sharding, precision)
        found = self._works.get(key)
        if found is None:
            found = self._works[key] = training_work(footprint, place.sharding, place.gpus, scale=self.scale)
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


def _lacking(place: Place, budget: float, machine: Machine) -> str:
    parts = place.memory
    where = f"{place.nodes} nodes" if place.nodes > 1 else "one node"
    return (
        f"needs {place.need - budget:.1f} GiB more per GPU: {place.need:.1f} GiB (weights {parts.weights_gib:.1f}, "
        f"gradients {parts.gradients_gib:.1f}, optimizer {parts.optimizer_gib:.1f}, activations "
        f"{parts.activations_gib:.1f}), but training may use {budget:.1f} of {machine.memory_gib:.1f} GiB, "
        f"even with sharding {place.sharding} over {place.gpus} GPUs of {where}"
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
