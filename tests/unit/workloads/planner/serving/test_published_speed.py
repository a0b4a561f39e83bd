"""Published speeds of serving, against the roofline, each with the error that is stated in docs/planner.md.

kaito's benchmarks (website/docs/benchmarks of kaito-project/kaito, commit f7c269b: GuideLLM on vLLM, Phi-4-mini,
prompts and answers of 200 tokens at a fixed rate of requests): the file's mean concurrency and mean latency between
tokens, in which other requests' prompts have a part. vllm#4702: benchmark_throughput, Llama 3 8B, 128 + 128 tokens,
16.90 requests per second on an RTX A6000 (768 GB/s, 154.8 TFLOP/s dense), where 256 sequences run at once.
"""

from dataclasses import dataclass

import pytest
from modelyard.workloads.hardware import catalogue
from modelyard.workloads.planner.model import Model
from modelyard.workloads.planner.model_profile import profile_model
from modelyard.workloads.planner.parallelism import Parallelism
from modelyard.workloads.planner.roofline import Machine, estimate_speed, estimate_work
from modelyard.workloads.presets import preset


def machine(name: str) -> Machine:
    gpu = catalogue.find_gpu(name)
    bandwidth, flops = gpu.memory_bandwidth_gb_per_s * 1e9, gpu.peak_tflops["bf16"] * 1e12
    return Machine(name, 1, gpu.memory_gib, bandwidth, flops, gpu.capability[0], gpu.link, 1e9, "none", 1e9)


A10, A100 = machine("a10"), machine("a100-80gb-pcie")
A6000 = Machine("a6000", 1, 47.5, 768e9, 154.8e12, 8, "pcie", 1e9, "none", 1e9)
PHI, LLAMA = "phi-4-mini-instruct", "llama-3.1-8b"


@dataclass(frozen=True)
class Published:
    preset: str
    machine: Machine
    tokens: int
    """Tokens of the prompt, and as many of the answer."""
    sequences: float
    milliseconds: float
    """Milliseconds between two tokens of one sequence."""
    error: float
    """Error of ours: over the published figure, less one."""


PUBLISHED = [
    Published(PHI, A10, 200, 4.15, 20.20, 0.03),  # BANDWIDTH_SHARE and STEP_MS were fitted to this one ...
    Published(PHI, A10, 200, 8.85, 21.57, 0.02),
    Published(PHI, A10, 200, 20.28, 25.23, -0.03),
    Published(PHI, A10, 200, 84.87, 55.77, -0.30),
    Published(PHI, A10, 200, 256, 130.16, -0.40),
    Published(PHI, A100, 200, 2, 8.00, 0.05),  # ... and to this one.
    Published(PHI, A100, 200, 3.60, 8.10, 0.05),
    Published(PHI, A100, 200, 7.45, 8.44, 0.05),
    Published(PHI, A100, 200, 15.97, 9.17, 0.05),
    Published(PHI, A100, 200, 36.50, 10.73, 0.08),
    Published(PHI, A100, 200, 155.37, 25.58, -0.12),
    Published(PHI, A100, 200, 256, 37.60, -0.14),
    Published(LLAMA, A6000, 128, 256, 256 / (16.90 * 128) * 1000, -0.06),
]


@pytest.mark.parametrize("case", PUBLISHED, ids=lambda case: f"{case.preset} {case.machine.gpu} {case.sequences:g}")
def test_published_latencies_are_missed_by_the_stated_share(case: Published):
    of = profile_model(Model.from_preset(preset.load(case.preset)))
    load = estimate_work(of, Parallelism(1, 1, 1), prompt=case.tokens, output=case.tokens, sequences=case.sequences)
    ours = case.sequences / estimate_speed(load, case.machine).tokens_per_second * 1000

    assert ours / case.milliseconds - 1 == pytest.approx(case.error, abs=0.01)
