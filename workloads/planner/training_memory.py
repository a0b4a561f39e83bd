"""Peak memory of one GPU in training, part by part.

Weights, gradients and states stay (`training_states`). On top of them a step has moments at which it may hold the most,
all in steady state (second step on, gradients dropped after each step with ``set_to_none``)::

    forward end   what all layers keep + logits, their fp32 copy and its log-softmax: (v + 8) V per token
    loss          what all layers keep + 12 V per token: log-softmax, its gradient, the loss's, each in fp32
    last layer    what all layers keep + the output layer's gradient + that layer's temporaries
    first layer   all gradients but that layer's + what that layer keeps + its temporaries
    step          all gradients; a tied embedding's second contribution before it (fused AdamW needs nothing more)

V is the vocabulary, v the bytes of a value; what a layer keeps is in `training_layers`. Gradient checkpointing replaces
what the layers keep by their inputs (d per token and layer), and adds one layer, computed again, to the last and the
first moment; with offloading the inputs wait in the host's memory. Gradient accumulation adds all gradients to every
moment. Under autocast the 16-bit copies of all matrices live from their first use until their backward pass (with
checkpointing: until the forward pass ends).

The largest moment is the peak. `Memory.gradients_gib` tells all gradients; `Memory.activations_gib` what the peak holds
beyond weights, gradients and states, so that the parts add up to the peak even where gradients and activations are not
at their largest together.

Packing does not change a pass: a row of packed records is as long as a row with padding. Records of one row must not
attend to each other by a mask (fused attention takes their borders as lengths); a mask costs L bytes per token more.

Checked on the CPU against torch's allocator, within 10 % (tests/workloads/test_training_memory.py), and against the
figures of the ZeRO paper and of torchtune's README (tests/unit/workloads/planner). Not checked: recurrent layers.
"""

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from modelyard.workloads.planner.memory import GIB, Memory
from modelyard.workloads.planner.training_layers import layer_bytes, norm_bytes
from modelyard.workloads.planner.training_projections import layer_groups
from modelyard.workloads.planner.training_settings import SHARDS_WEIGHTS, Sharding, TrainingSettings
from modelyard.workloads.planner.training_states import TrainingStates, layer_parameters, whole_states
from modelyard.workloads.presets import count
from modelyard.workloads.presets.architecture import Architecture

FRAMEWORK_GIB = 0.6
"""CUDA context, libraries' workspaces, NCCL: outside torch's allocator. Kaito 0.12's estimator.go states the same for
vLLM ("non-torch allocations ... ~0.6 GiB")."""

FUSED_LOSS_TOKENS = 1024
"""Tokens whose logits a fused linear cross entropy holds at once."""

MomentName = Literal["forward end", "loss", "last layer", "first layer", "step"]


@dataclass(frozen=TYPE_CHECKING, slots=True)
class TrainingPeak:
    """One GPU's peak in bytes: what stays, and each moment on top of it."""

    states: TrainingStates
    moments: dict[MomentName, float]
    """Bytes at each moment beyond weights, adapters, states and buckets; gradients that exist then are in it."""

    @property
    def moment(self) -> MomentName:
        """The moment of the peak."""
        return max(self.moments, key=self.moments.__getitem__)

    @property
    def bytes(self) -> float:
        """The peak, by torch's allocator: without CUDA's context."""
        states = self.states
        stay = states.weights + states.gathered + states.adapter + states.buckets + states.optimizer
        return stay + self.moments[self.moment]

    def memory(self, framework_gib: float = FRAMEWORK_GIB) -> Memory:
        """The same in GiB, part by part, with what is outside torch's allocator."""
        states = self.states
        return Memory(
            weights_gib=(states.weights + states.gathered) / GIB,
            activations_gib=(self.moments[self.moment] - states.gradients) / GIB,
            framework_gib=framework_gib,
            gradients_gib=(states.gradients + states.buckets) / GIB,
            optimizer_gib=states.optimizer / GIB,
            adapter_gib=states.adapter / GIB,
        )


def training_memory(
    architecture: Architecture, settings: TrainingSettings, *, framework_gib: float = FRAMEWORK_GIB
) -> Memory:
    """Memory of the GPU that holds the most, GiB; ``free_gib`` is left to who knows the GPU.

    Raises:
        UntrainableError: the model or its split cannot be trained so; the message says why.
    """
    return training_peak(architecture, settings).memory(framework_gib)


def training_peak(architecture: Architecture, settings: TrainingSettings) -> TrainingPeak:
    """What stays, and what each moment of a step adds.

    Raises:
        UntrainableError: as `training_memory`.
    """
    return Footprint(architecture, settings).peak(settings.sharding, settings.data_parallel)


class Footprint:
    """One model and method, of which the peaks of many splits over data-parallel GPUs are asked.

    A planner asks some dozens of splits of one model; what does not depend on the split is computed once. The settings'
    own sharding and number of data-parallel GPUs play no part.

    Raises:
        UntrainableError: as `training_memory`.
    """

    def __init__(self, architecture: Architecture, settings: TrainingSettings) -> None:
        self.architecture = architecture
        self.settings = settings
        self.states = whole_states(architecture, settings)
        self._passes: dict[bool, _Pass] = {}

    def peak(self, sharding: Sharding, data_parallel: int) -> TrainingPeak:
        """The peak of one of so many GPUs."""
        one = self._pass(shards_weights=sharding in SHARDS_WEIGHTS)
        states = self.states.split(sharding, data_parallel)
        return TrainingPeak(states, one.moments(states, data_parallel))

    def _pass(self, *, shards_weights: bool) -> "_Pass":
        shards_weights &= self.settings.trains_weights  # Frozen ones are gathered and cast as if they were whole.
        found = self._passes.get(shards_weights)
        if found is None:
            settings = dataclasses.replace(self.settings, sharding="fsdp" if shards_weights else "none")
            found = self._passes[shards_weights] = _measure(self.architecture, settings)
        return found


