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
first moment. Gradient accumulation adds all gradients to every moment. Under autocast the 16-bit copies of all matrices
live from their first use until their backward pass (with checkpointing: until the forward pass ends).

The largest moment is the peak. `Memory.gradients_gib` tells all gradients; `Memory.activations_gib` what the peak holds
beyond weights, gradients and states, so that the parts add up to the peak even where gradients and activations are not
at their largest together.

Packing does not change a pass: a row of packed records is as long as a row with padding. Records of one row must not
attend to each other by a mask (fused attention takes their borders as lengths); a mask costs L bytes per token more.

Checked on the CPU against torch's allocator, within 10 % (tests/workloads/test_training_memory.py), and against the
figure of the ZeRO paper. Not checked: several GPUs, QLoRA's dequantised temporaries, recurrent layers.
"""

from dataclasses import dataclass
from typing import Literal

from modelyard.workloads.planner.memory import GIB, Memory
from modelyard.workloads.planner.training_layers import layer_bytes, norm_bytes
from modelyard.workloads.planner.training_projections import layer_groups
from modelyard.workloads.planner.training_settings import TrainingSettings
from modelyard.workloads.planner.training_states import TrainingStates, layer_parameters, training_states
from modelyard.workloads.presets import count
from modelyard.workloads.presets.architecture import Architecture

FRAMEWORK_GIB = 0.6
"""CUDA context, libraries' workspaces, NCCL: outside torch's allocator. Kaito 0.12's estimator.go states the same for
vLLM ("non-torch allocations ... ~0.6 GiB")."""

LOSS_CHUNKS = 8
"""Chunks of torchtune's CEWithChunkedOutputLoss (its default)."""

FUSED_LOSS_TOKENS = 1024
"""Tokens whose logits a fused linear cross entropy holds at once."""

MomentName = Literal["forward end", "loss", "last layer", "first layer", "step"]


@dataclass(frozen=True, slots=True)
class TrainingPeak:
    """One GPU's peak in bytes: what stays, and each moment on top of it."""

    states: TrainingStates
    moments: dict[MomentName, float]
    """Bytes at each moment beyond weights, adapters, states and buckets; gradients that exist then are in it."""

    @property
    def moment(self) -> MomentName:
        """The moment of the peak."""
        return max(self.moments, key=lambda name: self.moments[name])

    @property
    def bytes(self) -> float:
        """The peak, by torch's allocator: without CUDA's context."""
        states = self.states
        stay = states.weights + states.gathered + states.adapter + states.buckets + states.optimizer
        return stay + self.moments[self.moment]


def training_memory(
    architecture: Architecture, settings: TrainingSettings, *, framework_gib: float = FRAMEWORK_GIB
) -> Memory:
    """Memory of the GPU that holds the most, GiB; ``free_gib`` is left to who knows the GPU.

    Raises:
        UntrainableError: the model or its split cannot be trained so; the message says why.
    """
    peak = training_peak(architecture, settings)
    states = peak.states
    return Memory(
        weights_gib=(states.weights + states.gathered) / GIB,
        activations_gib=(peak.moments[peak.moment] - states.gradients) / GIB,
        framework_gib=framework_gib,
        gradients_gib=(states.gradients + states.buckets) / GIB,
        optimizer_gib=states.optimizer / GIB,
        adapter_gib=states.adapter / GIB,
    )


def training_peak(architecture: Architecture, settings: TrainingSettings) -> TrainingPeak:
    """What stays, and what each moment of a step adds.

    Raises:
        UntrainableError: as `training_memory`.
    """
    states = training_states(architecture, settings)
    tokens, split = settings.tokens, settings.tensor_parallel
    hidden, trains = architecture.hidden_size, settings.trains_weights
    layers = [(group.count, layer_bytes(architecture, group, settings)) for group in layer_groups(architecture)]
    kept = tokens * sum(number * layer.kept for number, layer in layers)
    # Of one layer: what it keeps where only inputs were kept before, and its temporaries.
    again = tokens * max(layer.kept + layer.temporary for _, layer in layers)
    temporary = tokens * max(layer.temporary for _, layer in layers)
    inputs = tokens * architecture.layers * hidden * settings.stream_bytes
    held = inputs if settings.gradient_checkpointing else kept
    head_weights = _head_weights(architecture)
    behind = tokens * (norm_bytes(architecture, settings) + hidden * settings.compute_bytes * trains)
    casts = _casts(architecture, settings, head_weights)
    gradients = states.gradients
    per_gradient = gradients / states.trained
    head = head_weights / split * _per_gradient(states, settings) * trains
    one_layer = layer_parameters(architecture) * per_gradient * trains
    forward, loss = _loss(architecture, settings)
    embedding = count.embedding(architecture) / split * _per_gradient(states, settings) * trains
    twice = embedding if architecture.tied_embeddings else 0.0
    late = one_layer if twice or not trains else one_layer + embedding
    last = held + head + (again if settings.gradient_checkpointing else temporary)
    moments: dict[MomentName, float] = {
        "forward end": held + behind + casts + forward,
        "loss": held + behind + loss + (0.0 if settings.gradient_checkpointing else casts),
        "last layer": last + (0.0 if settings.gradient_checkpointing else casts - 2 * head_weights * bool(casts)),
        "first layer": max(0.0, gradients - late) + again,
        "step": gradients + twice,
    }
    if settings.gradient_accumulation > 1:
        existing = {"forward end": gradients, "loss": gradients, "last layer": gradients, "first layer": late}
        moments = {name: value + existing.get(name, 0.0) for name, value in moments.items()}
    if settings.shards_weights and settings.data_parallel > 1 and trains:
        # The gradient of a whole layer, before it is summed and split.
        whole = layer_parameters(architecture) / split * settings.compute_bytes
        moments["last layer"] += whole
        moments["first layer"] += whole
    return TrainingPeak(states, moments)


def _per_gradient(states: TrainingStates, settings: TrainingSettings) -> float:
    """Bytes of one weight's gradient on one GPU, before tensor parallelism divides."""
    return states.gradients / states.trained * settings.tensor_parallel


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
        # Logits of all in 16 bit, and then their gradient; a chunk of them in fp32.
        return (value + 8 / LOSS_CHUNKS) * rows * width, (2 * value + 12 / LOSS_CHUNKS) * rows * width
    chunk = min(rows, FUSED_LOSS_TOKENS)
    return 0.0, 12.0 * chunk * width + rows * architecture.hidden_size * value
