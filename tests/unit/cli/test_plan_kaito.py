"""`modelyard plan --estimator kaito`: kaito's answer, priced and limited, and its differences from ours."""

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
def test_nodes_and_split_are_kaitos(modelyard, model):
    of = VECTORS["models"][model]
    numbers = ["--weights-gib", of["gib"], "--kv-bytes-per-token", str(of["kv_bytes_per_token"])]
    for sku, cell in zip(VECTORS["skus"], of["answers"], strict=True):
        result = plan(modelyard, *numbers, "--sku", sku)
        assert (result["estimator"], result["context_tokens"]) == ("kaito", 2048)
        (candidate,) = result["candidates"]
        names = ("nodes", "tensor_parallel", "pipeline_parallel", "data_parallel")
        assert "/".join(str(candidate[name]) for name in names) == cell, sku
        assert candidate["fits"]


def test_kaitos_table_is_priced_under_catalogue_names(modelyard):
    result = plan(modelyard, *NUMBERS, "--cloud", "azure")
    assert len(result["candidates"]) == 14
    refusals = [candidate["reasons"] for candidate in result["candidates"] if not candidate["fits"]]
    assert refusals == [["its GPU is AMD's, which kaito's image cannot use"]] * 2
    prices = {candidate["sku"]: candidate["usd_per_hour"] for candidate in result["candidates"]}
    assert prices["Standard_ND96asr_A100_v4"] == 27.197, "kaito's name for Standard_ND96asr_v4"


def test_memory_adds_up_to_kaitos_count(modelyard):
    (candidate,) = plan(modelyard, *NUMBERS, "--sku", "Standard_NV72ads_A10_v5")["candidates"]
    memory = candidate["gpu_memory_gib"]
    assert candidate["tensor_parallel"] == 2
    assert memory["weights_gib"] == pytest.approx(14.96 * 1.02 / 2, abs=1e-3)
    assert memory["activations_gib"] == pytest.approx(14.96 * 1.02 / 2 * 0.05, abs=1e-3)
    assert memory["kv_cache_gib"] == pytest.approx(2048 * 131072 / 2 / 2**30, abs=1e-3)
    assert memory["framework_gib"] == 2.3
    assert memory["total_gib"] + memory["free_gib"] == pytest.approx(24, abs=2e-3)


def test_our_answer_stands_beside_kaitos_with_its_mistakes(modelyard):
    result = plan(modelyard, "--preset", "phi-4", "--cloud", "azure")
    compared = {candidate["sku"]: candidate["comparison"] for candidate in result["candidates"]}
    assert compared[A100]["agree"] is True
    assert compared[A100]["ours"]["nodes"] == 1

    split = compared["Standard_ND96asr_A100_v4"]
    assert split["agree"] is False
    assert split["ours"]["sku"] == "Standard_ND96asr_v4"
    assert split["ours"]["tensor_parallel"] in {1, 2, 5, 10}, "what divides 40 heads and 10 key-value heads"
    differences = {entry["defect"]: entry for entry in split["differences"]}
    assert differences["tensor-parallel-indivisible"]["kaito"] == (
        "splits 40 heads and 10 key-value heads over 8 GPUs, which vLLM refuses"
    )
    assert "39.4 GiB that the driver reports" in differences["memory-of-the-data-sheet"]["ours"]

    amd = compared["Standard_NG32ads_V620_v1"]
    assert (amd["agree"], amd["ours"]) == (None, None)
    assert "gpu-without-an-image" in {entry["defect"] for entry in amd["differences"]}


def test_listed_models_use_kaitos_own_figures(modelyard):
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


def test_kaitos_figures_are_printed_and_can_be_replaced(modelyard):
    result = plan(modelyard, "--preset", "gpt-oss-20b", "--sku", A100)
    assert "kaito counts 25.63 GiB of files and 49,152 bytes of cache per token (its catalogue's)" in result["warnings"]
    (twice,) = result["candidates"]
    assert "weights-counted-twice" in {entry["defect"] for entry in twice["comparison"]["differences"]}
    result = plan(modelyard, "--preset", "gpt-oss-20b", "--sku", A100, "--weights-gib", "12.8")
    (once,) = result["candidates"]
    assert "weights-counted-twice" not in {entry["defect"] for entry in once["comparison"]["differences"]}
    unlisted = plan(modelyard, "--preset", "gemma-2-9b-it", "--sku", A100)["warnings"]
    assert "kaito counts 17.21 GiB of files and 344,064 bytes of cache per token (not of its catalogue)" in unlisted
    quantised = plan(modelyard, "--preset", "phi-4", "--sku", A100, "--quantisation", "awq-int4")["warnings"]
    assert quantised[-2].endswith("(not of its catalogue)")


def test_a_refusal_of_kaito_has_no_comparison(modelyard):
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


def test_kaitos_answer_obeys_price_limit_and_region(modelyard):
    options = [*NUMBERS, "--sku", A100, "--max-usd-per-hour", "1"]
    refusals = modelyard("plan", *options, "--estimator", "kaito")
    assert refusals.code == 1
    assert "costs 3.67 USD/h, over the limit of 1 USD/h" in refusals.out
    (candidate,) = plan(modelyard, *options, "--spot")["candidates"]
    assert (candidate["fits"], candidate["usd_per_hour"]) == (True, 0.4444)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--sku", "g5.xlarge", "--region", "eu-west-1"], "no price in region eu-west-1"),
        (["--sku", A100, "--region", "westeurope", "--spot"], "no spot price in region westeurope"),
    ],
)
def test_kaitos_answer_without_a_price_does_not_fit(modelyard, options, reason):
    (candidate,) = plan(modelyard, *NUMBERS, *options)["candidates"]
    assert candidate["nodes"] > 0
    assert not candidate["fits"]
    assert candidate["reasons"][0].startswith(reason)


def test_a_region_without_the_size_is_refused_by_our_name(modelyard):
    answer = modelyard(
        *("plan", *NUMBERS, "--sku", "Standard_ND96asr_A100_v4", "--region", "uksouth", "--estimator", "kaito")
    )
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith(
        "modelyard: --sku = 'Standard_ND96asr_v4': is not sold in 'uksouth'; it is in eastus, "
    )


def test_kaito_refuses_models_that_generate_no_text(modelyard):
    answer = modelyard("plan", "--preset", "bge-m3", "--estimator", "kaito")
    assert (answer.code, answer.out) == (2, "")
    assert "kaito 0.12.0 serves models that generate text; bge-m3 keeps no cache" in answer.err


def test_the_page_names_existing_mistakes_only():
    page = (Path(__file__).parents[3] / "docs" / "cli.md").read_text()
    names = re.findall(
        r"`([a-z]+(?:-[a-z]+)+)`", page[page.index("The mistakes: ") : page.index("there may come more")]
    )
    assert len(names) == 15
    source = inspect.getsource(differences)
    assert [name for name in names if f'defect="{name}"' not in source] == []
