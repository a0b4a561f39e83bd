"""How fast a model trains, and what a run takes in hours: operations over peak, with stated shares of the peak.

::

    operations per token = forward + backward + (checkpointing: forward once more)
      full:               2 + 4 per active weight, and attention          (PaLM, arXiv:2204.02311, appendix B)
      LoRA, prompt, ...:  2 + 2 per active weight, and attention          (no gradients of frozen weights)
    compute seconds      = tokens x operations / (peak x utilisation)
    tokens per second    = tokens / (compute + communication that computing does not hide)

Utilisation is the share of the dense peak that operations with recomputation reach (hardware utilisation). Published
runs reach 30 to 63 % (GPT-2 124M on A100: nanoGPT 30 %, PyTorch from scratch 39 %, llm.c 63 %; fms-fsdp, Llama 2 7B on
128 A100: 57 %). We take 40 %, what plain PyTorch with fused attention reaches, and 20 % for fp32 without tensor cores'
help. QLoRA is slower by the dequantising: torchtune's Llama 3.1 8B reads 2413 tokens/s for QLoRA against 3083 for LoRA.
"""

from modelyard.workloads.planner.training_settings import TrainingSettings
from modelyard.workloads.planner.training_states import training_states
from modelyard.workloads.presets.architecture import Architecture

UTILISATION = 0.40
"""Share of the dense 16-bit peak."""

FP32_UTILISATION = 0.28
"""Share of the fp32 peak: what 45 minutes for WikiText-2, three epochs, on a T4 imply (2.66k tokens/s of GPT-2)."""

QLORA_SHARE = 2413 / 3083
"""Speed of QLoRA over LoRA's (torchtune README, Llama 3.1 8B, batch 2 x 2k, compiled and packed, RTX 4090)."""

LINK_SHARE = 0.7
"""Share of a link's rate that collectives reach. Our estimate."""

HIDDEN_SHARE = 0.5
"""Share of the data-parallel traffic that runs beside computing. Our estimate."""


def train_flop_per_token(architecture: Architecture, settings: TrainingSettings) -> float:
    """Operations of one token, recomputation included."""
    forward = architecture.forward_flop_per_token(settings.sequence_tokens)
    passes = 3.0 if settings.trains_weights else 2.0
    return forward * (passes + settings.gradient_checkpointing)


def tokens_per_second(
    architecture: Architecture,
    settings: TrainingSettings,
    *,
    peak_tflops: float,
    link_gb_per_s: float | None = None,
    utilisation: float | None = None,
) -> float:
    """Tokens per second of all GPUs together.

    Args:
        architecture: the model's shape.
        settings: how it is trained.
        peak_tflops: one GPU's dense peak in the format of the products, 10^12 operations per second.
        link_gb_per_s: of the slowest link between the GPUs, per GPU and direction, 10^9 bytes per second; None: there
            is one GPU, or its traffic is to be left out.
        utilisation: share of the peak; None: the stated one.

    Raises:
        UntrainableError: as `training_states`.
        ValueError: a rate or share is not positive.
    """
    share = utilisation or (FP32_UTILISATION if settings.precision == "fp32" else UTILISATION)
    if peak_tflops <= 0 or not 0 < share <= 1 or (link_gb_per_s is not None and link_gb_per_s <= 0):
        raise ValueError(f"peak {peak_tflops} TFLOP/s, share {share}, link {link_gb_per_s} GB/s: must be positive")
    if settings.method == "qlora":
        share *= QLORA_SHARE
    tokens = float(settings.tokens * settings.gradient_accumulation)
    work = tokens * train_flop_per_token(architecture, settings) / settings.tensor_parallel
    compute = work / (peak_tflops * 1e12 * share)
    waiting = 0.0
    if link_gb_per_s is not None:
        seconds_per_byte = 1 / (link_gb_per_s * 1e9 * LINK_SHARE)
        between = _data_parallel_bytes(architecture, settings) * seconds_per_byte
        inside = _tensor_parallel_bytes(architecture, settings) * seconds_per_byte
        waiting = inside + max(between * (1 - HIDDEN_SHARE), between - compute)
    return tokens / (compute + waiting) * settings.data_parallel


def run_hours(tokens: float, tokens_per_second: float, *, packing: bool = True, filled: float = 0.5) -> float:
    """Hours for that many tokens of data (all epochs).

    Without packing, rows are filled only to the share `filled`; the rest is padding, and is computed as well. Half is
    our estimate for short records; torchtune's measured gain of packing is 3.4 times on its data.

    Raises:
        ValueError: a number is not positive.
    """
    if tokens <= 0 or tokens_per_second <= 0 or not 0 < filled <= 1:
        raise ValueError(f"tokens {tokens}, tokens per second {tokens_per_second}, filled {filled}: must be positive")
    return tokens / (1.0 if packing else filled) / tokens_per_second / 3600


def _data_parallel_bytes(architecture: Architecture, settings: TrainingSettings) -> float:
    """Bytes that one GPU sends per step: a ring all-reduce of gradients, or gathering weights for each pass as well."""
    parallel = settings.data_parallel
    if parallel == 1:
        return 0.0
    ring = (parallel - 1) / parallel
    states = training_states(architecture, settings)
    if not settings.shards_weights:
        whole = states.gradients * (parallel if settings.sharding == "zero2" else 1)
        return 2 * ring * whole
    weights = architecture.parameters * settings.compute_bytes / settings.tensor_parallel
    gathers = 2 * settings.gradient_accumulation  # Forward, and again for backward.
    return ring * (gathers * weights + states.gradients * parallel)


def _tensor_parallel_bytes(architecture: Architecture, settings: TrainingSettings) -> float:
    """Bytes of the all-reduces behind attention and feed-forward layer, in each pass over the layers."""
    parallel = settings.tensor_parallel
    if parallel == 1:
        return 0.0
    passes = 2 + settings.gradient_checkpointing
    results = settings.tokens * settings.gradient_accumulation * architecture.hidden_size * settings.compute_bytes
    return 2 * (parallel - 1) / parallel * 2 * architecture.layers * passes * results
