"""Memory of one GPU while a model is served or trained, part by part."""

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

GIB = 2**30
"""Bytes in one GiB, the unit of every memory figure here."""


@dataclass(frozen=TYPE_CHECKING, slots=True)
class Memory:
    """Memory of one GPU in GiB, by use; the GPU that holds the most is the one described.

    Immutable, as all values of the planner, though only type checkers hold us to it here: at run time a frozen
    dataclass takes three to five times as long to build, and the planner's inner loops build thousands.
    """

    weights_gib: float = 0.0
    """Weights as they lie in memory: quantised, split over GPUs, replicated where a part cannot be split."""
    kv_cache_gib: float = 0.0
    """Keys and values of the tokens in flight, and the fixed state of recurrent layers."""
    activations_gib: float = 0.0
    """The largest intermediate results that live at once."""
    cuda_graphs_gib: float = 0.0
    """Captured CUDA graphs and their private pools."""
    framework_gib: float = 0.0
    """CUDA context, kernels, NCCL buffers, workspaces."""
    gradients_gib: float = 0.0
    optimizer_gib: float = 0.0
    """Optimizer states, and the fp32 copy of the weights where one is kept."""
    adapter_gib: float = 0.0
    """Weights of LoRA adapters or of learned prompts."""
    free_gib: float = 0.0
    """Memory that the GPU has left; negative where it does not fit. Not part of the total."""

    @property
    def total_gib(self) -> float:
        """Sum of all uses, GiB."""
        return (
            self.weights_gib
            + self.kv_cache_gib
            + self.activations_gib
            + self.cuda_graphs_gib
            + self.framework_gib
            + self.gradients_gib
            + self.optimizer_gib
            + self.adapter_gib
        )

    def on(self, gpu_memory_gib: float) -> "Memory":
        """Return the same uses on a GPU of that memory, with `free_gib` filled in."""
        # By position, since this runs for every model and machine: dataclasses.replace takes eight times as long.
        return Memory(
            self.weights_gib,
            self.kv_cache_gib,
            self.activations_gib,
            self.cuda_graphs_gib,
            self.framework_gib,
            self.gradients_gib,
            self.optimizer_gib,
            self.adapter_gib,
            gpu_memory_gib - self.total_gib,
        )

    def as_dict(self) -> dict[str, float]:
        """Return every part and the total for JSON, rounded to a MiB (three decimals)."""
        parts = {field.name: round(getattr(self, field.name), 3) for field in dataclasses.fields(self)}
        return {**parts, "total_gib": round(self.total_gib, 3)}
