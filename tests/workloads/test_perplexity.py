"""Perplexity against the formula, written out by hand."""

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from modelyard.workloads.evaluate.perplexity import Likelihood, measure
from modelyard.workloads.preprocess.pack import pack

pytestmark = pytest.mark.workloads


@pytest.fixture
def model(model_folder: Path):
    from transformers import AutoModelForCausalLM

    return AutoModelForCausalLM.from_pretrained(model_folder)


def by_hand(model, ids: np.ndarray, length: int) -> tuple[float, int]:
    """Sum over pieces of -log softmax at the next token, one piece at a time."""
    total, count = 0.0, 0
    for start in range(0, len(ids), length):
        piece = torch.tensor(ids[start : start + length].astype("int64"))[None]
        if piece.shape[1] < 2:
            continue
        with torch.no_grad():
            logits = model.eval()(piece).logits[0].double()
        for position in range(piece.shape[1] - 1):
            shifted = logits[position] - logits[position].max()
            total -= (shifted[piece[0, position + 1]] - torch.log(torch.exp(shifted).sum())).item()
            count += 1
    return total, count


@pytest.mark.parametrize("tokens", [16 * 7, 16 * 7 + 5, 16 * 7 + 1])
def test_it_is_the_mean_over_all_predicted_tokens(model, tokens: int):
    ids = np.random.default_rng(0).integers(0, 512, tokens).astype(np.uint16)
    found = measure(model, pack(ids, 16), batch_sequences=3)
    nats, count = by_hand(model, ids, 16)
    assert found.tokens == count
    assert found.nats == pytest.approx(nats, rel=1e-5)
    assert found.perplexity == pytest.approx(math.exp(nats / count), rel=1e-4)


def test_shares_of_several_workers_add_up(model):
    ids = np.random.default_rng(1).integers(0, 512, 16 * 11 + 3).astype(np.uint16)
    alone = measure(model, pack(ids, 16), batch_sequences=2)
    shares = [measure(model, pack(ids, 16), batch_sequences=2, rank=rank, world=3) for rank in range(3)]
    together = shares[0] + shares[1] + shares[2]
    assert together.tokens == alone.tokens
    assert together.nats == pytest.approx(alone.nats, rel=1e-6)


def test_a_uniform_model_is_as_perplexed_as_its_vocabulary(model):
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
    ids = np.arange(64, dtype=np.uint16)
    assert measure(model, pack(ids, 16), batch_sequences=4).perplexity == pytest.approx(512, rel=1e-5)


def test_the_model_is_left_in_its_mode(model):
    ids = np.arange(32, dtype=np.uint16)
    for training in (True, False):
        model.train(training)
        measure(model, pack(ids, 16), batch_sequences=4)
        assert model.training is training


def test_an_enormous_loss_is_infinite_not_an_error():
    assert Likelihood(1e6, 10).perplexity == math.inf
