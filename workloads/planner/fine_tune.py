"""Fine-tuning: the fewest nodes and the least sharding with which a method fits, and how long a run takes.

GPUs are data parallel; what they share is decided by the sharding. Sharded weights are gathered layer by layer, so
sharding costs time where links are slow, and the planner takes as little of it as fits.
"""

from dataclasses import dataclass, field
from typing import Literal

from modelyard.workloads.planner.memory import Memory
from modelyard.workloads.planner.request import Request, Sharding
from modelyard.workloads.planner.roofline import LINK_SHARE, Machine
from modelyard.workloads.planner.shape import Shape
from modelyard.workloads.planner.training_memory import training_memory
from modelyard.workloads.planner.training_settings import Precision, TrainingSettings, UntrainableError
from modelyard.workloads.presets.architecture import Architecture

_SHARDINGS: tuple[Sharding, ...] = ("none", "zero2", "fsdp")
"""Tried in this order: each gathers more than the one before."""

USABLE_SHARE = 0.95
"""Of a GPU's memory that training may take: what torch's allocator leaves unused between blocks. Our estimate."""

_FLOP_SHARE = {"full": 1.0, "lora": 0.70, "qlora": 0.75, "prompt": 0.68, "prefix": 0.67}
"""Operations against full fine-tuning. Frozen weights get no gradient of their own: forward and the gradient of the
activations remain, two thirds; adapters and unpacking of 4-bit weights come on top. torchtune on an A100, 3B, packed
and compiled, with activation checkpointing: full 7210, LoRA 8210, QLoRA 8035 tokens/s (facts of its README)."""

_COMPUTE_SHARE = {7: 0.30, 8: 0.45, 9: 0.38}
"""Of the dense peak that training reaches, by major compute capability. A100: 0.30 (nanoGPT) to 0.63 (llm.c) on GPT-2,
0.57 fms-fsdp on Llama-2-7B; H100: 0.40 (llm.c). T4: its base clock gives 0.37 of the peak."""
_COMPUTE_SHARE_LATER = 0.38

_CHECKPOINTING = 4 / 3
"""Activation checkpointing computes the forward pass twice: 4 parts of work in place of 3."""

UNPACKED_SHARE = 0.3
"""Of a batch that is text and not padding, without packing. torchtune: 2091 tokens/s unpacked, 7075 packed."""


@dataclass(frozen=True, slots=True)
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


