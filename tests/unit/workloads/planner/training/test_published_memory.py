"""torchtune's published peaks of memory, per method, against the formulas.

README of pytorch/torchtune (commit bd2a0fc), tables "Optimization flags" (Llama 3.2 3B, batch of 2 x 4096, one A100)
and "Memory and training speed" (Llama 3.1, batch of 2 x 2048), and the recipes' configurations of the same commit:
weights, gradients, AdamW's states and adapters in bf16, checkpointing in all LoRA recipes, ranks 64, 8 and 16. The
command below the first table tells that its LoRA and QLoRA rows offload activations. Rows that fuse the optimizer into
the backward pass, or offload to the CPU otherwise, are left out: that is not modelled.
"""

from dataclasses import dataclass, replace

import pytest
from modelyard.workloads.planner.memory import GIB
from modelyard.workloads.planner.training.memory import estimate_training_peak
from modelyard.workloads.planner.training.settings import TrainingSettings
from modelyard.workloads.presets import preset as presets

LLAMA_3B, LLAMA_8B, LLAMA_70B = "llama-3.2-3b-instruct", "llama-3.1-8b", "llama-3.1-70b-instruct"

PACKED = TrainingSettings(mixed="pure", sequence_tokens=4096, batch_sequences=2, gradient_checkpointing=False)
CHUNKED = replace(PACKED, loss="chunked")
LORA = replace(CHUNKED, method="lora", mixed=None, adapter_bytes=2, gradient_checkpointing=True, lora_rank=64)
OFFLOADED = replace(LORA, activation_offloading=True)
LORA_8B = replace(LORA, sequence_tokens=2048, lora_rank=8)


@dataclass(frozen=True)
class Published:
    name: str
    preset: str
    settings: TrainingSettings
    peak_gib: float
    error: float
    """Error of ours: over the published figure, less one."""


PUBLISHED = [
    Published("full, packed", LLAMA_3B, PACKED, 60.0, -0.03),
    # Compiled, and then layers keep less than autograd's operations do one by one: not modelled.
    Published("full, compiled, chunked loss", LLAMA_3B, CHUNKED, 42.9, 0.12),
    Published("full, checkpointing", LLAMA_3B, replace(CHUNKED, gradient_checkpointing=True), 24.9, 0.01),
    Published("LoRA, offloading", LLAMA_3B, OFFLOADED, 8.5, 0.01),
    Published("QLoRA, offloading", LLAMA_3B, replace(OFFLOADED, method="qlora"), 4.6, 0.02),
    Published("LoRA", LLAMA_8B, LORA_8B, 16.2, 0.06),
    Published("QLoRA", LLAMA_8B, replace(LORA_8B, method="qlora"), 7.4, 0.01),
    Published(
        "LoRA on 8 GPUs", LLAMA_70B, replace(LORA_8B, lora_rank=16, sharding="fsdp", data_parallel=8), 27.6, 0.11
    ),
]


@pytest.mark.parametrize("case", PUBLISHED, ids=lambda case: f"{case.preset} {case.name}")
def test_torchtunes_peaks_are_missed_by_the_stated_share(case: Published):
    ours = estimate_training_peak(presets.load(case.preset).architecture, case.settings).bytes / GIB

    assert ours / case.peak_gib - 1 == pytest.approx(case.error, abs=0.01)


def test_offloading_saves_the_inputs_that_torchtune_measured():
    architecture = presets.load(LLAMA_3B).architecture
    on_gpu, offloaded = (estimate_training_peak(architecture, settings).bytes / GIB for settings in (LORA, OFFLOADED))

    # Its rows "Fuse optimizer step into backward" and "Activation Offloading": 23.1 and 21.8 GiB.
    assert on_gpu - offloaded == pytest.approx(23.1 - 21.8, abs=0.05)
