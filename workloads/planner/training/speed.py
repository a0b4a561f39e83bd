"""Speed of training, and the hours of a run: operations over peak, with stated shares of the peak.

::

    operations per token = forward + backward + (checkpointing: forward once more)
      full:               2 + 4 per active weight, and attention          (PaLM, arXiv:2204.02311, appendix B)
      LoRA, prompt, ...:  2 + 2 per active weight, and attention          (no gradients of frozen weights)
    compute seconds      = tokens x operations / (peak x utilisation)
    tokens per second    = text tokens / (compute + communication that computing does not hide)

Utilisation is the share of the dense peak that operations reach, those of checkpointing counted (hardware utilisation).
Published figures lie between 30 % (nanoGPT, GPT-2 on an A100) and 65 % (torchtune, compiled, Llama 3.2 3B on an A100),
so that a run may well take two thirds or one and a half times of the estimate. The comparison with each published
figure is tests/unit/workloads/planner/training/test_speed.py.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from modelyard.workloads.planner.training.memory import Footprint
from modelyard.workloads.planner.training.settings import SHARDS_WEIGHTS, Sharding, TrainingSettings
from modelyard.workloads.planner.training.states import TrainingStates
from modelyard.workloads.presets.architecture import Architecture

_UTILISATION = {7: 0.30, 8: 0.45, 9: 0.38}
"""Share of the dense 16-bit peak, by compute capability's major number. A100: 0.30 (nanoGPT), 0.39 (LLMs-from-scratch),
0.57 (fms-fsdp, Llama 2 7B), 0.63 (llm.c), 0.65 (torchtune); the middle of those that run plain PyTorch. H100: 0.40
(llm.c). T4: its base clock gives 0.37 of the peak, and it throttles; our estimate."""
_UTILISATION_LATER = 0.38
"""Share of the peak on newer GPUs: our assumption, as for the H100."""

FP32_UTILISATION = 0.28
"""Share of the fp32 peak that 45 minutes for three epochs of WikiText-2 on a T4 imply (2.66k tokens/s of GPT-2)."""

QLORA_SHARE = 0.875
"""Speed of QLoRA over LoRA's, for unpacking 4-bit weights. torchtune's README: 8035 over 8210 tokens/s on an A100 (3B,
4k), 2413 over 3083 on an RTX 4090 (8B, 2k); the geometric mean of both."""

FILLED_SHARE = 2091 / 7075
"""Share of a batch that is text and not padding, without packing: torchtune's README, tokens/s on an A100 without
and with packing (instructions of Alpaca; longer records fill more)."""

LINK_SHARE = 0.7
"""Share of a link's rate that collectives reach. Our estimate; nccl-tests reach 0.7 to 0.8 with large messages."""

HIDDEN_SHARE = 0.5
"""Share of the data-parallel traffic that runs beside computing. Our estimate."""


def utilisation(capability: int, *, in_fp32: bool = False) -> float:
    """Return the share of the dense peak in training, by the major number of a GPU's compute capability."""
    return FP32_UTILISATION if in_fp32 else _UTILISATION.get(capability, _UTILISATION_LATER)


def train_flop_per_token(architecture: Architecture, settings: TrainingSettings) -> float:
    """Return the operations of one token, recomputation included."""
    forward = architecture.forward_flop_per_token(settings.sequence_tokens)
    passes = 3.0 if settings.trains_weights else 2.0
    return forward * (passes + settings.gradient_checkpointing)


@dataclass(frozen=TYPE_CHECKING, slots=True)
class TrainingWork:
    """Work of one training step, the same on every machine."""

    tokens: float
    """Tokens trained by all GPUs, padding counted."""
    flop: float
    """Operations of one GPU, with QLoRA's unpacking counted as operations."""
    between: float
    """Bytes that one GPU sends to its data-parallel peers, in part beside computing."""
    inside: float
    """Bytes that one GPU sends to its tensor-parallel peers, for which computing waits."""

    def tokens_per_second(self, flops: float, link: float) -> float:
        """Return the tokens per second of all GPUs, padding counted.

        Args:
            flops: operations per second that one GPU reaches.
            link: bytes per second and direction of the slowest link between the GPUs; of no matter with one GPU.
        """
        compute = self.flop / flops
        between, inside = self.between / (link * LINK_SHARE), self.inside / (link * LINK_SHARE)
        return self.tokens / (compute + inside + max(between * (1 - HIDDEN_SHARE), between - compute))


