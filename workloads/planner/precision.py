"""Number formats in which a GPU computes a model, and models that it cannot compute.

Rules are vLLM's (docs/features/quantization: supported hardware; 0.29), as those of transformers are weaker.
"""

from dataclasses import dataclass

from modelyard.workloads.hardware.gpu import Gpu
from modelyard.workloads.planner.model import Model

_SMALLEST_CAPABILITY = {
    "none": (7, 0),
    "int8": (7, 5),
    "awq-int4": (7, 5),
    "gptq-int4": (7, 0),
    "bitsandbytes-int8": (7, 0),
    "bitsandbytes-nf4": (7, 0),
    "fp8": (8, 0),
    "mxfp4": (8, 0),
    "nvfp4": (8, 0),
    "int4-experts": (8, 0),
    "gptq-int4-experts": (8, 0),
    "fp8-mxfp4": (9, 0),
}
"""Smallest compute capability on which a quantised checkpoint runs at all."""

_NATIVE_FP8 = (8, 9)
"""Smallest compute capability that multiplies fp8 (Ada, Hopper); from 8.0 on fp8 weights are unpacked to 16 bit first
(Marlin kernels)."""

_VLLM_CAPABILITY = (7, 5)

NO_FP16 = frozenset({"gemma2", "gemma3", "gemma3_text", "gemma4", "gemma4_text", "gemma4_unified", "glm4", "plamo2"})
"""Families whose activations overflow fp16; vLLM refuses them (``_FLOAT16_NOT_SUPPORTED_MODELS``, vllm/config). Gemma 4
is among them by our assumption, as the two before it are."""


@dataclass(frozen=True, slots=True)
class ComputePrecision:
    """Number format in which a GPU computes a model, or the reason why it cannot."""

    dtype: str
    """Format of activations."""
    tflops: float
    """Dense peak of the matrix products."""
    refusal: str | None = None
    notes: tuple[str, ...] = ()


def choose_precision(model: Model, gpu: Gpu, requested: str = "auto") -> ComputePrecision:
    """Choose the format in which `gpu` computes `model`, or give the reason why it cannot."""
    capability, notes = gpu.capability, []
    smallest = _SMALLEST_CAPABILITY.get(model.quantisation, (8, 0))
    if capability < smallest:
        return ComputePrecision(
            model.dtype,
            0.0,
            f"{model.quantisation} weights need compute capability {smallest[0]}.{smallest[1]}, "
            f"{gpu.name} has {gpu.compute_capability}",
        )
    if model.kv_bytes_per_value == 1 and capability < _NATIVE_FP8:
        return ComputePrecision(
            model.dtype, 0.0, f"an fp8 cache needs compute capability 8.9, {gpu.name} has {gpu.compute_capability}"
        )
    dtype = model.dtype if requested == "auto" else requested
    if dtype == "bf16" and not gpu.supports("bf16"):
        if requested == "bf16":
            return ComputePrecision(dtype, 0.0, f"{gpu.name} has no bf16 (compute capability {gpu.compute_capability})")
        family = model.architecture.family if model.architecture else ""
        if family in NO_FP16:
            return ComputePrecision(dtype, 0.0, f"{family} needs bf16, since fp16 overflows, and {gpu.name} has none")
        dtype = "fp16"
        notes.append(f"{gpu.name} has no bf16: fp16 is used (vLLM: --dtype half)")
    if capability < _VLLM_CAPABILITY:
        notes.append(f"vLLM needs compute capability 7.5: {gpu.name} runs the transformers engine")
    peaks = gpu.peak_tflops
    tflops = peaks.get("bf16" if dtype == "bf16" else "fp16" if dtype == "fp16" else "fp32") or peaks.get("fp32", 0.0)
    if model.quantisation == "fp8":
        if capability >= _NATIVE_FP8:
            tflops = peaks.get("fp8", tflops)
        else:
            notes.append(f"{gpu.name} has no fp8: weights are unpacked to {dtype}, memory is saved but no time")
    elif model.quantisation == "int8":
        tflops = peaks.get("int8", tflops)
    return ComputePrecision(dtype, tflops, None, tuple(notes))
