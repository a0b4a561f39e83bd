"""Bytes of a model's weights under each form of quantisation.

Quantisation replaces the large matrices inside the layers. Embedding and output layer, norms, biases, routers, short
convolutions, recurrent parameters and everything in `other_parameters` stay in 16 bit. Scales are counted: they are 3
to 6 % of a 4-bit model.
"""

from typing import Literal, get_args

from modelyard.workloads.presets.architecture import Architecture

Quantisation = Literal[
    "none",
    "int8",
    "awq-int4",
    "gptq-int4",
    "bitsandbytes-int8",
    "bitsandbytes-nf4",
    "fp8",
    "mxfp4",
    "fp8-mxfp4",
    "nvfp4",
    "int4-experts",
    "gptq-int4-experts",
]
Dtype = Literal["fp32", "bf16", "fp16"]

QUANTISATIONS: tuple[Quantisation, ...] = get_args(Quantisation)

BYTES: dict[str, int] = {"fp32": 4, "bf16": 2, "fp16": 2}

BITS_PER_WEIGHT: dict[str, float] = {
    # W8A8 of llm-compressor: an fp32 scale per output row, less than 0.01 bit at the widths of language models.
    "int8": 8.0,
    # Groups of 128: an fp16 scale and a 4-bit zero point (AutoAWQ 0.2 and GPTQ's usual file format).
    "awq-int4": 4 + (16 + 4) / 128,
    "gptq-int4": 4 + (16 + 4) / 128,
    # LLM.int8(): a scale per row; outlier columns are found at run time and cost no weights.
    "bitsandbytes-int8": 8.0,
    # QLoRA (arXiv:2305.14314, section 3): NF4 in blocks of 64, double quantisation leaves 0.127 bit of constants.
    "bitsandbytes-nf4": 4 + 0.127,
    # DeepSeek-V3's file: an fp32 scale for each block of 128 x 128.
    "fp8": 8 + 32 / 128**2,
    # Open Compute Project, Microscaling Formats 1.0: an 8-bit scale for each 32 values of 4 bits.
    "mxfp4": 4 + 8 / 32,
    # DeepSeek V4: routed experts as mxfp4 (``expert_dtype: fp4``), other matrices as fp8.
    "fp8-mxfp4": 4 + 8 / 32,
    # NVIDIA ModelOpt: an fp8 scale for each 16 values of 4 bits.
    "nvfp4": 4 + 8 / 16,
    # Kimi K2.5: compressed-tensors, symmetric, a bf16 scale for each 32 values of 4 bits.
    "int4-experts": 4 + 16 / 32,
    # Qwen3.5's own GPTQ files leave all but the routed experts in 16 bit.
    "gptq-int4-experts": 4 + (16 + 4) / 128,
}
"""Bits per weight of the matrices that are shortened most, scales included."""


EXPERTS_ONLY: frozenset[Quantisation] = frozenset({"mxfp4", "nvfp4", "int4-experts", "gptq-int4-experts", "fp8-mxfp4"})
"""Forms that shorten the experts alone, if any; nvfp4 the shared ones too (Mistral Small 4, Nemotron 3)."""

BESIDE_EXPERTS: dict[Quantisation, Quantisation] = {"fp8-mxfp4": "fp8"}
"""Forms of the other matrices beside experts with a form of their own, if not 16 bit."""


def count_quantised_weights(architecture: Architecture, quantisation: Quantisation) -> int:
    """Count the weights in the short form: the routed experts alone, or all matrices inside the layers."""
    if quantisation == "none" or architecture.kind == "diffusion":
        return 0
    if quantisation in EXPERTS_ONLY and architecture.experts:
        shared_weights = architecture.shared_expert_parameters if quantisation == "nvfp4" else 0
        return architecture.expert_parameters + shared_weights
    return architecture.layer_matrices


def weight_bytes(architecture: Architecture, quantisation: Quantisation = "none", dtype: Dtype = "bf16") -> int:
    """Return the bytes of one copy of all weights; those that are not quantised are in `dtype`."""
    short = count_quantised_weights(architecture, quantisation)
    form = BESIDE_EXPERTS.get(quantisation)
    dense = architecture.layer_matrices - short if form and architecture.kind != "diffusion" else 0
    plain = (architecture.parameters - short - dense) * BYTES[dtype]
    bits = short * BITS_PER_WEIGHT.get(quantisation, 0) + dense * BITS_PER_WEIGHT.get(form or "none", 0)
    return plain + round(bits / 8)
