"""Memory of training, by properties that hold for every model, and by figures that are published."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from modelyard.workloads.planner.memory import GIB
from modelyard.workloads.planner.training.memory import estimate_training_memory, estimate_training_peak
from modelyard.workloads.planner.training.settings import TrainingSettings, UntrainableError
from modelyard.workloads.planner.training.states import estimate_training_states

from tests.unit.workloads.planner.models import LLAMA_8B

METHODS = st.sampled_from(["full", "lora", "qlora", "prompt", "prefix"])
SPLITS = ["none", "zero1", "zero2", "zero3"]


def settings(**changes: object) -> TrainingSettings:
    return TrainingSettings(**changes)  # pyright: ignore[reportArgumentType] - checked by the class itself


@pytest.mark.parametrize(
    ("mixed", "bytes_per_weight"),
    [("pure", (2, 2, 4)), ("autocast", (4, 4, 8)), ("master", (2, 2, 12))],
)
def test_bytes_per_weight_of_full_fine_tuning(mixed: str, bytes_per_weight: tuple[int, int, int]):
    states = estimate_training_states(LLAMA_8B, settings(mixed=mixed))
    got = states.weights, states.gradients, states.optimizer
    assert got == tuple(LLAMA_8B.parameters * count for count in bytes_per_weight)


def test_zero_divides_what_its_stages_say():
    # ZeRO (arXiv:1910.02054), figure 1: 7.5 billion weights on 64 GPUs take 120, 31.4, 16.6 and 1.9 GB.
    weights = LLAMA_8B.parameters
    found = {}
    for split in SPLITS:
        states = estimate_training_states(LLAMA_8B, settings(mixed="master", sharding=split, data_parallel=64))
        found[split] = (states.weights + states.gradients + states.optimizer) * 7.5e9 / weights / 1e9
    assert found == pytest.approx({"none": 120, "zero1": 31.4, "zero2": 16.6, "zero3": 1.9}, rel=0.02)


@given(
    method=METHODS,
    sequences=st.integers(1, 8),
    length=st.integers(64, 8192),
    checkpointing=st.booleans(),
    sharding=st.sampled_from(SPLITS),
    parallel=st.sampled_from([1, 2, 8]),
)
def test_more_tokens_never_need_less_and_parts_are_never_negative(
    *, method: str, sequences: int, length: int, checkpointing: bool, sharding: str, parallel: int
):
    changes = {
        "method": method,
        "gradient_checkpointing": checkpointing,
        "sharding": sharding,
        "data_parallel": parallel,
        "sequence_tokens": length,
    }
    one = estimate_training_memory(LLAMA_8B, settings(**changes, batch_sequences=sequences))
    more = estimate_training_memory(LLAMA_8B, settings(**changes, batch_sequences=sequences + 1))
    assert all(value >= -1e-9 for value in one.as_dict().values())
    assert more.total_gib >= one.total_gib
    assert one.total_gib - 0.6 == pytest.approx(
        estimate_training_peak(LLAMA_8B, settings(**changes, batch_sequences=sequences)).bytes / GIB
    )


@given(method=METHODS, length=st.integers(256, 8192), sequences=st.integers(1, 4))
def test_checkpointing_a_smaller_method_and_splitting_never_need_more(method: str, length: int, sequences: int):
    changes = {"method": method, "sequence_tokens": length, "batch_sequences": sequences}
    kept = estimate_training_memory(LLAMA_8B, settings(**changes, gradient_checkpointing=False)).total_gib
    again = estimate_training_memory(LLAMA_8B, settings(**changes)).total_gib
    assert again <= kept
    assert again <= estimate_training_memory(LLAMA_8B, settings(**(changes | {"method": "full"}))).total_gib
    split = estimate_training_memory(LLAMA_8B, settings(**changes, sharding="fsdp", data_parallel=8)).total_gib
    alone = estimate_training_memory(LLAMA_8B, settings(**changes, data_parallel=8)).total_gib
    if method != "qlora":
        assert split <= alone


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"method": "lorra"}, "method must be one of .*, got 'lorra'; did you mean lora"),
        ({"sequence_tokens": 0}, "sequence_tokens must be a whole number of at least 1, got 0"),
        ({"batch_sequences": -1}, "batch_sequences must be a whole number of at least 1, got -1"),
        ({"method": "qlora", "precision": "fp32"}, "precision must be bf16 or fp16"),
        ({"method": "lora", "mixed": "master"}, "method must be full for mixed 'master'"),
        ({"tensor_parallel": 3}, "does not divide the 32 attention heads"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(changes: dict, message: str):
    with pytest.raises(UntrainableError, match=message):
        estimate_training_memory(LLAMA_8B, settings(**changes))
