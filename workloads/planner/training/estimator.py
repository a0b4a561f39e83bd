"""Fine-tuning: the fewest nodes and the least sharding with which a method fits, and the hours of a run.

GPUs are data parallel, and the sharding decides which states they share. Sharded weights are gathered layer by layer,
so sharding costs time where links are slow, and the planner takes as little of it as fits.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from modelyard.workloads.planner import cost
from modelyard.workloads.planner.candidate import EstimateFields
from modelyard.workloads.planner.memory import Memory
from modelyard.workloads.planner.model_profile import ModelProfile
from modelyard.workloads.planner.request import Request
from modelyard.workloads.planner.roofline import Machine
from modelyard.workloads.planner.training.memory import Footprint
from modelyard.workloads.planner.training.settings import Method, Precision, TrainingSettings, UntrainableError
from modelyard.workloads.planner.training.speed import (
    TrainingWork,
    estimate_run_hours,
    estimate_training_work,
    text_share,
    utilisation,
)
from modelyard.workloads.planner.training.splits import TrainingSplit, TrainingSplits
from modelyard.workloads.presets.architecture import Architecture

USABLE_SHARE = 0.95
"""Share of a GPU's memory that training may take: torch's allocator leaves the rest unused between blocks. Our
estimate."""


@dataclass(frozen=TYPE_CHECKING, slots=True)
class TrainingEstimate:
    """Result for one machine: a split and its figures, or the reasons against it."""

    nodes: int
    gpus: int
    sharding: str
    memory: Memory
    tokens_per_second: float = 0.0
    hours: float = 0.0
    """Hours of one run, with the work that interruptions of spot nodes cost."""
    sequence_tokens: int = 0
    dtype: str = ""
    reasons: tuple[str, ...] = ()

    def fields(self, gpus_per_node: int, batch_sequences: int) -> EstimateFields:
        """Return the fields of a candidate."""
        sequences = batch_sequences * self.gpus
        return EstimateFields(
            nodes=self.nodes,
            gpus_per_node=gpus_per_node,
            tensor_parallel=1,
            pipeline_parallel=1,
            data_parallel=self.gpus,
            expert_parallel=1,
            mig_profile="",
            sharding=self.sharding,
            dtype=self.dtype,
            max_context_tokens=self.sequence_tokens,
            max_concurrency=sequences,
            concurrency=sequences,
            gpu_memory_gib=self.memory,
            tokens_per_second=self.tokens_per_second,
            time_to_first_token_ms=None,
            inter_token_latency_ms=None,
        )


class TrainingEstimator:
    """Estimates of one request on many machines; memory and work of each split are computed once."""

    def __init__(self, request: Request, architecture: Architecture, scale: float = 1.0) -> None:
        """Prepare the estimates; `scale` is the model's weights, with the margin, over those of the architecture."""
        self.request = request
        self.architecture = architecture
        self.scale = scale
        self.sequence_tokens = request.training_sequence_tokens
        self._tokens = request.fine_tune.dataset_tokens * request.fine_tune.epochs
        self._text_share = text_share(packing=request.fine_tune.packing)
        self._footprints: dict[Precision, Footprint | str] = {}
        self._splits: dict[tuple[int, Precision], TrainingSplits] = {}
        self._works: dict[tuple[int, str, Precision], TrainingWork] = {}

    def estimate(self, machine: Machine, dtype: str) -> TrainingEstimate:
        """Estimate a run on the fewest nodes of that machine on which the method fits, with the least sharding."""
        precision: Precision = "fp32" if dtype == "fp32" else "bf16"  # fp16 takes as much of everything.
        footprint = self.footprint(precision)
        if isinstance(footprint, str):
            return TrainingEstimate(1, machine.gpus, "none", Memory(), reasons=(footprint,))
        budget = machine.memory_gib * USABLE_SHARE
        split = self.splits(footprint, machine.gpus, precision).find_first(budget)
        memory = split.memory.on(machine.memory_gib)
        if split.total > budget:
            reason = _describe_lack(split, budget, machine)
            return TrainingEstimate(split.nodes, split.gpus, split.sharding, memory, reasons=(reason,))
        # A ring over several nodes is as fast as its slowest link; all of a node's traffic is one GPU's in such a ring.
        link = machine.link_bytes if split.nodes == 1 else min(machine.link_bytes, machine.fabric_bytes)
        flops = machine.flops * utilisation(machine.capability, in_fp32=precision == "fp32")
        rate = self.work(footprint, split, precision).tokens_per_second(flops, link) * self._text_share
        hours = cost.run_hours(estimate_run_hours(self._tokens, rate), split.nodes, spot=self.request.spot)
        return TrainingEstimate(
            split.nodes, split.gpus, split.sharding, memory, rate, hours, self.sequence_tokens, dtype
        )

    def footprint(self, precision: Precision) -> Footprint | str:
        """Return the memory of the model on any number of GPUs, or the reason why it cannot be trained."""
        if precision not in self._footprints:
            try:
                self._footprints[precision] = Footprint(self.architecture, self.settings(precision))
            except UntrainableError as error:
                self._footprints[precision] = str(error)
        return self._footprints[precision]

    def splits(self, footprint: Footprint, gpus_per_node: int, precision: Precision) -> TrainingSplits:
        """Return the splits over nodes of so many GPUs."""
        key = (gpus_per_node, precision)
        if key not in self._splits:
            sharding, nodes = self.request.fine_tune.sharding, self.request.max_nodes
            self._splits[key] = TrainingSplits(footprint, gpus_per_node, nodes, sharding, self.scale)
        return self._splits[key]

    def work(self, footprint: Footprint, split: TrainingSplit, precision: Precision) -> TrainingWork:
        """Return the work of one step of that split, on any machine."""
        key = (split.gpus, split.sharding, precision)
        if key not in self._works:
            self._works[key] = estimate_training_work(footprint, split.sharding, split.gpus, scale=self.scale)
        return self._works[key]

    def settings(self, precision: Precision) -> TrainingSettings:
        """Return the request's settings for one GPU that shares nothing."""
        options = self.request.fine_tune
        return TrainingSettings(
            method=self.method,
            precision=precision,
            optimizer=options.optimizer,
            sequence_tokens=self.sequence_tokens,
            batch_sequences=options.batch_sequences,
            gradient_checkpointing=options.gradient_checkpointing,
            lora_rank=options.lora_rank,
            virtual_tokens=options.virtual_tokens,
        )

    @property
    def method(self) -> Method:
        """Method of fine-tuning, which the request calls its task."""
        task = self.request.task
        assert task not in {"serve", "batch"}  # noqa: S101 - plan() sends those to the serving estimator
        return task  # pyright: ignore[reportReturnType]


def _describe_lack(split: TrainingSplit, budget: float, machine: Machine) -> str:
    parts = split.memory
    nodes = f"{split.nodes} nodes" if split.nodes > 1 else "one node"
    return (
        f"needs {split.total - budget:.1f} GiB more per GPU: {split.total:.1f} GiB (weights {parts.weights_gib:.1f}, "
        f"gradients {parts.gradients_gib:.1f}, optimizer {parts.optimizer_gib:.1f}, activations "
        f"{parts.activations_gib:.1f}), but training may use {budget:.1f} of {machine.memory_gib:.1f} GiB, "
        f"even with sharding {split.sharding} over {split.gpus} GPUs of {nodes}"
    )


def build_stand_in(profile: ModelProfile, max_context_tokens: int) -> Architecture:
    """Build a plain decoder of the size of a model of which only sizes are known."""
    return Architecture(
        family="llama",
        layers=profile.layers,
        hidden_size=profile.hidden,
        attention_heads=profile.hidden // 64,
        key_value_heads=profile.hidden // 64,
        vocabulary=profile.vocabulary,
        max_context_tokens=max_context_tokens,
        intermediate_size=profile.intermediate,
        tied_embeddings=True,
    )
