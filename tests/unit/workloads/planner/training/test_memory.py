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


def test_zero_divides_the_states_of_its_stage():
    # ZeRO (arXiv:1910.02054), figure 1: 7.5 billion weights on 64 GPUs take 120, 31.4, 16.6 and 1.9 GB.
    weights = LLAMA_8B.parameters
    sizes = {}
    for split in SPLITS:
        states = estimate_training_states(LLAMA_8B, settings(mixed="master", sharding=split, data_parallel=64))
        sizes[split] = (states.weights + states.gradients + states.optimizer) * 7.5e9 / weights / 1e9
    assert sizes == pytest.approx({"none": 120, "zero1": 31.4, "zero2": 16.6, "zero3": 1.9}, rel=0.02)


@given(
    method=METHODS,
    sequences=st.integers(1, 8),
    length=st.integers(64, 8192),
    checkpointing=st.booleans(),
    sharding=st.sampled_from(SPLITS),
    parallel=st.sampled_from([1, 2, 8]),
)
def test_memory_never_shrinks_with_tokens(
    *, method: str, sequences: int, length: int, checkpointing: bool, sharding: str, parallel: int
):
    changes = {
        "method": method,
        "gradient_checkpointing": checkpointing,
        "sharding": sharding,
        "data_parallel": parallel,
        "sequence_tokens": length,
    }
    memory = estimate_training_memory(LLAMA_8B, settings(**changes, batch_sequences=sequences))
    more = estimate_training_memory(LLAMA_8B, settings(**changes, batch_sequences=sequences + 1))
    assert all(value >= -1e-9 for value in memory.as_dict().values())
    assert more.total_gib >= memory.total_gib
    assert memory.total_gib - 0.6 == pytest.approx(
        estimate_training_peak(LLAMA_8B, settings(**changes, batch_sequences=sequences)).bytes / GIB
    )


@given(method=METHODS, length=st.integers(256, 8192), sequences=st.integers(1, 4))
def test_memory_savers_never_need_more(method: str, length: int, sequences: int):
    changes = {"method": method, "sequence_tokens": length, "batch_sequences": sequences}
    stored = estimate_training_memory(LLAMA_8B, settings(**changes, gradient_checkpointing=False)).total_gib
    recomputed = estimate_training_memory(LLAMA_8B, settings(**changes)).total_gib
    assert recomputed <= stored
    assert recomputed <= estimate_training_memory(LLAMA_8B, settings(**(changes | {"method": "full"}))).total_gib
    split = estimate_training_memory(LLAMA_8B, settings(**changes, sharding="fsdp", data_parallel=8)).total_gib
    alone = estimate_training_memory(LLAMA_8B, settings(**changes, data_parallel=8)).total_gib
    if method != "qlora":
        assert split <= alone


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"method": "lorra"}, "method = 'lorra': unknown; did you mean lora"),
        ({"sequence_tokens": 0}, "sequence_tokens = 0: must be a whole number of at least 1"),
        ({"batch_sequences": -1}, "batch_sequences = -1: must be a whole number of at least 1"),
        ({"method": "qlora", "precision": "fp32"}, "precision must be bf16 or fp16"),
        ({"method": "lora", "mixed": "master"}, "method must be full for mixed 'master'"),
        ({"tensor_parallel": 3}, "does not divide the 32 attention heads"),
    ],
)
def test_impossible_settings_are_refused_with_a_sentence(changes: dict, message: str):
    with pytest.raises(UntrainableError, match=message):
        estimate_training_memory(LLAMA_8B, settings(**changes))
