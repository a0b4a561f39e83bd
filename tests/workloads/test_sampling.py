"""The draw: distributed as the softmax, repeatable per request, independent of its neighbours."""

import pytest
import torch
from modelyard.workloads.serve.sampling import NO_NOISE, Sampling, build_processors, gumbel
from modelyard.workloads.serve.sampling import _key as key

pytestmark = pytest.mark.workloads


def test_noise_is_standard_gumbel():
    noise = gumbel(torch.arange(1, 201, dtype=torch.int32), 5000)
    # Mean is Euler's constant, variance pi squared over six; a million samples are exact to the second digit.
    assert noise.mean().item() == pytest.approx(0.5772, abs=0.01)
    assert noise.var().item() == pytest.approx(1.6449, abs=0.02)
    assert torch.isfinite(noise).all()
    assert len(noise.flatten()[:100000].unique()) > 99_990


def test_draws_follow_the_softmax():
    """Chi-square with 5 degrees of freedom: 20.5 is exceeded once in a thousand times, and the seeds are fixed."""
    scores = torch.tensor([2.0, 1.0, 0.0, -1.0, 0.5, 1.5])
    draws = 20_000
    keys = torch.tensor([key(seed, 7) for seed in range(draws)], dtype=torch.int32)
    drawn = (scores + gumbel(keys, 6)).argmax(dim=1)
    counts = torch.bincount(drawn, minlength=6).double()
    expected = torch.softmax(scores.double(), 0) * draws
    assert ((counts - expected) ** 2 / expected).sum().item() < 20.5


def test_positions_and_tokens_are_independent():
    """Correlations of uniforms under neighbouring seeds, positions and tokens are those of chance."""
    by_position = gumbel(torch.tensor([key(1, position) for position in range(400)], dtype=torch.int32), 400)
    for shifted in (by_position.roll(1, 0), by_position.roll(1, 1)):
        both = torch.stack([by_position.flatten(), shifted.flatten()])
        assert abs(torch.corrcoef(both)[0, 1].item()) < 0.01


def test_without_noise_it_is_greedy():
    assert key(NO_NOISE, 3) == 0
    assert gumbel(torch.tensor([0, 5], dtype=torch.int32), 4)[0].tolist() == [0.0] * 4


def test_greedy_needs_neither_temperature_nor_top_p():
    assert Sampling(5, temperature=0, top_p=0.3, seed=9).arguments() == {
        "temperature": 1.0,
        "top_p": 1.0,
        "noise": NO_NOISE,
    }
    assert Sampling(5, temperature=0.5, top_p=0.9, seed=-1).arguments()["noise"] >= 0


def test_transformers_takes_the_arguments():
    chain = build_processors()
    chain.check_kwargs(Sampling(5, temperature=1, seed=3).arguments())
    assert chain.tensors_required == 3
    assert chain.do_processing
