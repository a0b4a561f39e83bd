"""`modelyard presets`: listing, showing, checking."""

import json
from pathlib import Path

import pytest
from modelyard.workloads.presets import preset as presets

GPT2 = Path(presets.__file__).parent / "gpt2.yaml"


def test_every_preset_is_listed(modelyard):
    answer = modelyard("presets", "list", "--json")
    assert [entry["name"] for entry in json.loads(answer.out)] == list(presets.names())
    assert "124.4 M" in modelyard("presets", "list").out


def test_a_preset_is_shown_as_yaml_and_as_json(modelyard):
    assert "family: gpt2" in modelyard("presets", "show", "gpt2").out
    shown = json.loads(modelyard("presets", "show", "gpt2", "--json").out)
    assert shown["architecture"]["parameters"] == 124439808


def test_an_unknown_preset_is_answered_with_the_nearest(modelyard):
    answer = modelyard("presets", "show", "gpt-2")
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith("modelyard: no preset 'gpt-2'; did you mean gpt2")


def test_a_good_file_is_fine(modelyard):
    answer = modelyard("presets", "check", str(GPT2))
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.endswith("gpt2.yaml: fine: gpt2, gpt2, 124.4 M parameters\n")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (GPT2.read_text().replace("licence:", "license:"), "license: unknown field"),
        ("[1", "gpt2.yaml"),
        (None, "cannot be read: No such file"),
    ],
)
def test_every_wrong_file_is_told_and_the_code_is_1(modelyard, tmp_path, text, sentence):
    file = tmp_path / "gpt2.yaml"
    if text is not None:
        file.write_text(text)
    answer = modelyard("presets", "check", str(file), str(GPT2))
    assert answer.code == 1
    assert sentence in answer.err
    assert "fine: gpt2" in answer.out
