"""Memory of one forward and backward pass on one GPU, moment by moment. See `memory`."""

from dataclasses import dataclass
from typing import Literal

from modelyard.workloads.planner.training.layer import estimate_norm
from modelyard.workloads.planner.training.layers import estimate_layer_bytes
from modelyard.workloads.planner.training.projections import group_layers
from modelyard.workloads.planner.training.settings import TrainingSettings
from modelyard.workloads.planner.training.states import TrainingStates, layer_parameters
from modelyard.workloads.presets import count
from modelyard.workloads.presets.architecture import Architecture

FUSED_LOSS_TOKENS = 1024
"""Tokens whose logits a fused linear cross entropy holds at once."""

MomentName = Literal["forward end", "loss", "last layer", "first layer", "step"]


@dataclass(frozen=True, slots=True)
class TrainingPass:
    """Bytes of a pass on one GPU, without gradients; of the sharding, only a split of the weights matters here."""

    activations: float
    """Activations that all layers hold from the forward pass to the backward pass."""
    forward_end: float
    """Bytes beyond `activations`, as `loss` and `last_layer`."""
    loss: float
    last_layer: float
    first_layer: float
    """Bytes that the first layer keeps and needs."""
    head: float
    """Trained weights of the output layer; as the next two, 0 where the model's own weights are frozen."""
    layer: float
    embedding: float
    tied: bool
    trains: bool
    accumulates: bool
    whole_layer: float
    """Gradient of one layer before it is summed and split, where weights are split."""
    tensor_parallel: int

    def moments(self, states: TrainingStates, data_parallel: int) -> dict[MomentName, float]:
        """Return the bytes at each moment beyond the states that stay, gradients included."""
        gradients = states.gradients
        value_bytes = gradients / states.trained
        undivided = value_bytes * self.tensor_parallel  # Head and embedding are one GPU's part of them.
        one_layer, embedding = self.layer * value_bytes, self.embedding * undivided
        twice = embedding if self.tied else 0.0
        late = one_layer if twice or not self.trains else one_layer + embedding
        moments: dict[MomentName, float] = {
            "forward end": self.activations + self.forward_end,
            "loss": self.activations + self.loss,
            "last layer": self.activations + self.head * undivided + self.last_layer,
            "first layer": max(0.0, gradients - late) + self.first_layer,
            "step": gradients + twice,
        }
        if self.accumulates:
            earlier = {"forward end": gradients, "loss": gradients, "last layer": gradients, "first layer": late}
            moments = {name: value + earlier.get(name, 0.0) for name, value in moments.items()}
        if data_parallel > 1:
            moments["last layer"] += self.whole_layer
            moments["first layer"] += self.whole_layer
        return moments


def estimate_pass(architecture: Architecture, settings: TrainingSettings) -> TrainingPass:
    """Estimate the pass of one GPU; of the sharding, only a split of the weights matters."""
    tokens, split = settings.tokens, settings.tensor_parallel
    hidden, trains = architecture.hidden_size, settings.trains_weights
    checkpointing = settings.gradient_checkpointing
    layers = [
        (group.count, estimate_layer_bytes(architecture, group, settings)) for group in group_layers(architecture)
    ]
    # Of one layer: what it keeps where only inputs were kept before, and its temporaries.
    recomputed = tokens * max(layer.activations + layer.temporary for _, layer in layers)
    temporary = tokens * max(layer.temporary for _, layer in layers)
    inputs = tokens * architecture.layers * hidden * settings.stream_bytes
    activations = inputs if checkpointing else tokens * sum(number * layer.activations for number, layer in layers)
    if settings.offloads_inputs:
        activations = 0.0
    head_weights = _head_weights(architecture)
    behind = tokens * (estimate_norm(architecture, settings, hidden) + hidden * settings.compute_bytes * trains)
    casts = _casts(architecture, settings, head_weights)
    forward, loss = _loss(architecture, settings)
    layer = layer_parameters(architecture) * trains
    return TrainingPass(
        activations=activations,
        forward_end=behind + casts + forward,
        loss=behind + loss + (0.0 if checkpointing else casts),
        last_layer=recomputed if checkpointing else temporary + casts - 2 * head_weights * bool(casts),
        first_layer=recomputed,
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
    """Return the weights of the output layer: over the vocabulary, or over an encoder's labels."""
    if architecture.kind == "encoder":
        return architecture.hidden_size * architecture.labels
    return count.embedding(architecture)


def _casts(architecture: Architecture, settings: TrainingSettings, head_weights: int) -> float:
    """Return the bytes of autocast's 16-bit copies of all matrices."""
    if not settings.casts or not settings.trains_weights:
        return 0.0
    return 2.0 * (architecture.layer_matrices + head_weights) / settings.tensor_parallel


def _loss(architecture: Architecture, settings: TrainingSettings) -> tuple[float, float]:
    """Return the bytes at the end of the forward pass and at the loss's gradient, for all tokens of the pass."""
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
