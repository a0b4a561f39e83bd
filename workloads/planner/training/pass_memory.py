"""What one forward and backward pass holds on one GPU, moment by moment. See `training_memory`."""

from dataclasses import dataclass
from typing import Literal

from modelyard.workloads.planner.training.layers import layer_bytes, norm_bytes
from modelyard.workloads.planner.training.projections import layer_groups
from modelyard.workloads.planner.training.settings import TrainingSettings
from modelyard.workloads.planner.training.states import TrainingStates, layer_parameters
from modelyard.workloads.presets import count
from modelyard.workloads.presets.architecture import Architecture

FUSED_LOSS_TOKENS = 1024
"""Tokens whose logits a fused linear cross entropy holds at once."""

MomentName = Literal["forward end", "loss", "last layer", "first layer", "step"]


@dataclass(frozen=True, slots=True)
class TrainingPass:
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


def training_pass(architecture: Architecture, settings: TrainingSettings) -> TrainingPass:
    """The pass of one GPU; of how weights are split, only whether they are plays a part."""
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
    return TrainingPass(
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
