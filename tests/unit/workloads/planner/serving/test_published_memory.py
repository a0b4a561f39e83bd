"""Published start-up lines of vLLM, against the planner's formulas.

Each case is a line that somebody published, with what was set. Where only "maximum concurrency" is told, the cache is
concurrency x tokens x bytes per token. CUDA graphs are taken off, since these versions did not count them.
"""

from dataclasses import dataclass

import pytest
from modelyard.workloads.planner.memory import GIB
from modelyard.workloads.planner.model_profile import profile_model
from modelyard.workloads.planner.parallelism import Parallelism
from modelyard.workloads.planner.serving.memory import estimate_reservation
from modelyard.workloads.presets.architecture import Architecture

from tests.unit.workloads.planner.models import (
    DEEPSEEK_R1,
    LLAMA_8B,
    LLAMA_70B,
    QWEN3_8B,
    QWEN25_1B,
    QWEN25_7B,
    model,
)


@dataclass(frozen=True)
class Line:
    name: str
    architecture: Architecture
    usable_gib: float  # total_gpu_memory x gpu_memory_utilization
    batch_tokens: int
    cache_gib: float  # per GPU, as published or as concurrency x tokens
    within: float  # relative error allowed
    tensor: int = 1
    pipeline: int = 1
    bytes_per_weight: float = 2
    weights_gib: float | None = None  # per GPU, as published


LINES = [
    # AI Systems Performance Engineering, example 4-3: vLLM's start-up lines on a GPU of 79.14 GiB.
    Line("llama-3.1-8b, 80 GB x 0.90", LLAMA_8B, 71.22, 8192, 54.93, 0.01, weights_gib=14.99),
    # vllm#10517: RTX 3090, no chunked prefill: 1.56x of 20,000 and 0.82x of 29,000 tokens.
    Line("llama-3.1-8b, 24 GB, 20k batch", LLAMA_8B, 21.22, 20000, 3.81, 0.10, weights_gib=14.99),
    Line("llama-3.1-8b, 24 GB, 29k batch", LLAMA_8B, 21.22, 29000, 2.89, 0.10, weights_gib=14.99),
    # Ray Serve LLM, small-size-llm: A10G or L4, 8192 tokens: 3.53x.
    Line("llama-3.1-8b on L4 (22.04 GiB)", LLAMA_8B, 19.84, 8192, 3.53 * 8192 * 131072 / GIB, 0.10),
    # Ray Serve LLM, medium-size-llm: 8 x L40S, 32,768 tokens: 17.79x.
    Line("llama-3.1-70b on 8 x L40S", LLAMA_70B, 39.96, 8192, 17.79 * 32768 * 40960 / GIB, 0.03, tensor=8),
    # Ray Serve LLM, large-size-llm: 2 nodes of 8 x H100, fp8, utilisation 0.92, 32,768 tokens: 29.06x. 31 of 61 layers.
    Line(
        "deepseek-r1 on 16 x H100",
        DEEPSEEK_R1,
        72.85,
        8192,
        29.06 * 32768 * 576 * 2 * 31 / GIB,
        0.05,
        tensor=8,
        pipeline=2,
        bytes_per_weight=1,
    ),
    # A write-up of vLLM 0.8.5 on 4 GPUs of 21.48 GiB: 14.49 GiB.
    Line("qwen3-8b on 4 x 24 GB", QWEN3_8B, 19.98, 8192, 14.49, 0.03, tensor=4, weights_gib=3.85),
    # vLLM 0.8.4, 24 GB: "Model loading took 14.2717 GiB", 97,680 tokens.
    Line("qwen2.5-7b on 24 GB", QWEN25_7B, 21.22, 8192, 97680 * 57344 / GIB, 0.10, weights_gib=14.27),
    # vLLM 0.7 on a T4 (14.56 GiB x 0.5), batches of 32,768 tokens: 2.36 GiB.
    Line("qwen2.5-1.5b on half a T4", QWEN25_1B, 7.28, 32768, 2.36, 0.15, weights_gib=2.89),
]


def _cache(line: Line) -> float:
    reservation = estimate_reservation(
        profile_model(model(line.architecture, bytes_per_weight=line.bytes_per_weight)),
        Parallelism(line.tensor, line.pipeline, 1),
        line.batch_tokens,
    )
    return line.usable_gib - (reservation.fixed - reservation.graphs)


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.name)
def test_vllms_cache_is_reproduced(line):
    assert _cache(line) == pytest.approx(line.cache_gib, rel=line.within)


@pytest.mark.parametrize("line", [line for line in LINES if line.weights_gib], ids=lambda line: line.name)
def test_vllms_weights_are_reproduced_within_two_percent(line):
    reservation = estimate_reservation(
        profile_model(model(line.architecture, bytes_per_weight=line.bytes_per_weight)),
        Parallelism(line.tensor, line.pipeline, 1),
        line.batch_tokens,
    )
    assert reservation.weights == pytest.approx(line.weights_gib, rel=0.02)
