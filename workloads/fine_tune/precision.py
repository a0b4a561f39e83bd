"""Number format of a run and the reason for it, which goes into the log and the metrics.

Weights and optimiser state are fp32 in every case; the format is that of the matrix products (torch's autocast).
"""

import contextlib
from dataclasses import dataclass

import torch
from modelyard.workloads.failure import UserError
from modelyard.workloads.fine_tune.config import Precision

TENSOR_CORES = (7, 0)
"""First compute capability whose tensor cores take fp16 (NVIDIA CUDA programming guide: Volta)."""

NATIVE_BF16 = (8, 0)
"""First compute capability that computes bf16; below, torch emulates it, slower than fp32 (Ampere)."""


@dataclass(frozen=True)
class NumberFormat:
    """Number format with the reason for its choice."""

    name: str
    reason: str
    device_type: str

    @property
    def scales_loss(self) -> bool:
        """Return true for fp16, whose gradients underflow without a scaled loss; bf16 has the range of fp32."""
        return self.name == "fp16"

    def autocast(self) -> contextlib.AbstractContextManager[object]:
        """Return the context for a forward pass."""
        if self.name == "fp32":
            return contextlib.nullcontext()
        return torch.autocast(self.device_type, dtype={"bf16": torch.bfloat16, "fp16": torch.float16}[self.name])


def choose_format(configured: Precision, device: torch.device) -> NumberFormat:
    """Choose the format for `device`: the configured one, or for ``auto`` the fastest that it computes natively.

    Raises:
        UserError: fp16 is wanted on a CPU, which has no loss scaling worth having.
    """
    if device.type != "cuda":
        if configured == "fp16":
            raise UserError("precision fp16 needs a GPU; allowed on CPU are auto, fp32 and bf16")
        name = "fp32" if configured == "auto" else configured
        return NumberFormat(name, "CPU" if configured == "auto" else "as configured", device.type)
    capability = torch.cuda.get_device_capability(device)
    gpu = f"{torch.cuda.get_device_name(device)}, compute capability {capability[0]}.{capability[1]}"
    if configured != "auto":
        emulated = configured == "bf16" and capability < NATIVE_BF16
        return NumberFormat(
            configured, f"as configured ({gpu}{'; bf16 is emulated there, and slow' if emulated else ''})", "cuda"
        )
    if capability >= NATIVE_BF16:
        return NumberFormat("bf16", f"{gpu} computes bf16 natively", "cuda")
    if capability >= TENSOR_CORES:
        return NumberFormat("fp16", f"{gpu} has tensor cores for fp16 but not for bf16; the loss is scaled", "cuda")
    return NumberFormat("fp32", f"{gpu} has no tensor cores", "cuda")
