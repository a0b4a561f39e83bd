"""The argument of cost: small GPUs against an A100."""

from pathlib import Path

import pytest

from tools.documentation.planner_comparison import compare, render_table

T4, A100 = "Standard_NC4as_T4_v3", "Standard_NC24ads_A100_v4"


@pytest.fixture(scope="module")
def usd():
    return {(row.model, row.sku, row.load.split(",")[0]): row.usd_per_million_tokens for row in compare()}


def test_few_sequences_of_a_small_model_are_cheaper_on_a_t4(usd):
    assert usd["qwen2.5-3b-instruct", T4, "serve"] < usd["qwen2.5-3b-instruct", A100, "serve"]


def test_batch_of_a_model_that_fills_a_t4_is_cheaper_on_an_a100(usd):
    assert usd["llama-3.1-8b", T4, "batch"] is None
    assert usd["llama-3.1-8b", A100, "batch"] < usd["llama-3.1-8b", "g5.xlarge", "batch"]


def test_the_table_in_the_documentation_is_current():
    assert render_table() in Path("docs/planner.md").read_text(encoding="utf-8")
