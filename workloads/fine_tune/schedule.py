"""The order of the data and the learning rate: pure functions of the step, so that a resumed run goes on exactly."""

import functools
import math
from typing import Literal

import numpy as np
from numpy.typing import NDArray

COSINE_FLOOR = 0.1
"""Share of the highest learning rate at which the cosine ends (Hoffmann et al. 2022, "Chinchilla")."""


def steps_of(sequences: int, epochs: float, step_sequences: int, max_steps: int | None) -> int:
    """Optimiser steps of a run: at least one, so that a text shorter than one step is seen more often than asked."""
    steps = max(1, round(sequences * epochs / step_sequences))
    return steps if max_steps is None else min(steps, max_steps)


def sequences_of_step(step: int, step_sequences: int, sequences: int, seed: int) -> NDArray[np.int64]:
    """Which rows step number `step` (from 0) trains on.

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


def share(rows: NDArray[np.int64], micro_step: int, rank: int, world: int, batch_sequences: int) -> NDArray[np.int64]:
    """The part of a step's rows that one worker takes in one forward pass."""
    start = (micro_step * world + rank) * batch_sequences
    return rows[start : start + batch_sequences]


def learning_rate(
    step: int, steps: int, highest: float, warmup_fraction: float, shape: Literal["cosine", "linear", "constant"]
) -> float:
    """The learning rate of step number `step` (from 0): up linearly over the warm-up, then down as `shape` says."""
    warmup = math.ceil(steps * warmup_fraction)
    if step < warmup:
        return highest * (step + 1) / warmup
    done = (step - warmup) / max(1, steps - warmup)
    if shape == "constant":
        return highest
    if shape == "linear":
        return highest * (1 - done)
    return highest * (COSINE_FLOOR + (1 - COSINE_FLOOR) * 0.5 * (1 + math.cos(math.pi * done)))
