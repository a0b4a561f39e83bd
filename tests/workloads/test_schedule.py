"""The order of the data and the learning rate are functions of the step alone."""

import itertools

import numpy as np
import pytest

pytest.importorskip("hypothesis")
from hypothesis import given
from hypothesis import strategies as st
from modelyard.workloads.fine_tune.schedule import compute_learning_rate, count_steps, select_sequences, select_share

pytestmark = pytest.mark.workloads


@given(st.integers(1, 50), st.integers(1, 20), st.integers(0, 5))
def test_every_epoch_sees_every_row_once(sequences: int, step_sequences: int, seed: int):
    epochs = 3
    steps = -(-sequences * epochs // step_sequences)
    stream = np.concatenate([select_sequences(step, step_sequences, sequences, seed) for step in range(steps)])
    for epoch in range(epochs):
        assert sorted(stream[epoch * sequences : (epoch + 1) * sequences]) == list(range(sequences))


def test_epochs_are_shuffled_differently_and_seeds_too():
    first = select_sequences(0, 100, 100, 0)
    assert not np.array_equal(first, select_sequences(1, 100, 100, 0))
    assert not np.array_equal(first, select_sequences(0, 100, 100, 1))


@given(st.sampled_from([1, 2, 4]), st.integers(1, 3))
def test_workers_share_a_step_without_overlap(world: int, accumulation: int):
    rows = np.arange(world * accumulation * 5)
    parts = [select_share(rows, micro, rank, world, 5) for micro in range(accumulation) for rank in range(world)]
    assert sorted(np.concatenate(parts)) == list(rows)


def test_the_rows_of_a_step_do_not_depend_on_the_number_of_workers():
    single = set(select_share(select_sequences(3, 8, 100, 0), 0, 0, 1, 8))
    halves = [set(select_share(select_sequences(3, 8, 100, 0), 0, rank, 2, 4)) for rank in range(2)]
    assert single == halves[0] | halves[1]


@pytest.mark.parametrize(
    ("sequences", "epochs", "step", "limit", "want"),
    [(100, 1, 10, None, 10), (100, 2.5, 10, None, 25), (3, 1, 10, None, 1), (100, 1, 10, 4, 4)],
)
def test_steps(sequences: int, epochs: float, step: int, limit: int | None, want: int):
    assert count_steps(sequences, epochs, step, limit) == want


@pytest.mark.parametrize("shape", ["cosine", "linear", "constant"])
def test_the_rate_rises_over_the_warm_up_and_then_never_rises(shape):
    rates = [compute_learning_rate(step, 100, 1.0, 0.1, shape) for step in range(100)]
    assert rates[:10] == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0])
    assert max(rates) == 1.0
    assert all(later <= earlier for earlier, later in itertools.pairwise(rates[9:]))
    end = {"cosine": 0.1, "linear": 0.0, "constant": 1.0}[shape]
    assert rates[-1] == pytest.approx(end, abs=0.02)
