"""Slices of GPUs for small models."""

import pytest
from modelyard.workloads.hardware import catalogue
from modelyard.workloads.planner.plan import plan
from modelyard.workloads.planner.request import Request

from tests.unit.workloads.planner.models import GPT2, LLAMA_8B, LLAMA_70B, model

A100 = "Standard_NC24ads_A100_v4"


def slices(of, **fields):
    result = plan(Request(model=model(of), mig=True, sku=A100, **fields))
    return {candidate.mig_profile: candidate for candidate in result.candidates}


def test_a_small_model_is_served_on_one_slice():
    candidates = slices(GPT2)
    whole, small = candidates[""], candidates["1g.10gb"]

    assert small.fits
    assert (small.nodes, small.gpus_per_node, small.tensor_parallel) == (1, 1, 1)
    assert small.usd_per_hour == pytest.approx((whole.usd_per_hour or 0) / 7)
    assert small.gpu_memory_gib.total_gib + small.gpu_memory_gib.free_gib == pytest.approx(9.5)
    assert 0 < (small.tokens_per_second or 0) < (whole.tokens_per_second or 0)
    assert "one of 7 slices 1g.10gb" in small.notes[-1]


def test_only_slices_that_hold_the_model_are_offered():
    assert set(slices(LLAMA_8B)) == {"", "1g.20gb", "2g.20gb", "3g.40gb"}
    assert set(slices(LLAMA_70B)) == {""}


def test_the_price_limit_applies_to_the_slice():
    candidates = slices(GPT2, max_usd_per_hour=1)

    assert not candidates[""].fits
    assert candidates["1g.10gb"].fits
    assert not candidates["3g.40gb"].fits


def test_a_slice_is_at_most_as_fast_as_its_share():
    gpu = catalogue.find_gpu("a100-80gb-pcie")
    share = {
        profile.name: max(profile.compute_share, profile.memory_gib / gpu.memory_gib) for profile in gpu.mig_profiles
    }
    candidates = slices(GPT2, task="batch", concurrency=64)

    whole = candidates[""].tokens_per_second or 0
    for name, candidate in candidates.items():
        if name:
            assert share[name] * 0.5 * whole <= (candidate.tokens_per_second or 0) <= whole


def test_slices_are_offered_on_request_and_never_for_training():
    assert {candidate.mig_profile for candidate in plan(Request(model=model(GPT2))).candidates} == {""}
    assert {
        candidate.mig_profile for candidate in plan(Request(model=model(GPT2), task="lora", mig=True)).candidates
    } == {""}


def test_a_slice_reads_weights_with_its_share_of_the_bandwidth():
    candidates = slices(LLAMA_8B, concurrency=1)
    whole, small = candidates[""].inter_token_latency_ms or 0, candidates["1g.20gb"].inter_token_latency_ms or 0

    # 19.5 of 79.15 GiB, but for what a step takes beside reading.
    assert 3 < small / whole < 79.15 / 19.5
