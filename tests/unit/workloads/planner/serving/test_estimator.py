"""Serving plans: fitting models, and the effect of the request."""

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from modelyard.workloads.planner.candidate import Candidate
from modelyard.workloads.planner.model import Model
from modelyard.workloads.planner.model_profile import profile_model
from modelyard.workloads.planner.parallelism import Parallelism
from modelyard.workloads.planner.plan import plan
from modelyard.workloads.planner.request import Request
from modelyard.workloads.planner.roofline import Machine
from modelyard.workloads.planner.serving.estimator import ServingEstimator
from modelyard.workloads.planner.serving.memory import estimate_reservation

from tests.unit.workloads.planner.models import DEEPSEEK_R1, GPT2, GPT_OSS_20B, LLAMA_8B, LLAMA_70B, PHI_4, model

ARCHITECTURES = st.sampled_from([GPT2, LLAMA_8B, LLAMA_70B, PHI_4, GPT_OSS_20B, DEEPSEEK_R1])


def only(sku: str, of: Model, **fields) -> Candidate:
    return plan(Request(model=of, sku=sku, **fields)).candidates[0]


def machine(memory_gib: float, gpus: int = 1) -> Machine:
    return Machine("test", gpus, memory_gib, 2e12, 312e12, 8, "nvlink", 300e9, "none", 3e9)


@pytest.mark.parametrize(
    ("of", "sku", "fits", "nodes", "tensor"),
    [
        (model(LLAMA_8B), "Standard_NV36ads_A10_v5", True, 1, 1),
        (model(LLAMA_8B), "Standard_NC24ads_A100_v4", True, 1, 1),
        (model(LLAMA_70B), "Standard_NC24ads_A100_v4", True, 2, 1),
        (model(LLAMA_70B), "Standard_NC48ads_A100_v4", True, 1, 2),
        (model(LLAMA_70B), "Standard_NC96ads_A100_v4", True, 1, 4),
        (model(LLAMA_70B), "Standard_NC4as_T4_v3", False, 4, 0),
        (model(DEEPSEEK_R1, bytes_per_weight=1, quantisation="fp8"), "Standard_ND96isr_H200_v5", True, 1, 8),
        # kaito counts the file twice and asks for two nodes (facts: its estimator's defects).
        (model(GPT_OSS_20B, weights_gib=12.8, quantisation="mxfp4"), "Standard_NV36ads_A10_v5", True, 1, 1),
    ],
)
def test_known_pairs_of_model_and_machine(of, sku, fits, nodes, tensor):
    candidate = only(sku, of, context_tokens=4096)

    assert (candidate.fits, candidate.nodes) == (fits, nodes), candidate.reasons
    assert not tensor or candidate.tensor_parallel in {1, tensor}


def test_a_refusal_says_how_many_gib_are_missing():
    candidate = only("Standard_NC4as_T4_v3", model(LLAMA_70B), max_nodes=1)

    assert not candidate.fits
    assert candidate.reasons[0].startswith("needs 1")
    assert "GiB more per GPU" in candidate.reasons[0]
    missing = candidate.gpu_memory_gib.total_gib - 14.57 * 0.92
    assert f"needs {missing:.1f} GiB more" in candidate.reasons[0]


@given(ARCHITECTURES, st.floats(4, 300), st.floats(0, 200), st.integers(1, 8))
@settings(max_examples=60, deadline=None)
def test_more_memory_never_makes_it_stop_fitting(architecture, memory, more, gpus):
    serving = ServingEstimator(Request(model=model(architecture), max_nodes=2), profile_model(model(architecture)))
    small, large = serving.estimate(machine(memory, gpus)), serving.estimate(machine(memory + more, gpus))

    if not small.reasons:
        assert not large.reasons
        assert large.nodes <= small.nodes


@given(ARCHITECTURES, st.integers(1, 1000), st.integers(0, 1000), st.integers(1, 64), st.integers(0, 64))
@settings(max_examples=100, deadline=None)
def test_memory_grows_with_context_and_with_sequences(architecture, tokens, more, sequences, more_sequences):
    reservation = estimate_reservation(profile_model(model(architecture)), Parallelism(1, 1, 1), 2048)

    less = reservation.memory(tokens, sequences).total_gib
    assert reservation.memory(tokens + more, sequences).total_gib >= less
    assert reservation.memory(tokens, sequences + more_sequences).total_gib >= less


