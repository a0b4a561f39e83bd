"""`modelyard plan --estimator kaito`: kaito's answer, priced and limited, with ours beside it and why it differs."""

import inspect
import json
import re
from pathlib import Path

import pytest
import yaml
from modelyard.workloads.planner.kaito import differences

VECTORS = yaml.safe_load((Path(__file__).parents[1] / "workloads" / "planner" / "kaito" / "vectors.yaml").read_text())

NUMBERS = ["--weights-gib", "14.96", "--kv-bytes-per-token", "131072"]
"""Llama 3.1 8B as kaito 0.12 lists it."""

A100 = "Standard_NC24ads_A100_v4"
A10 = "Standard_NV36ads_A10_v5"


def plan(modelyard, *arguments: str) -> dict:
    answer = modelyard("plan", *arguments, "--estimator", "kaito", "--json")
    assert answer.code in {0, 1}, answer.err
    return json.loads(answer.out)


@pytest.mark.parametrize("model", VECTORS["models"])
def test_nodes_and_split_are_those_that_kaito_answers(modelyard, model):
    of = VECTORS["models"][model]
    numbers = ["--weights-gib", of["gib"], "--kv-bytes-per-token", str(of["kv_bytes_per_token"])]
    for sku, cell in zip(VECTORS["skus"], of["answers"], strict=True):
        found = plan(modelyard, *numbers, "--sku", sku)
        assert (found["estimator"], found["context_tokens"]) == ("kaito", 2048)
        (candidate,) = found["candidates"]
        names = ("nodes", "tensor_parallel", "pipeline_parallel", "data_parallel")
        assert "/".join(str(candidate[name]) for name in names) == cell, sku
        assert candidate["fits"]


def test_kaitos_own_table_is_gone_over_with_prices_under_our_names(modelyard):
    found = plan(modelyard, *NUMBERS, "--cloud", "azure")
    assert len(found["candidates"]) == 14
    refused = [candidate["reasons"] for candidate in found["candidates"] if not candidate["fits"]]
    assert refused == [["its GPU is AMD's, which kaito's image cannot use"]] * 2
    prices = {candidate["sku"]: candidate["usd_per_hour"] for candidate in found["candidates"]}
    assert prices["Standard_ND96asr_A100_v4"] == 27.197, "kaito's name for Standard_ND96asr_v4"


def test_memory_adds_up_to_what_kaito_counts(modelyard):
    (candidate,) = plan(modelyard, *NUMBERS, "--sku", "Standard_NV72ads_A10_v5")["candidates"]
    memory = candidate["gpu_memory_gib"]
    assert candidate["tensor_parallel"] == 2
    assert memory["weights_gib"] == pytest.approx(14.96 * 1.02 / 2, abs=1e-3)
    assert memory["activations_gib"] == pytest.approx(14.96 * 1.02 / 2 * 0.05, abs=1e-3)
    assert memory["kv_cache_gib"] == pytest.approx(2048 * 131072 / 2 / 2**30, abs=1e-3)
    assert memory["framework_gib"] == 2.3
    assert memory["total_gib"] + memory["free_gib"] == pytest.approx(24, abs=2e-3)


def test_ours_stands_beside_kaitos_with_every_mistake_that_plays_a_part(modelyard):
    found = plan(modelyard, "--preset", "phi-4", "--cloud", "azure")
    compared = {candidate["sku"]: candidate["comparison"] for candidate in found["candidates"]}
    assert compared[A100]["agree"] is True
    assert compared[A100]["ours"]["nodes"] == 1

    split = compared["Standard_ND96asr_A100_v4"]
    assert split["agree"] is False
    assert split["ours"]["sku"] == "Standard_ND96asr_v4"
    assert split["ours"]["tensor_parallel"] in {1, 2, 5, 10}, "what divides 40 heads and 10 key-value heads"
    told = {entry["defect"]: entry for entry in split["differences"]}
    assert told["tensor-parallel-indivisible"]["kaito"] == (
        "splits 40 heads and 10 key-value heads over 8 GPUs, which vLLM refuses"
    )
    assert "39.4 GiB that the driver reports" in told["memory-of-the-data-sheet"]["ours"]

    amd = compared["Standard_NG32ads_V620_v1"]
    assert (amd["agree"], amd["ours"]) == (None, None)
    assert "gpu-without-an-image" in {entry["defect"] for entry in amd["differences"]}


def test_of_a_model_in_kaitos_catalogue_its_own_figures_are_taken(modelyard):
    """Files that lie there twice, and layers without a growing cache, count as kaito counts them."""
    presets = ["phi-4-mini-instruct", "llama-3.1-8b-instruct", "phi-4", "qwen3.6-27b", "gpt-oss-20b"]
    presets += ["llama-3.3-70b-instruct", "qwen3.5-122b-a10b", "kimi-k2.6"]
    for preset, of in zip(presets, VECTORS["models"].values(), strict=True):
        cells = dict(zip(VECTORS["skus"], of["answers"], strict=True))
        for candidate in plan(modelyard, "--preset", preset)["candidates"]:
            if candidate["sku"] in cells:
                names = ("nodes", "tensor_parallel", "pipeline_parallel", "data_parallel")
                cell = "/".join(str(candidate[name]) for name in names)
                assert cell == cells[candidate["sku"]], (preset, candidate["sku"])


