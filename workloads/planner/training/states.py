"""States of training that a GPU holds throughout: weights, gradients, optimizer states, adapters. In bytes.

Per weight, with P weights of which T are trained, in bytes (a: weights, b: gradients, c: AdamW's two states)::

    fp32                      4 a   4 b    8 c
    16 bit, pure              2 a   2 b    4 c   torch's AdamW keeps its states in the format of the weights
    16 bit, autocast          4 a   4 b    8 c
    16 bit, master            2 a   2 b   12 c   states and copy in fp32 (16 bytes: ZeRO, arXiv:1910.02054, section 3)
    LoRA, prompt, prefix      2 a of P; 4 + 4 b + 8 c of T (peft 0.21 keeps added weights in fp32)
    QLoRA                     4.127 bits of the matrices in the layers, 2 bytes of the rest (presets.quantisation)

Other optimizers: 8-bit AdamW 2 bytes and 8 bytes of scales per 256 values, embeddings in fp32 (bitsandbytes 0.4x, and
the overrides of transformers' Trainer); SGD without momentum none; Adafactor a row and a column of fp32 per matrix
(arXiv:1804.04235, without momentum).

Splitting over D data-parallel GPUs divides c (ZeRO-1), b and c (ZeRO-2), or a, b and c (ZeRO-3, FSDP). Without it
DistributedDataParallel keeps a second copy of the gradients in its buckets (``gradient_as_bucket_view`` is off by
default, torch 2.13); DeepSpeed's ZeRO-1 and 2 keep a bucket of 5e8 values (``reduce_bucket_size``, its default).
Tensor parallelism divides matrices and embeddings by its size; norms, biases and routers are on every GPU.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from modelyard.workloads.planner.training.projections import count_adapter_parameters
from modelyard.workloads.planner.training.settings import SHARDS_WEIGHTS, Sharding, TrainingSettings, UntrainableError
from modelyard.workloads.presets import count
from modelyard.workloads.presets.architecture import Architecture
from modelyard.workloads.presets.quantisation import weight_bytes

REDUCE_BUCKET_VALUES = 500_000_000
"""DeepSpeed's ``reduce_bucket_size``."""

GATHERED_LAYERS = 2
"""Layers that FSDP holds whole: the current one and the one fetched ahead (torch's FSDP2)."""


_KNOWN_LAYERS = frozenset({"full", "sliding", "linear", "state_space", "feed_forward", "experts"})
"""Kinds of layers whose activations `layers` estimates."""


@dataclass(frozen=TYPE_CHECKING, slots=True)
class TrainingStates:
    """Bytes of the states on one GPU."""

    weights: float
    """Weights of the model as stored, split if sharded."""
    gathered: float
    """Weights of whole layers, fetched for computing if weights are split."""
    adapter: float
    gradients: float
    buckets: float
    """Copies of gradients on their way to other GPUs."""
    optimizer: float
    trained: int
    """Weights that are trained, on all GPUs."""


@dataclass(frozen=True, slots=True)
class UnshardedStates:
    """Bytes of the states on one GPU before sharding, from which every sharding follows."""

    weights: float
    gathered: float
    """Weights of the layers fetched at once if weights are split."""
    adapter: float
    gradients: float
    gradient_bytes: int
    """Bytes of one gradient value."""
    optimizer: float
    trained: int

    def shard(self, sharding: Sharding, data_parallel: int) -> TrainingStates:
        """Return the states on each of so many data-parallel GPUs."""
        shards_weights = sharding in SHARDS_WEIGHTS
        weights, adapter, gradients, optimizer = self.weights, self.adapter, self.gradients, self.optimizer
        gathered = buckets = 0.0
        if data_parallel > 1 and not shards_weights:
            buckets = gradients
            if sharding != "none":
                buckets = min(buckets, REDUCE_BUCKET_VALUES * self.gradient_bytes)
        if sharding != "none":
            optimizer /= data_parallel
        if sharding == "zero2" or shards_weights:
            gradients /= data_parallel
        if shards_weights:
            weights, adapter = weights / data_parallel, adapter / data_parallel
            gathered = self.gathered if data_parallel > 1 else 0.0
        return TrainingStates(weights, gathered, adapter, gradients, buckets, optimizer, self.trained)


def estimate_training_states(architecture: Architecture, settings: TrainingSettings) -> TrainingStates:
    """Estimate the states on one GPU.

    Raises:
        UntrainableError: tensor parallelism does not divide the heads, or the model is no language model.
    """
    return estimate_unsharded_states(architecture, settings).shard(settings.sharding, settings.data_parallel)


