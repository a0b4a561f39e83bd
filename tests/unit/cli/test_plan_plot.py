"""`modelyard plan --plot`: points, labels, and refusals."""

import importlib.util
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from modelyard.cli import plan_plot
from modelyard.cli.plan_plot import find_frontier


@pytest.mark.parametrize("suffix", ["png", "svg"])
def test_cost_against_throughput_is_drawn(modelyard, tmp_path, suffix):
    pytest.importorskip("matplotlib")
    file = tmp_path / f"plan.{suffix}"
    assert modelyard("plan", "--preset", "gpt2", "--cloud", "aws", "--plot", str(file)).code == 0
    assert file.stat().st_size > 5000


def test_the_frontier_is_joined_and_labelled(modelyard, tmp_path):
    pytest.importorskip("matplotlib")
    file = tmp_path / "plan.svg"
    arguments = ["plan", "--preset", "llama-3.1-8b", "--task", "lora", "--cloud", "azure", "--spot"]
    assert modelyard(*arguments, "--plot", str(file)).code == 0
    text = file.read_text()
    assert "<!-- llama-3.1-8b, lora, sequences of 2,048, spot -->" in text
    best = find_frontier(json.loads(modelyard(*arguments, "--json").out)["candidates"][:5])
    assert f"<!-- {best[0]['sku']} -->" in text


POINTS = st.lists(st.tuples(st.floats(0.1, 200), st.floats(1, 1e5)), min_size=1, max_size=20)


@given(POINTS)
def test_no_point_beats_the_frontier(pairs):
    points = [{"usd_per_hour": usd, "tokens_per_second": rate} for usd, rate in pairs]
    best = find_frontier(points)
    for point in points:
        as_cheap = [other for other in best if other["usd_per_hour"] <= point["usd_per_hour"]]
        assert max(other["tokens_per_second"] for other in as_cheap) >= point["tokens_per_second"] / 1.01
    assert best == sorted(best, key=lambda point: point["tokens_per_second"])


def test_a_file_that_cannot_be_written_is_refused(modelyard, tmp_path):
    pytest.importorskip("matplotlib")
    (tmp_path / "plan.png").mkdir()
    answer = modelyard("plan", "--preset", "gpt2", "--plot", str(tmp_path / "plan.png"))
    assert (answer.code, answer.out) == (2, "")
    assert answer.err == f"modelyard: --plot: {tmp_path}/plan.png cannot be written: Is a directory\n"


def test_a_plot_of_kaitos_answer_is_refused(modelyard, tmp_path):
    file = tmp_path / "plan.png"
    answer = modelyard("plan", "--preset", "gpt2", "--estimator", "kaito", "--plot", str(file))
    assert (answer.code, answer.out) == (2, "")
    assert "not allowed with --estimator kaito, which estimates no speed" in answer.err
    assert not file.exists()


def test_a_plot_without_matplotlib_names_the_package(modelyard, monkeypatch, tmp_path):
    real = importlib.util.find_spec
    monkeypatch.setattr(plan_plot, "find_spec", lambda name: None if name == "matplotlib" else real(name))
    answer = modelyard("plan", "--preset", "gpt2", "--plot", str(tmp_path / "plan.png"))
    assert answer.code == 2
    assert "--plot: matplotlib is not installed; run `pip install matplotlib`" in answer.err


def test_a_plot_without_a_single_price_is_refused(modelyard, tmp_path):
    answer = modelyard("plan", "--preset", "gpt2", "--sku", "generic-1xl4", "--plot", str(tmp_path / "plan.png"))
    assert answer.code == 2
    assert "--plot: no candidate that fits has a price and a speed" in answer.err