def test_what_kaito_counts_is_told_and_can_be_replaced(modelyard):
    found = plan(modelyard, "--preset", "gpt-oss-20b", "--sku", A100)
    assert "kaito counts 25.63 GiB of files and 49,152 bytes of cache per token (its catalogue's)" in found["warnings"]
    (twice,) = found["candidates"]
    assert "weights-counted-twice" in {entry["defect"] for entry in twice["comparison"]["differences"]}
    found = plan(modelyard, "--preset", "gpt-oss-20b", "--sku", A100, "--weights-gib", "12.8")
    (once,) = found["candidates"]
    assert "weights-counted-twice" not in {entry["defect"] for entry in once["comparison"]["differences"]}
    unlisted = plan(modelyard, "--preset", "gemma-2-9b-it", "--sku", A100)["warnings"]
    assert "kaito counts 17.21 GiB of files and 344,064 bytes of cache per token (not of its catalogue)" in unlisted
    quantised = plan(modelyard, "--preset", "phi-4", "--sku", A100, "--quantisation", "awq-int4")["warnings"]
    assert quantised[-2].endswith("(not of its catalogue)")


def test_where_kaito_refuses_ours_is_told_and_nothing_is_compared(modelyard):
    (candidate,) = plan(
        modelyard, "--weights-gib", "15", "--kv-bytes-per-token", "200000", "--context", "131072", "--sku", A10
    )["candidates"]
    assert not candidate["fits"]
    assert candidate["nodes"] == 0
    assert candidate["comparison"]["agree"] is None
    assert candidate["comparison"]["differences"] == []
    assert candidate["comparison"]["ours"]["sku"] == A10


def test_a_person_sees_both_answers_and_the_reasons_once(modelyard):
    answer = modelyard("plan", "--preset", "phi-4", "--estimator", "kaito", "--cloud", "azure").out
    assert "kaito's answer and ours:" in answer
    line = next(line for line in answer.splitlines() if line.startswith("Standard_ND96asr_A100_v4   1 node, TP8"))
    assert "  differs  1 node, TP" in line
    assert answer.count("\nmemory-of-the-data-sheet (Standard_NC24ads_A100_v4 and ") == 1
    assert "\n  kaito splits 40 heads and 10 key-value heads over 8 GPUs, which vLLM refuses\n" in answer


def test_our_own_plan_has_no_comparison(modelyard):
    answer = json.loads(modelyard("plan", "--preset", "gpt2", "--sku", A100, "--json").out)
    assert "comparison" not in answer["candidates"][0]


def test_kaitos_answer_is_held_to_the_limit_and_to_the_price_of_the_region(modelyard):
    options = [*NUMBERS, "--sku", A100, "--max-usd-per-hour", "1"]
    refused = modelyard("plan", *options, "--estimator", "kaito")
    assert refused.code == 1
    assert "costs 3.67 USD/h, over the limit of 1 USD/h" in refused.out
    (candidate,) = plan(modelyard, *options, "--spot")["candidates"]
    assert (candidate["fits"], candidate["usd_per_hour"]) == (True, 0.4444)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--sku", "g5.xlarge", "--region", "eu-west-1"], "no price in region eu-west-1"),
        (["--sku", A100, "--region", "westeurope", "--spot"], "no spot price in region westeurope"),
    ],
)
def test_kaitos_answer_is_not_said_to_fit_where_its_price_is_not_known(modelyard, options, reason):
    (candidate,) = plan(modelyard, *NUMBERS, *options)["candidates"]
    assert candidate["nodes"] > 0
    assert not candidate["fits"]
    assert candidate["reasons"][0].startswith(reason)


def test_a_region_that_does_not_sell_the_size_is_refused_under_our_name_of_it(modelyard):
    answer = modelyard(
        *("plan", *NUMBERS, "--sku", "Standard_ND96asr_A100_v4", "--region", "uksouth", "--estimator", "kaito")
    )
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith(
        "modelyard: --sku = 'Standard_ND96asr_v4': is not sold in 'uksouth'; it is in eastus, "
    )


def test_a_model_that_generates_no_text_is_none_for_kaito(modelyard):
    answer = modelyard("plan", "--preset", "bge-m3", "--estimator", "kaito")
    assert (answer.code, answer.out) == (2, "")
    assert "kaito 0.12.0 serves models that generate text; bge-m3 keeps no cache" in answer.err


def test_the_page_names_mistakes_that_there_are():
    page = (Path(__file__).parents[3] / "docs" / "cli.md").read_text()
    named = re.findall(
        r"`([a-z]+(?:-[a-z]+)+)`", page[page.index("The mistakes: ") : page.index("there may come more")]
    )
    assert len(named) == 15
    source = inspect.getsource(differences)
    assert [name for name in named if f'defect="{name}"' not in source] == []