@given(ARCHITECTURES, st.floats(0.001, 50))
@settings(max_examples=100, deadline=None)
def test_the_longest_context_fits_and_the_next_block_does_not(architecture, free):
    reservation = estimate_reservation(profile_model(model(architecture)), Parallelism(1, 1, 1), 2048)
    longest = reservation.longest(free)

    if longest:
        assert reservation.sequence(longest) <= free * (1 + 1e-9)
    assert reservation.sequence(longest + 32) > free


@pytest.mark.parametrize(("tensor", "copies"), [(8, 1), (16, 2), (32, 4)])
def test_key_value_heads_are_copied_over_more_gpus(tensor, copies):
    of = profile_model(model(LLAMA_70B))
    alone = estimate_reservation(of, Parallelism(1, 1, 1), 2048).cache_full

    assert estimate_reservation(of, Parallelism(tensor, 1, 1), 2048).cache_full == pytest.approx(
        alone / tensor * copies
    )


def test_the_cache_of_latent_attention_is_on_every_gpu_whole():
    of = profile_model(model(DEEPSEEK_R1))

    assert (
        estimate_reservation(of, Parallelism(8, 1, 1), 2048).cache_full
        == estimate_reservation(of, Parallelism(1, 1, 1), 2048).cache_full
    )


def test_a_sliding_window_bounds_its_layers():
    reservation = estimate_reservation(profile_model(model(GPT_OSS_20B)), Parallelism(1, 1, 1), 2048)

    # 12 of 24 layers keep all tokens: 2 x 8 heads x 64 values x 2 bytes each.
    assert (reservation.sequence(131072) - reservation.sequence(65536)) * 2**30 == pytest.approx(65536 * 12 * 2048)


def test_replicas_serve_more_and_each_no_slower():
    candidate = only("Standard_NC24ads_A100_v4", model(LLAMA_8B), task="batch")
    four = only("Standard_NC96ads_A100_v4", model(LLAMA_8B), task="batch")

    assert four.data_parallel * four.tensor_parallel == 4
    assert four.tokens_per_second
    assert candidate.tokens_per_second
    assert four.tokens_per_second >= 3.9 * candidate.tokens_per_second


def test_bare_numbers_have_a_wide_margin_and_a_warning():
    numbers = Model.from_numbers(weights_gib=14.96, kv_bytes_per_token=131072, parameters=8_030_000_000)
    result = plan(Request(model=numbers, sku="Standard_NC24ads_A100_v4"))

    assert result.best is not None
    assert result.best.gpu_memory_gib.weights_gib == pytest.approx(14.96 * 1.15)
    assert result.best.gpu_memory_gib.kv_cache_gib == pytest.approx(8192 * 131072 * 1.15 / 2**30)
    assert any("margin" in warning for warning in result.warnings)


def test_an_encoder_has_a_prefill_rate_and_no_token_latency():
    encoder = LLAMA_8B.model_copy(update={"kind": "encoder", "max_context_tokens": 512})
    candidate = only(
        "Standard_NC4as_T4_v3", model(encoder, weights_gib=1.0, kv_bytes_per_token=0, max_context_tokens=512)
    )

    assert candidate.fits
    assert candidate.inter_token_latency_ms is None
    assert candidate.gpu_memory_gib.kv_cache_gib == 0
    assert candidate.tokens_per_second


def test_memory_parts_add_up_to_the_gpu():
    candidate = only("Standard_NC24ads_A100_v4", model(LLAMA_8B))
    memory = candidate.gpu_memory_gib
    parts = sum(getattr(memory, field.name) for field in dataclasses.fields(memory) if field.name not in {"free_gib"})

    assert parts == pytest.approx(memory.total_gib)
    assert memory.total_gib + memory.free_gib == pytest.approx(79.25, abs=0.2)
