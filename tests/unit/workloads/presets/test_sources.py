"""Sources of facts; parsers that vLLM has."""

import csv
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from modelyard.workloads.presets import preset as presets
from modelyard.workloads.presets.parsers import REASONING_PARSERS, TOOL_CALL_PARSERS
from modelyard.workloads.presets.preset import InvalidPresetError
from modelyard.workloads.presets.sources import SOURCES, Source, SourcedFact

from tools.documentation.preset_sources import find_source

LOADED = [presets.load(name) for name in presets.list_names()]
LINES = (Path(__file__).parent / "kaito_catalogue.csv").read_text().splitlines()
CATALOGUE = {row["huggingface_id"] for row in csv.DictReader(line for line in LINES if line[0] != "#")}


def test_every_source_is_complete_and_used():
    assert set(SOURCES) == set(get_args(Source))
    assert all("@" in place and "/" in place for place in SOURCES.values())
    assert {source for preset in LOADED for source in preset.sources.values()} == set(SOURCES)


@pytest.mark.parametrize("preset", LOADED, ids=lambda preset: preset.name)
def test_sources_cover_stated_facts_only(preset: presets.Preset):
    assert not [field for field in preset.sources if not find_source(preset, field)]


@pytest.mark.parametrize("preset", LOADED, ids=lambda preset: preset.name)
def test_facts_sourced_from_kaito_are_in_its_catalogue(preset: presets.Preset):
    fields = {field for field, source in preset.sources.items() if source == "kaito-catalogue"}
    if preset.huggingface_id in CATALOGUE:
        assert fields >= {"licence", "context", "download"}
    else:
        assert not fields


def test_few_facts_lack_a_source():
    fields: tuple[SourcedFact, ...] = get_args(SourcedFact)
    missing = [(preset.name, field) for preset in LOADED for field in fields if find_source(preset, field) == "none"]
    assert len(missing) <= 14
    assert not [name for name, field in missing if field in {"tool_call_parser", "reasoning_parser", "download"}]


def test_thirty_revisions_are_kaitos():
    pinned = [preset.name for preset in LOADED if preset.sources.get("revision") == "kaito-models"]
    assert len(pinned) == 30
    assert all(presets.load(name).revision != "main" for name in pinned)


@pytest.mark.parametrize("preset", LOADED, ids=lambda preset: preset.name)
def test_parsers_are_vllms(preset: presets.Preset):
    vllm = preset.runtimes.vllm
    if vllm is not None:
        assert vllm.tool_call_parser in {None, *TOOL_CALL_PARSERS}
        assert vllm.reasoning_parser in {None, *REASONING_PARSERS}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"tool_call_parser": "hermess"}, r"tool_call_parser: no parser 'hermess' in vLLM; did you mean hermes\? \("),
        ({"reasoning_parser": "nano_v3"}, r"reasoning_parser: no parser 'nano_v3' in vLLM; "),
        ({"reasoning_parser": "hermes"}, "reasoning_parser: no parser 'hermes' in vLLM; "),
    ],
)
def test_an_unknown_parser_is_refused_with_its_position(tmp_path: Path, change: dict[str, Any], message: str):
    content = yaml.safe_load((Path(presets.__file__).parent / "models" / "gpt2.yaml").read_text())
    file = tmp_path / "gpt2.yaml"
    file.write_text(yaml.safe_dump(content | {"runtimes": {"vllm": change}}))
    with pytest.raises(InvalidPresetError, match=message):
        presets.read_preset(file)


def test_an_unknown_source_is_refused(tmp_path: Path):
    content = yaml.safe_load((Path(presets.__file__).parent / "models" / "gpt2.yaml").read_text())
    file = tmp_path / "gpt2.yaml"
    file.write_text(yaml.safe_dump(content | {"sources": {"licence": "hearsay"}}))
    with pytest.raises(InvalidPresetError, match=r"sources.licence = 'hearsay': must be .*'kaito-catalogue'.* \(line"):
        presets.read_preset(file)