@dataclass(frozen=True, slots=True)
class _Pass:
    """What a pass holds on one GPU, in bytes without gradients; only whether weights are split matters here."""

    held: float
    """By all layers from the forward pass to the backward pass."""
    forward_end: float
    """Beyond what is held, as the next two."""
    loss: float
    last_layer: float
    first_layer: float
    """What the first layer keeps and needs."""
    head: float
    """Trained weights of the output layer; and so on: 0 where the model's own weights are frozen."""
    layer: float
    embedding: float
    tied: bool
    trains: bool
    accumulates: bool
    whole_layer: float
    """Gradient of one layer before it is summed and split, where weights are split."""
    tensor_parallel: int

    def moments(self, states: TrainingStates, data_parallel: int) -> dict[MomentName, float]:
        """Bytes at each moment beyond what stays, gradients included."""
        gradients = states.gradients
        each = gradients / states.trained
        undivided = each * self.tensor_parallel  # Head and embedding are told as one GPU's part of them.
        one_layer, embedding = self.layer * each, self.embedding * undivided
        twice = embedding if self.tied else 0.0
        late = one_layer if twice or not self.trains else one_layer + embedding
        moments: dict[MomentName, float] = {
            "forward end": self.held + self.forward_end,
            "loss": self.held + self.loss,
            "last layer": self.held + self.head * undivided + self.last_layer,
            "first layer": max(0.0, gradients - late) + self.first_layer,
            "step": gradients + twice,
        }
        if self.accumulates:
            existing = {"forward end": gradients, "loss": gradients, "last layer": gradients, "first layer": late}
            moments = {name: value + existing.get(name, 0.0) for name, value in moments.items()}
        if data_parallel > 1:
            moments["last layer"] += self.whole_layer
            moments["first layer"] += self.whole_layer
        return moments


def _measure(architecture: Architecture, settings: TrainingSettings) -> _Pass:
    tokens, split = settings.tokens, settings.tensor_parallel
    hidden, trains = architecture.hidden_size, settings.trains_weights
    checkpointing = settings.gradient_checkpointing
    layers = [(group.count, layer_bytes(architecture, group, settings)) for group in layer_groups(architecture)]
    # Of one layer: what it keeps where only inputs were kept before, and its temporaries.
    again = tokens * max(layer.kept + layer.temporary for _, layer in layers)
    temporary = tokens * max(layer.temporary for _, layer in layers)
    inputs = tokens * architecture.layers * hidden * settings.stream_bytes
    held = inputs if checkpointing else tokens * sum(number * layer.kept for number, layer in layers)
    if settings.offloads_inputs:
        held = 0.0
    head_weights = _head_weights(architecture)
    behind = tokens * (norm_bytes(architecture, settings) + hidden * settings.compute_bytes * trains)
    casts = _casts(architecture, settings, head_weights)
    forward, loss = _loss(architecture, settings)
    layer = layer_parameters(architecture) * trains
    return _Pass(
        held=held,
        forward_end=behind + casts + forward,
        loss=behind + loss + (0.0 if checkpointing else casts),
        last_layer=again if checkpointing else temporary + casts - 2 * head_weights * bool(casts),
        first_layer=again,
        head=head_weights / split * trains,
        layer=layer,
        embedding=count.embedding(architecture) / split * trains,
        tied=architecture.tied_embeddings,
        trains=trains,
        accumulates=settings.gradient_accumulation > 1,
        whole_layer=layer / split * settings.compute_bytes if settings.shards_weights else 0.0,
        tensor_parallel=split,
    )


def _head_weights(architecture: Architecture) -> int:
    """Weights of the output layer: over the vocabulary, or over an encoder's labels."""
    if architecture.kind == "encoder":
        return architecture.hidden_size * architecture.labels
    return count.embedding(architecture)


def _casts(architecture: Architecture, settings: TrainingSettings, head_weights: int) -> float:
    """16-bit copies of all matrices that autocast makes."""
    if not settings.casts or not settings.trains_weights:
        return 0.0
    return 2.0 * (architecture.layer_matrices + head_weights) / settings.tensor_parallel


def _loss(architecture: Architecture, settings: TrainingSettings) -> tuple[float, float]:
    """Bytes at the end of the forward pass and at the loss's gradient, for all tokens of the pass."""
    rows, value = settings.tokens, settings.compute_bytes
    if architecture.kind == "encoder":
        return 12.0 * settings.batch_sequences * architecture.labels, 12.0 * settings.batch_sequences
    width = architecture.vocabulary / settings.tensor_parallel
    capped = value * (architecture.family == "gemma2")
    if settings.loss == "full":
        whole = value if value == 2 else 4
        return (whole + (8 if value == 2 else 4) + capped) * rows * width, (12 + capped) * rows * width
    if settings.loss == "chunked":
        # Logits of all in 16 bit, whose gradient takes their place chunk by chunk.
        return value * rows * width, value * rows * width
    chunk = min(rows, FUSED_LOSS_TOKENS)
    return 0.0, 12.0 * chunk * width + rows * architecture.hidden_size * value
