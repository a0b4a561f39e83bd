"""Splits that a model's sizes allow."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from modelyard.workloads.planner.model_profile import profile_model
from modelyard.workloads.planner.parallelism import find_split_obstacle, list_splits, list_tensor_sizes

from tests.unit.workloads.planner.models import (
    DEEPSEEK_R1,
    FALCON_7B_HEADS,
    GPT2,
    LLAMA_8B,
    LLAMA_70B,
    PHI_4,
    model,
)


@pytest.mark.parametrize(
    ("architecture", "tensor", "reason"),
    [
        (LLAMA_70B, 8, None),
        (LLAMA_70B, 3, "heads 64 do not divide by 3"),
        (FALCON_7B_HEADS, 8, "heads 71 do not divide by 8"),
        (PHI_4, 8, "key-value heads 10 do not divide by 8, nor 8 by 10"),
        (PHI_4, 2, None),
        (GPT2, 8, "heads 12 do not divide by 8"),
        (DEEPSEEK_R1, 16, None),
    ],
)
def test_a_refused_split_names_the_number_that_does_not_divide(architecture, tensor, reason):
    assert find_split_obstacle(profile_model(model(architecture)), tensor) == reason


def test_a_quantised_shard_must_hold_whole_groups():
    assert find_split_obstacle(profile_model(model(LLAMA_8B, quantisation="awq-int4")), 8) is None
    odd = profile_model(model(PHI_4.model_copy(update={"intermediate_size": 17984}), quantisation="awq-int4"))
    assert find_split_obstacle(odd, 2) == (
        "feed-forward width 17984 over 2 GPUs is no multiple of the quantisation group of 128"
    )


@given(
    st.sampled_from([LLAMA_8B, LLAMA_70B, PHI_4, DEEPSEEK_R1, GPT2, FALCON_7B_HEADS]),
    st.integers(1, 16),
    st.integers(1, 4),
)
def test_every_split_uses_all_gpus_and_divides_the_model(architecture, gpus, nodes):
    splits = list(list_splits(profile_model(model(architecture)), gpus, nodes))

    assert splits
    for layout in splits:
        assert layout.gpus == gpus * nodes
        assert gpus % layout.tensor == 0
        assert architecture.attention_heads % layout.tensor == 0
        assert layout.pipeline <= architecture.layers
        if layout.expert > 1:
            assert architecture.experts % layout.expert == 0


@given(st.integers(1, 32))
def test_one_gpu_is_always_a_split(gpus):
    assert list_tensor_sizes(profile_model(model(FALCON_7B_HEADS)), gpus)[0] == 1