@dataclass(slots=True)
class Tuning:
    """One request's table of memory per number of GPUs; `on` asks it for one machine."""

    request: Request
    architecture: Architecture
    shape: Shape
    scale: float = 1.0
    """For sizes that are only known in sum: real weights against the stand-in's, with the margin."""
    _memory: dict[tuple[int, str, str], Memory | str] = field(default_factory=dict)

    @property
    def sequence_tokens(self) -> int:
        """Tokens of one training sequence, the default filled in."""
        return self.request.training_sequence_tokens

    def on(self, machine: Machine, dtype: str) -> Tuned:
        """The fewest nodes of that machine on which the method fits, with the least sharding."""
        budget = machine.memory_gib * USABLE_SHARE
        asked = self.request.fine_tune.sharding
        worst: tuple[float, Tuned] | None = None
        for nodes in range(1, self.request.max_nodes + 1):
            gpus = nodes * machine.gpus
            for sharding in (asked,) if asked else _SHARDINGS if gpus > 1 else _SHARDINGS[:1]:
                memory = self.memory(gpus, sharding, dtype)
                if isinstance(memory, str):
                    return Tuned(nodes, gpus, sharding, Memory(), reasons=(memory,))
                lacking = memory.total_gib - budget
                if lacking <= 0:
                    rate = self.tokens_per_second(machine, gpus, sharding)
                    return Tuned(
                        nodes, gpus, sharding, memory.on(machine.memory_gib), rate, self.sequence_tokens, dtype
                    )
                if worst is None or lacking < worst[0]:
                    worst = (lacking, Tuned(nodes, gpus, sharding, memory.on(machine.memory_gib)))
        assert worst is not None  # noqa: S101 - there is at least one node
        lacking, tuned = worst
        where = f"{tuned.nodes} nodes" if tuned.nodes > 1 else "one node"
        parts = tuned.memory
        return Tuned(
            tuned.nodes,
            tuned.gpus,
            tuned.sharding,
            parts,
            reasons=(
                f"needs {lacking:.1f} GiB more per GPU: {parts.total_gib:.1f} GiB (weights {parts.weights_gib:.1f}, "
                f"gradients {parts.gradients_gib:.1f}, optimizer {parts.optimizer_gib:.1f}, activations "
                f"{parts.activations_gib:.1f}), but training may use {budget:.1f} of {machine.memory_gib:.1f} GiB, "
                f"even with sharding {tuned.sharding} over {tuned.gpus} GPUs of {where}",
            ),
        )

    def memory(self, gpus: int, sharding: Sharding, dtype: str) -> Memory | str:
        """What one GPU holds, or why it cannot be trained."""
        key = (gpus, sharding, dtype)
        if key not in self._memory:
            try:
                found = training_memory(self.architecture, self.settings(gpus, sharding, dtype))
            except UntrainableError as wrong:
                self._memory[key] = str(wrong)
            else:
                self._memory[key] = _scaled(found, self.scale)
        return self._memory[key]

    def settings(self, gpus: int, sharding: Sharding, dtype: str) -> TrainingSettings:
        """The request in the terms of one GPU."""
        asked = self.request.fine_tune
        formats: dict[str, Precision] = {"fp32": "fp32", "fp16": "fp16"}
        return TrainingSettings(
            method=self.method,
            precision=formats.get(dtype, "bf16"),
            optimizer=asked.optimizer,
            sequence_tokens=self.sequence_tokens,
            batch_sequences=asked.batch_sequences,
            gradient_checkpointing=asked.gradient_checkpointing,
            sharding=sharding,
            data_parallel=gpus,
            lora_rank=asked.lora_rank,
            virtual_tokens=asked.virtual_tokens,
        )

    @property
    def method(self) -> Literal["full", "lora", "qlora", "prompt", "prefix"]:
        """The task, which is a method here."""
        task = self.request.task
        assert task not in {"serve", "batch"}  # noqa: S101 - plan() sends those elsewhere
        return task  # pyright: ignore[reportReturnType]

    def tokens_per_second(self, machine: Machine, gpus: int, sharding: Sharding) -> float:
        """Text tokens trained per second by all GPUs."""
        asked = self.request.fine_tune
        tokens = self.sequence_tokens * asked.batch_sequences
        share = _COMPUTE_SHARE.get(machine.capability, _COMPUTE_SHARE_LATER)
        flop = self.architecture.train_flop_per_token(self.sequence_tokens) * _FLOP_SHARE[self.method] * self.scale
        flop *= _CHECKPOINTING if asked.gradient_checkpointing else 1.0
        seconds = tokens * flop / (machine.flops * share) + self._exchange(machine, gpus, sharding)
        return gpus * tokens / seconds * (1.0 if asked.packing else UNPACKED_SHARE)

    def _exchange(self, machine: Machine, gpus: int, sharding: Sharding) -> float:
        """Seconds of collectives of one step that computing does not hide; half is taken to overlap with it."""
        if gpus == 1:
            return 0.0
        weights = self.shape.weights
        gathered = 2 * weights if sharding in {"fsdp", "zero3"} else 0.0  # Forward and backward.
        gradients = 2 * weights if self.method == "full" else 0.02 * weights
        rate = machine.link_bytes if gpus <= machine.gpus else min(machine.link_bytes, machine.fabric_bytes)
        return 0.5 * (gathered + gradients) * (gpus - 1) / gpus / (rate * LINK_SHARE)


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
