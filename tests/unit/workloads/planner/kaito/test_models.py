"""Kaito's catalogue and its rules for what it does not list: sizes as it counts them, not as they are."""

import pytest
from modelyard.workloads.planner.kaito.models import (
    cache_bytes_per_token,
    find_kaito_figures,
    find_kaito_model,
    list_kaito_models,
    render_table,
)
from modelyard.workloads.planner.model import Model
from modelyard.workloads.presets import preset as presets

LISTED = [
    (found, kaito)
    for found in map(presets.load, presets.names())
    if (kaito := find_kaito_model(found.huggingface_id)) is not None
]


def test_every_model_of_kaitos_catalogue_is_a_preset():
    assert len(list_kaito_models()) == 60
    ours = {(presets.load(name).huggingface_id or "").lower() for name in presets.names()}
    assert [model.huggingface_id for model in list_kaito_models() if model.huggingface_id.lower() not in ours] == []


@pytest.mark.parametrize(("preset", "kaito"), LISTED, ids=lambda value: getattr(value, "name", ""))
def test_the_rule_for_the_cache_gives_the_catalogues_figures(preset, kaito):
    assert cache_bytes_per_token(preset.architecture) == kaito.kv_bytes_per_token


def test_a_model_is_found_in_any_case_and_an_unlisted_one_is_not():
    found = find_kaito_model("OPENAI/gpt-oss-20b")
    assert found is not None
    assert (found.file_gib, found.kv_bytes_per_token) == ("25.63", 49152)
    assert find_kaito_model("openai-community/gpt2") is None
    assert find_kaito_model(None) is None


def test_figures_are_those_given_then_the_catalogues_then_by_its_rules():
    preset = presets.load("qwen3.6-27b")
    model = Model.from_preset(preset)
    listed = find_kaito_figures(model, huggingface_id=preset.huggingface_id)
    assert (listed.file_gib, listed.kv_bytes_per_token, listed.listed) == ("51.75", 262144, True)
    given = find_kaito_figures(model, huggingface_id=preset.huggingface_id, weights_gib=3.5, kv_bytes_per_token=7)
    assert (given.file_gib, given.kv_bytes_per_token, given.listed) == (3.5, 7, False)
    ruled = find_kaito_figures(model)
    assert (ruled.file_gib, ruled.kv_bytes_per_token, ruled.listed) == (model.weights_gib, 262144, False)
    assert model.kv_bytes_per_token == 65536, "three of four layers keep no cache"
    numbers = Model.from_numbers(weights_gib=9, kv_bytes_per_token=11)
    assert find_kaito_figures(numbers).kv_bytes_per_token == 11


def test_the_table_is_made_from_kaitos_file():
    entry = {"name": "a/b", "modelFileSize": "1.50Gi", "hiddenSize": 64, "numHiddenLayers": 2}
    entry |= {"numAttentionHeads": 4, "numKeyValueHeads": 2}
    latent = {**entry, "name": "c/d", "kvLoraRank": 512, "qkRopeHeadDim": 64}
    wide = {**entry, "name": "e/f", "headDim": 32}
    assert render_table({"models": [entry, latent, wide]}) == "a/b 1.50 256\nc/d 1.50 2304\ne/f 1.50 512\n"
