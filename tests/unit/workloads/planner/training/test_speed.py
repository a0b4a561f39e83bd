"""Speed of training: published figures within the stated error, and properties."""

from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from modelyard.workloads.planner.training.settings import TrainingSettings
from modelyard.workloads.planner.training.speed import (
    estimate_run_hours,
    estimate_tokens_per_second,
    text_share,
    train_flop_per_token,
)
from modelyard.workloads.presets import preset as presets
from modelyard.workloads.presets.architecture import Architecture

GPT2 = presets.load("gpt2").architecture
LLAMA_3B = presets.load("llama-3.2-3b-instruct").architecture
PLAIN = TrainingSettings(sequence_tokens=1024, batch_sequences=8, gradient_checkpointing=False)
A100, H100, T4 = (312, 8), (989, 9), (8.1, 7)
"""Dense peak in TFLOP/s of the format at hand, and major compute capability."""


def llama_2(layers: int, hidden: int, heads: int, key_value_heads: int, width: int) -> Architecture:
    return Architecture(
        family="llama",
        layers=layers,
        hidden_size=hidden,
        attention_heads=heads,
        key_value_heads=key_value_heads,
        vocabulary=32000,
        max_context_tokens=4096,
        intermediate_size=width,
    )


@dataclass(frozen=True)
class Published:
    """A speed that somebody published, tokens per second and GPU, and ours over it less one."""

    name: str
    architecture: Architecture
    gpu: tuple[float, int]
    tokens_per_second: float
    error: float
    settings: TrainingSettings


LONG = replace(PLAIN, sequence_tokens=4096, batch_sequences=1)
TORCHTUNE = replace(LONG, batch_sequences=2)
PUBLISHED = [
    Published("LLMs-from-scratch, GPT-2, final step", GPT2, A100, 142_000, 0.16, PLAIN),
    Published("nanoGPT issue 110, GPT-2, torch 2.0", GPT2, A100, 109_000, 0.51, PLAIN),
    # Hand-written kernels.
    Published("llm.c #481, GPT-2", GPT2, A100, 231_000, -0.29, PLAIN),
    Published("llm.c #481, GPT-2", GPT2, H100, 463_000, -0.05, PLAIN),
    # 128 GPUs; traffic is left out here, and recomputation too, of which the page does not tell.
    Published("fms-fsdp, Llama 2 7B", llama_2(32, 4096, 32, 32, 11008), A100, 3760, -0.19, LONG),
    Published("fms-fsdp, Llama 2 13B", llama_2(40, 5120, 40, 40, 13824), A100, 1700, -0.05, LONG),
    Published("fms-fsdp, Llama 2 34B", llama_2(48, 8192, 64, 8, 22016), A100, 772, -0.17, LONG),
    Published("fms-fsdp, Llama 2 70B", llama_2(80, 8192, 64, 8, 28672), A100, 380, -0.17, LONG),
    # torchtune's README, one A100, Llama 3.2 3B; all but the first are compiled.
    Published("torchtune, packed", LLAMA_3B, A100, 7075, -0.16, TORCHTUNE),
    Published("torchtune, compiled, chunked loss", LLAMA_3B, A100, 9174, -0.35, TORCHTUNE),
    Published("torchtune, checkpointing", LLAMA_3B, A100, 7210, -0.38, replace(TORCHTUNE, gradient_checkpointing=True)),
    Published(
        "torchtune, LoRA",
        LLAMA_3B,
        A100,
        8210,
        -0.27,
        replace(TORCHTUNE, gradient_checkpointing=True, method="lora"),
    ),
    Published(
        "torchtune, QLoRA",
        LLAMA_3B,
        A100,
        8035,
        -0.35,
        replace(TORCHTUNE, gradient_checkpointing=True, method="qlora"),
    ),
    # What the 45 minutes for three epochs of WikiText-2 on a T4 imply.
    Published("Trainer in fp32, GPT-2", GPT2, T4, 2660, 0.00, replace(PLAIN, precision="fp32")),
]


@pytest.mark.parametrize("case", PUBLISHED, ids=lambda case: case.name)
def test_published_speeds_are_missed_by_the_stated_share(case: Published):
    peak, capability = case.gpu
    ours = estimate_tokens_per_second(case.architecture, case.settings, peak_tflops=peak, capability=capability)

    assert ours / case.tokens_per_second - 1 == pytest.approx(case.error, abs=0.01)


def test_operations_are_palms_count_plus_recomputing():
    plain = train_flop_per_token(GPT2, PLAIN)
    assert plain == pytest.approx(GPT2.train_flop_per_token(1024))
    recomputing = TrainingSettings(sequence_tokens=1024, batch_sequences=8)
    assert train_flop_per_token(GPT2, recomputing) == pytest.approx(plain * 4 / 3)
    adapters = TrainingSettings(method="lora", sequence_tokens=1024, gradient_checkpointing=False)
    assert train_flop_per_token(GPT2, adapters) == pytest.approx(plain * 2 / 3)


@given(st.integers(1, 64), st.floats(1, 900), st.sampled_from(["none", "zero2", "fsdp"]))
def test_speed_grows_at_most_with_the_gpus(count: int, link: float, sharding: str):
    settings = TrainingSettings(
        sequence_tokens=1024,
        batch_sequences=8,
        data_parallel=count,
        sharding=sharding,  # pyright: ignore[reportArgumentType] - one of the literals
    )
    alone = TrainingSettings(sequence_tokens=1024, batch_sequences=8)
    one_gpu = estimate_tokens_per_second(GPT2, alone, peak_tflops=312)
    assert (
        0
        < estimate_tokens_per_second(GPT2, settings, peak_tflops=312, link_gb_per_s=link)
        <= count * one_gpu * 1.000001
    )


def test_one_node_is_faster_than_several():
    split = replace(PLAIN, data_parallel=8, sharding="fsdp")
    fast, slow = (estimate_tokens_per_second(GPT2, split, peak_tflops=312, link_gb_per_s=link) for link in (300, 1))

    assert slow < fast


def test_hours_of_a_run_follow_its_text_without_padding():
    assert estimate_run_hours(3.6e6, 1000) == pytest.approx(1)
    assert text_share(packing=True) == 1
    # torchtune's README: 2091 tokens/s without packing, 7075 with it.
    assert text_share(packing=False) == pytest.approx(2091 / 7075)


def test_numbers_that_cannot_be_are_refused():
    for numbers in ((0, 1), (1, 0)):
        with pytest.raises(ValueError, match="must be positive"):
            estimate_run_hours(*numbers)
    with pytest.raises(ValueError, match="must be positive"):
        estimate_tokens_per_second(GPT2, PLAIN, peak_tflops=0)
