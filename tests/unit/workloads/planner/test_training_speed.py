"""Speed of training: published figures within the stated error, and properties."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from modelyard.workloads.planner.training_settings import TrainingSettings
from modelyard.workloads.planner.training_speed import run_hours, tokens_per_second, train_flop_per_token
from modelyard.workloads.presets import preset as presets
from modelyard.workloads.presets.architecture import Architecture

GPT2 = presets.load("gpt2").architecture
LLAMA2_7B = Architecture(
    family="llama",
    layers=32,
    hidden_size=4096,
    attention_heads=32,
    key_value_heads=32,
    vocabulary=32000,
    max_context_tokens=4096,
    intermediate_size=11008,
)
PLAIN = TrainingSettings(sequence_tokens=1024, batch_sequences=8, gradient_checkpointing=False)


@pytest.mark.parametrize(
    ("architecture", "length", "precision", "peak", "published", "error"),
    [
        # LLMs-from-scratch, single A100, final step.
        (GPT2, 1024, "bf16", 312, 142_000, 0.05),
        # nanoGPT issue 110, A100, torch 2.0: its utilisation is 30 %.
        (GPT2, 1024, "bf16", 312, 109_000, 0.35),
        # llm.c #481, A100: hand-written kernels, 63 %.
        (GPT2, 1024, "bf16", 312, 231_000, -0.35),
        # fms-fsdp, Llama 2 7B, 128 A100: 57 %, selective recomputation.
        (LLAMA2_7B, 4096, "bf16", 312, 3760, -0.30),
        # A T4 in fp32, what the 45 minutes for WikiText-2 imply.
        (GPT2, 1024, "fp32", 8.1, 2660, 0.05),
    ],
)
def test_published_speeds_are_met_within_the_stated_error(
    *, architecture: Architecture, length: int, precision: str, peak: float, published: float, error: float
):
    settings = TrainingSettings(
        precision=precision,  # pyright: ignore[reportArgumentType] - one of the literals
        sequence_tokens=length,
        batch_sequences=8,
        gradient_checkpointing=False,
    )
    off = tokens_per_second(architecture, settings, peak_tflops=peak) / published - 1
    assert min(0.0, error) - 0.05 <= off <= max(0.0, error) + 0.05


def test_operations_of_full_training_are_palms_count_and_recomputing_adds_a_third():
    plain = train_flop_per_token(GPT2, PLAIN)
    assert plain == pytest.approx(GPT2.train_flop_per_token(1024))
    again = TrainingSettings(sequence_tokens=1024, batch_sequences=8)
    assert train_flop_per_token(GPT2, again) == pytest.approx(plain * 4 / 3)
    adapters = TrainingSettings(method="lora", sequence_tokens=1024, gradient_checkpointing=False)
    assert train_flop_per_token(GPT2, adapters) == pytest.approx(plain * 2 / 3)


@given(st.integers(1, 64), st.floats(1, 900), st.sampled_from(["none", "zero2", "fsdp"]))
def test_more_gpus_are_faster_but_never_by_more_than_their_number(count: int, link: float, sharding: str):
    settings = TrainingSettings(
        sequence_tokens=1024,
        batch_sequences=8,
        data_parallel=count,
        sharding=sharding,  # pyright: ignore[reportArgumentType] - one of the literals
    )
    alone = TrainingSettings(sequence_tokens=1024, batch_sequences=8)
    one = tokens_per_second(GPT2, alone, peak_tflops=312)
    assert 0 < tokens_per_second(GPT2, settings, peak_tflops=312, link_gb_per_s=link) <= count * one * 1.000001


def test_hours_of_a_run_and_what_padding_costs():
    assert run_hours(3.6e6, 1000) == pytest.approx(1)
    assert run_hours(3.6e6, 1000, packing=False) == pytest.approx(2)
    for wrong in ((0, 1), (1, 0)):
        with pytest.raises(ValueError, match="must be positive"):
            run_hours(*wrong)
    with pytest.raises(ValueError, match="must be positive"):
        tokens_per_second(GPT2, PLAIN, peak_tflops=0)
