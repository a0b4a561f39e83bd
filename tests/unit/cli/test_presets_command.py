"""`modelyard presets`: listing, showing, checking."""

import json
from pathlib import Path

import pytest
from modelyard.workloads.presets import preset as presets

GPT2 = Path(presets.__file__).parent / "models" / "gpt2.yaml"


def test_every_preset_is_listed(modelyard):
    answer = modelyard("presets", "list", "--json")
    assert [entry["name"] for entry in json.loads(answer.out)] == list(presets.list_names())
    assert "124.4 M" in modelyard("presets", "list").out


def test_a_preset_is_shown_as_yaml_and_as_json(modelyard):
    assert "family: gpt2" in modelyard("presets", "show", "gpt2").out
    output = json.loads(modelyard("presets", "show", "gpt2", "--json").out)
    assert output["architecture"]["parameters"] == 124439808


@pytest.mark.parametrize("name", ["gpt2", "gpt-oss-20b", "deepseek-v3.2", "bge-m3", "stable-diffusion-v1-5"])
def test_a_shown_preset_is_a_valid_preset_file(modelyard, tmp_path, name):
    file = tmp_path / f"{name}.yaml"
    file.write_text(modelyard("presets", "show", name).out)
    assert modelyard("presets", "check", str(file)).code == 0
    assert presets.read_preset(file) == presets.load(name)


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
        ("[1", "gpt2.yaml: not YAML"),
        ("[1]", "gpt2.yaml: must be a mapping with a preset's fields"),
        ("", "gpt2.yaml"),
        ("[" * 100_000, "gpt2.yaml: line 1, column 101: nested more than 100 deep"),
        ("- " * 50_000, "nested more than 100 deep"),
        (None, "cannot be read: No such file"),
    ],
)
def test_every_wrong_file_is_reported_and_the_code_is_1(modelyard, tmp_path, text, sentence):
    file = tmp_path / "gpt2.yaml"
    if text is not None:
        file.write_text(text)
    answer = modelyard("presets", "check", str(file), str(GPT2))
    assert answer.code == 1
    assert sentence in answer.err
    assert "fine: gpt2" in answer.out


def test_each_wrong_field_has_a_line_with_its_position(modelyard, tmp_path):
    file = tmp_path / "gpt2.yaml"
    file.write_text(GPT2.read_text().replace("licence:", "license:").replace("  layers:", "  layrs:"))
    answer = modelyard("presets", "check", str(file))
    assert (answer.code, answer.out) == (1, "")
    lines = answer.err.splitlines()
    assert all(line.startswith(f"{file}: ") for line in lines)
    (licence,) = [line for line in lines if "license: unknown field; did you mean licence?" in line]
    (layers,) = [line for line in lines if "architecture.layrs: unknown field; did you mean layers?" in line]
    number = file.read_text()[: file.read_text().index("license:")].count("\n") + 1
    assert licence.endswith(f"(line {number}, column 1)")
    assert layers.endswith(", column 3)")


@pytest.mark.parametrize(
    ("option", "value"), [("--name", "My Model"), ("--huggingface-id", "no slash"), ("--name", "x" * 64)]
)
def test_a_wrong_value_names_its_option(modelyard, tmp_path, option, value):
    file = tmp_path / "config.json"
    file.write_text('{"model_type": "gpt2", "n_embd": 64, "n_layer": 2, "n_head": 2, "vocab_size": 99}')
    answer = modelyard("presets", "from-config", str(file), option, value)
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith(f"modelyard: {option} = {value!r}: must ")


def test_a_preset_made_from_a_configuration_passes_the_check(modelyard, tmp_path):
    folder = tmp_path / "My GPT"
    folder.mkdir()
    config = {
        "model_type": "gpt2",
        "n_embd": 768,
        "n_layer": 12,
        "n_head": 12,
        "vocab_size": 50257,
        "n_positions": 1024,
    }
    (folder / "config.json").write_text(json.dumps(config))
    draft = modelyard("presets", "from-config", str(folder / "config.json"), "--licence", "MIT")
    assert (draft.code, draft.err) == (0, "")
    (tmp_path / "my-gpt.yaml").write_text(draft.out)
    check = modelyard("presets", "check", str(tmp_path / "my-gpt.yaml"))
    assert check.out.endswith("my-gpt.yaml: fine: my-gpt, gpt2, 124.4 M parameters\n")


def test_a_missing_licence_is_warned_about(modelyard, tmp_path):
    file = tmp_path / "tiny.json"
    file.write_text('{"model_type": "gpt2", "n_embd": 64, "n_layer": 2, "n_head": 2, "vocab_size": 99}')
    draft = modelyard("presets", "from-config", str(file))
    assert draft.code == 0
    assert draft.out.startswith("name: tiny\n")
    assert "licence is not in a config.json" in draft.err


def test_a_file_without_a_model_is_refused(modelyard, tmp_path):
    file = tmp_path / "config.json"
    file.write_text("{}")
    answer = modelyard("presets", "from-config", str(file))
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith(f"modelyard: {file}: hidden_size or n_embd or d_model or dim: is missing")