def estimate_training_work(
    footprint: Footprint, sharding: Sharding, data_parallel: int, *, scale: float = 1.0
) -> TrainingWork:
    """Estimate one step on so many data-parallel GPUs; `scale` is the real weights over the architecture's."""
    architecture, settings = footprint.architecture, footprint.settings
    passes = settings.gradient_accumulation
    flop = settings.tokens * passes * train_flop_per_token(architecture, settings) / settings.tensor_parallel
    if settings.method == "qlora":
        flop /= QLORA_SHARE
    states = footprint.states.shard(sharding, data_parallel)
    return TrainingWork(
        tokens=float(settings.batch_sequences * settings.sequence_tokens * passes * data_parallel),
        flop=flop * scale,
        between=_between_bytes(architecture, settings, states, sharding, data_parallel) * scale,
        inside=_inside_bytes(architecture, settings) * scale,
    )


def estimate_tokens_per_second(
    architecture: Architecture,
    settings: TrainingSettings,
    *,
    peak_tflops: float,
    link_gb_per_s: float | None = None,
    capability: int = 8,
) -> float:
    """Estimate the tokens per second of all GPUs together, padding counted.

    Args:
        architecture: the model's shape.
        settings: the method and its settings.
        peak_tflops: one GPU's dense peak in the format of the products, 10^12 operations per second.
        link_gb_per_s: rate of the slowest link between the GPUs, per GPU and direction, 10^9 bytes per second; None:
            leave the traffic out, as with one GPU.
        capability: major number of the GPU's compute capability.

    Raises:
        UntrainableError: as `estimate_training_states`.
        ValueError: a rate is not positive.
    """
    if peak_tflops <= 0 or (link_gb_per_s is not None and link_gb_per_s <= 0):
        raise ValueError(f"peak {peak_tflops} TFLOP/s, link {link_gb_per_s} GB/s: must be positive")
    work = estimate_training_work(Footprint(architecture, settings), settings.sharding, settings.data_parallel)
    flops = peak_tflops * 1e12 * utilisation(capability, in_fp32=settings.precision == "fp32")
    return work.tokens_per_second(flops, float("inf") if link_gb_per_s is None else link_gb_per_s * 1e9)


def text_share(*, packing: bool) -> float:
    """Return the share of a batch's tokens that are text: all with packing, else the rest is padding."""
    return 1.0 if packing else FILLED_SHARE


def estimate_run_hours(tokens: float, tokens_per_second: float) -> float:
    """Estimate the hours for so many tokens of text (data x epochs) at so many tokens of text per second.

    Raises:
        ValueError: a number is not positive.
    """
    if tokens <= 0 or tokens_per_second <= 0:
        raise ValueError(f"tokens {tokens}, tokens per second {tokens_per_second}: must be positive")
    return tokens / tokens_per_second / 3600


def _between_bytes(
    architecture: Architecture, settings: TrainingSettings, states: TrainingStates, sharding: Sharding, parallel: int
) -> float:
    """Return the bytes that one GPU sends per step, for a ring all-reduce of gradients or for weights per pass."""
    if parallel == 1:
        return 0.0
    ring = (parallel - 1) / parallel
    if sharding not in SHARDS_WEIGHTS:
        whole = states.gradients * (parallel if sharding == "zero2" else 1)
        return 2 * ring * whole
    weights = architecture.parameters * settings.compute_bytes / settings.tensor_parallel
    gathers = 2 * settings.gradient_accumulation  # Forward, and again for backward.
    return ring * (gathers * weights + states.gradients * parallel)


def _inside_bytes(architecture: Architecture, settings: TrainingSettings) -> float:
    """Return the bytes of the all-reduces behind attention and feed-forward layer, in each pass over the layers."""
    parallel = settings.tensor_parallel
    if parallel == 1:
        return 0.0
    passes = 2 + settings.gradient_checkpointing
    results = settings.tokens * settings.gradient_accumulation * architecture.hidden_size * settings.compute_bytes
    return 2 * (parallel - 1) / parallel * 2 * architecture.layers * passes * results
