"""Every model that kaito 0.12 lists has a preset, and where both say something they say the same."""

import csv
from pathlib import Path

import pytest
from modelyard.workloads.presets import preset as presets

LINES = (Path(__file__).parent / "kaito_catalogue.csv").read_text().splitlines()
CATALOGUE = {row["huggingface_id"]: row for row in csv.DictReader(line for line in LINES if line[0] != "#")}
PRESETS = {preset.huggingface_id: preset for preset in map(presets.load, presets.list_names()) if preset.huggingface_id}

SPDX = {
    "apache-2.0": "Apache-2.0",
    "mit": "MIT",
    "gemma": "LicenseRef-Gemma",
    "llama3.1": "LicenseRef-Llama-3.1",
    "llama3.3": "LicenseRef-Llama-3.3",
    "modified-mit": "LicenseRef-Modified-MIT",
    "nvidia-open-model-license": "LicenseRef-NVIDIA-Open-Model",
    "nvidia-nemotron-open-model-license": "LicenseRef-NVIDIA-Nemotron-Open-Model",
    "openmdw-1.1": "LicenseRef-OpenMDW-1.1",
    "other": "LicenseRef-other",
}
"""The hub's names of licences, which kaito repeats."""

COUNTED_TWICE = {"openai/gpt-oss-20b", "openai/gpt-oss-120b"}
"""kaito adds a second copy of the weights in the folder ``original/`` (facts of its estimator; docs/planner.md)."""


def test_the_list_is_whole():
    assert len(CATALOGUE) == 60


@pytest.mark.parametrize("huggingface_id", CATALOGUE)
def test_listed_models_have_a_preset_of_kaitos_shape(huggingface_id: str):
    row, architecture = CATALOGUE[huggingface_id], PRESETS[huggingface_id].architecture
    assert {
        "hidden_size": architecture.hidden_size,
        "layers": architecture.layers,
        "attention_heads": architecture.attention_heads,
        "key_value_heads": architecture.key_value_heads,
        "context_tokens": architecture.max_context_tokens,
    } == {key: int(value) for key, value in row.items() if key not in {"huggingface_id", "licence", "file_gib"}}


@pytest.mark.parametrize("huggingface_id", CATALOGUE)
def test_licences_are_kaitos(huggingface_id: str):
    assert PRESETS[huggingface_id].licence == SPDX[CATALOGUE[huggingface_id]["licence"]]


@pytest.mark.parametrize("huggingface_id", CATALOGUE)
def test_downloads_are_the_sum_of_kaitos_files(huggingface_id: str):
    file_gib = float(CATALOGUE[huggingface_id]["file_gib"])
    if huggingface_id in COUNTED_TWICE:
        assert PRESETS[huggingface_id].download_gib == pytest.approx(file_gib / 2, abs=0.01)
    else:
        assert PRESETS[huggingface_id].download_gib == file_gib
