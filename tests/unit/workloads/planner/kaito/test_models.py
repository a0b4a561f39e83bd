"""Kaito's catalogue and its rules for unlisted models: sizes as kaito counts them."""

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
    (entry, kaito)
    for entry in map(presets.load, presets.list_names())
    if (kaito := find_kaito_model(entry.huggingface_id)) is not None
]


def test_every_model_of_kaitos_catalogue_is_a_preset():
    assert len(list_kaito_models()) == 60
    ours = {(presets.load(name).huggingface_id or "").lower() for name in presets.list_names()}
    assert [model.huggingface_id for model in list_kaito_models() if model.huggingface_id.lower() not in ours] == []


@pytest.mark.parametrize(("preset", "kaito"), LISTED, ids=lambda value: getattr(value, "name", ""))
def test_the_rule_for_the_cache_gives_the_catalogues_figures(preset, kaito):
    assert cache_bytes_per_token(preset.architecture) == kaito.kv_bytes_per_token


def test_only_listed_models_are_found_in_any_case():
    entry = find_kaito_model("OPENAI/gpt-oss-20b")
    assert entry is not None
    assert (entry.file_gib, entry.kv_bytes_per_token) == ("25.63", 49152)
    assert find_kaito_model("openai-community/gpt2") is None
    assert find_kaito_model(None) is None


def test_given_figures_go_before_the_catalogues_and_the_rules():
    preset = presets.load("qwen3.6-27b")
    model = Model.from_preset(preset)
    catalogue_figures = find_kaito_figures(model, huggingface_id=preset.huggingface_id)
    assert (catalogue_figures.file_gib, catalogue_figures.kv_bytes_per_token, catalogue_figures.listed) == (
        "51.75",
        262144,
        True,
    )
    own_figures = find_kaito_figures(model, huggingface_id=preset.huggingface_id, weights_gib=3.5, kv_bytes_per_token=7)
    assert (own_figures.file_gib, own_figures.kv_bytes_per_token, own_figures.listed) == (3.5, 7, False)
    ruled = find_kaito_figures(model)
    assert (ruled.file_gib, ruled.kv_bytes_per_token, ruled.listed) == (model.weights_gib, 262144, False)
    assert model.kv_bytes_per_token == 65536, "three of four layers keep no cache"
    numbers = Model.from_numbers(weights_gib=9, kv_bytes_per_token=11)
    assert find_kaito_figures(numbers).kv_bytes_per_token == 11


def test_the_table_is_rendered_from_kaitos_file():
    entry = {"name": "a/b", "modelFileSize": "1.50Gi", "hiddenSize": 64, "numHiddenLayers": 2}
    entry |= {"numAttentionHeads": 4, "numKeyValueHeads": 2}
    latent = {**entry, "name": "c/d", "kvLoraRank": 512, "qkRopeHeadDim": 64}
    wide = {**entry, "name": "e/f", "headDim": 32}
    assert render_table({"models": [entry, latent, wide]}) == "a/b 1.50 256\nc/d 1.50 2304\ne/f 1.50 512\n"
