"""`modelyard plan --model-config`: plain, odd and broken files."""

import json
from pathlib import Path

import pytest

from tests.unit.workloads.presets.configs import LLAMA_8B


def plan(modelyard, *arguments: str) -> dict:
    answer = modelyard("plan", *arguments, "--json")
    assert answer.code in {0, 1}, answer.err
    return json.loads(answer.out)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    folder = tmp_path / "my-llama"
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(LLAMA_8B))
    return folder / "config.json"


def test_numbers_replace_those_of_a_configuration_file(modelyard, config):
    model = plan(modelyard, "--model-config", str(config))["model"]
    assert (model["name"], model["parameters"], model["kv_bytes_per_token"]) == ("my-llama", 8030261248, 131072)
    assert model["exact"]
    model = plan(modelyard, "--model-config", str(config), "--weights-gib", "15", "--kv-bytes-per-token", "7")["model"]
    assert (model["weights_gib"], model["kv_bytes_per_token"]) == (15, 7)


def test_byte_order_marks_and_wrapped_language_models_are_read(modelyard, config):
    config.write_text("\ufeff" + json.dumps({"model_type": "llava", "text_config": LLAMA_8B}))
    model = plan(modelyard, "--model-config", str(config))["model"]
    assert (model["parameters"], model["kv_bytes_per_token"]) == (8030261248, 131072)


def test_the_published_quantisation_is_the_default(modelyard, config):
    config.write_text(json.dumps({**LLAMA_8B, "quantization_config": {"quant_method": "awq", "bits": 4}}))
    awq = plan(modelyard, "--model-config", str(config))["model"]
    none = plan(modelyard, "--model-config", str(config), "--quantisation", "none")["model"]
    assert (awq["quantisation"], none["quantisation"]) == ("awq-int4", "none")
    assert 5 < awq["weights_gib"] < 6
    assert none["weights_gib"] == pytest.approx(14.96, abs=0.01)
    preset = plan(modelyard, "--preset", "gpt-oss-20b")["model"]
    assert preset["quantisation"] == "mxfp4"
    assert preset["weights_gib"] == pytest.approx(12.8, abs=0.3), "kaito counts it twice: 25.63"


def test_an_unknown_family_gets_a_warning_and_a_wider_margin(modelyard, config):
    known_candidate = plan(modelyard, "--model-config", str(config), "--sku", "Standard_NC24ads_A100_v4")["candidates"][
        0
    ]
    config.write_text(json.dumps({**LLAMA_8B, "model_type": "llamarama"}))
    answer = modelyard("plan", "--model-config", str(config), "--sku", "Standard_NC24ads_A100_v4", "--json")
    assert "llamarama" in answer.err
    result = json.loads(answer.out)
    assert not result["model"]["exact"]
    assert result["candidates"][0]["gpu_memory_gib"]["total_gib"] > known_candidate["gpu_memory_gib"]["total_gib"] + 1


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (None, "cannot be read: No such file"),
        ("", "config.json: not JSON: it is empty"),
        ("{", "config.json: not JSON: line 1, column 2: "),
        ("[]", "config.json: must be an object with a model's sizes, got a list"),
        ("null", "got null"),
        ("{}", "config.json: hidden_size or n_embd or d_model or dim: is missing"),
        ("[" * 100_000, "config.json: not a config.json: nested too deeply"),
        ('{"hidden_size": ' + "9" * 5000 + "}", "config.json: "),
        ('{"model_type": "llama", "hidden_size": 1e400}', "hidden_size = inf: must be a whole number"),
        ('{"model_type": "llama", "hidden_size": {"a": 1}}', "must be a whole number"),
        (
            '{"text_config": {"architectures": ["LlamaForCausalLM"]}}',
            "config.json: hidden_size or n_embd or d_model or dim: is missing",
        ),
        ('{"model_type": "llama", "hidden_size": -1}', "modelyard: "),
    ],
)
def test_a_file_that_is_no_configuration_is_refused(modelyard, tmp_path, text, sentence):
    file = tmp_path / "config.json"
    if text is not None:
        file.write_text(text)
    answer = modelyard("plan", "--model-config", str(file))
    assert (answer.code, answer.out) == (2, "")
    assert sentence in answer.err
    assert answer.err.count("\n") == 1
    assert "Traceback" not in answer.err