def estimate_unsharded_states(architecture: Architecture, settings: TrainingSettings) -> UnshardedStates:
    """Estimate the states on one GPU before sharding.

    Raises:
        UntrainableError: as `estimate_training_states`.
    """
    _validate(architecture, settings)
    extra = count_added_parameters(architecture, settings)
    trained = extra or architecture.parameters
    gradient = settings.adapter_bytes if extra else _gradient_bytes(settings)
    # One GPU's part of the trained weights. Adapters are small, and tensor parallelism does not divide them.
    share = float(trained) if extra else _weights_on_one_gpu(architecture, settings)
    base, gathered = _base_bytes(architecture, settings)
    return UnshardedStates(
        weights=base,
        gathered=gathered,
        adapter=float(extra * settings.adapter_bytes),
        gradients=share * gradient,
        gradient_bytes=gradient,
        optimizer=_optimizer_bytes(architecture, settings, extra) * share / trained,
        trained=trained,
    )


def count_added_parameters(architecture: Architecture, settings: TrainingSettings) -> int:
    """Count the weights that the method adds and trains; 0 if it trains the model's own."""
    if settings.adapts:
        return count_adapter_parameters(architecture, settings.lora_rank, settings.lora_targets)
    if settings.method == "prompt":
        return settings.virtual_tokens * architecture.hidden_size
    if settings.method == "prefix":
        keys = architecture.key_value_heads * architecture.width_of_head
        return settings.virtual_tokens * architecture.layers * 2 * keys
    return 0


def layer_parameters(architecture: Architecture) -> float:
    """Return the weights of one layer, the mean of all."""
    outside = count.embedding(architecture) * (1 if architecture.tied_embeddings else 2) + count.positions(architecture)
    return max(0.0, architecture.parameters - architecture.other_parameters - outside) / architecture.layers


def _validate(architecture: Architecture, settings: TrainingSettings) -> None:
    if architecture.kind == "diffusion":
        raise UntrainableError(f"{architecture.family} is a diffusion model; training is estimated for language models")
    unknown = sorted(set(architecture.kinds) - _KNOWN_LAYERS)
    if unknown:
        raise UntrainableError(f"training is not estimated for layers of kind {', '.join(unknown)}")
    heads, parallel = architecture.attention_heads, settings.tensor_parallel
    if heads % parallel:
        raise UntrainableError(f"tensor_parallel is {parallel}, which does not divide the {heads} attention heads")
    if settings.method == "prefix" and architecture.mla is not None:
        raise UntrainableError("prefix tuning needs keys and values per head; latent attention has none in its cache")


def _gradient_bytes(settings: TrainingSettings) -> int:
    return 4 if settings.precision == "fp32" or settings.weight_format == "autocast" else 2


def _weights_on_one_gpu(architecture: Architecture, settings: TrainingSettings) -> float:
    """Return the model's weights on one GPU after tensor parallelism."""
    parallel = settings.tensor_parallel
    if parallel == 1:
        return float(architecture.parameters)
    whole = count.embedding(architecture) * (1 if architecture.tied_embeddings else 2)
    divided = min(architecture.parameters, architecture.layer_matrices + whole)
    return divided / parallel + (architecture.parameters - divided)


def _base_bytes(architecture: Architecture, settings: TrainingSettings) -> tuple[float, float]:
    """Return the bytes of the model's weights as stored, and of the layers that are gathered whole for computing."""
    if settings.method == "qlora":
        dtype = "fp16" if settings.precision == "fp16" else "bf16"
        stored = float(weight_bytes(architecture, "bitsandbytes-nf4", dtype))
        per_weight = stored / architecture.parameters
    else:
        in_fp32 = settings.precision == "fp32" or settings.weight_format == "autocast"
        stored = _weights_on_one_gpu(architecture, settings) * (4 if in_fp32 else 2)
        per_weight = float(settings.compute_bytes)
    # FSDP2's root holds embedding, final norm and output layer, and keeps them from forward to backward.
    root = (
        architecture.parameters - architecture.other_parameters - architecture.layers * layer_parameters(architecture)
    )
    gathered = root * settings.compute_bytes + GATHERED_LAYERS * layer_parameters(architecture) * per_weight
    return stored, gathered / settings.tensor_parallel


def _optimizer_bytes(architecture: Architecture, settings: TrainingSettings, extra: int) -> float:
    """Return the bytes of optimizer states for all trained weights."""
    trained = extra or architecture.parameters
    in_fp32 = bool(extra) or settings.precision == "fp32" or settings.weight_format != "pure"
    copy = 4.0 * trained if not extra and settings.weight_format == "master" else 0.0
    if settings.optimizer == "adamw":
        value = settings.adapter_bytes if extra else (4 if in_fp32 else 2)
        return copy + 2.0 * value * trained
    if settings.optimizer == "adamw-8bit":
        embedding = 0 if extra else count.embedding(architecture) + count.positions(architecture)
        return copy + 8.0 * embedding + (2 + 2 * 4 / 256) * (trained - embedding)
    if settings.optimizer == "adafactor":
        # A matrix of r x c weights keeps r + c values: about twice the square root of its weights, if it is square.
        matrices = 7.0 * architecture.layers + 2
        return copy + 4.0 * 2 * (matrices * trained) ** 0.5
    return copy
