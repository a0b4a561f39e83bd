"""Order of the data and learning rate, as pure functions of the step, so that a resumed run goes on exactly."""

import functools
import math
from typing import Literal

import numpy as np
from numpy.typing import NDArray

COSINE_FLOOR = 0.1
"""Share of the highest learning rate at which the cosine ends (Hoffmann et al. 2022, "Chinchilla")."""


def count_steps(sequences: int, epochs: float, step_sequences: int, max_steps: int | None) -> int:
    """Count the optimiser steps of a run: at least one, which repeats a text that is shorter than a step."""
    steps = max(1, round(sequences * epochs / step_sequences))
    return steps if max_steps is None else min(steps, max_steps)


def select_sequences(step: int, step_sequences: int, sequences: int, seed: int) -> NDArray[np.int64]:
    """Select the rows that step number `step` (from 0) trains on.

    The rows of all epochs form one stream, each epoch in its own shuffled order; a step takes the next so many.
    The result does not depend on the number of workers: they share it out.
    """
    first = step * step_sequences
    epochs = range(first // sequences, (first + step_sequences - 1) // sequences + 1)
    stream = np.concatenate([_epoch_order(sequences, seed, epoch) for epoch in epochs])
    start = first - epochs.start * sequences
    return stream[start : start + step_sequences]


@functools.lru_cache(maxsize=2)  # the steps of an epoch, and of the one it passes into, ask for the same order
def _epoch_order(sequences: int, seed: int, epoch: int) -> NDArray[np.int64]:
    return np.random.default_rng([seed, epoch]).permutation(sequences)


def select_share(
    rows: NDArray[np.int64], micro_step: int, rank: int, world: int, batch_sequences: int
) -> NDArray[np.int64]:
    """Select the part of a step's rows that one worker takes in one forward pass."""
    start = (micro_step * world + rank) * batch_sequences
    return rows[start : start + batch_sequences]


def compute_learning_rate(
    step: int, steps: int, highest: float, warmup_fraction: float, schedule: Literal["cosine", "linear", "constant"]
) -> float:
    """Compute the learning rate of step number `step` (from 0): a linear warm-up, then the fall of the schedule."""
    warmup = math.ceil(steps * warmup_fraction)
    if step < warmup:
        return highest * (step + 1) / warmup
    done = (step - warmup) / max(1, steps - warmup)
    if schedule == "constant":
        return highest
    if schedule == "linear":
        return highest * (1 - done)
    return highest * (COSINE_FLOOR + (1 - COSINE_FLOOR) * 0.5 * (1 + math.cos(math.pi * done)))
