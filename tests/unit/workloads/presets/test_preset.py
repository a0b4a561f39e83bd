"""Presets: the content of the files, and messages about wrong ones."""

import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
import yaml
from modelyard.workloads.presets import preset as presets
from modelyard.workloads.presets.preset import InvalidPresetError, UnknownPresetError
from modelyard.workloads.presets.quantisation import weight_bytes
from pydantic import ValidationError

from tools.documentation.preset_schema import build_schema

GPT2 = yaml.safe_load((Path(presets.__file__).parent / "models" / "gpt2.yaml").read_text())


@pytest.mark.parametrize("name", presets.list_names())
def test_every_preset_loads_and_is_named_after_its_file(name: str):
    assert presets.load(name).name == name


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("gpt-2", "did you mean gpt2"),
        ("gpt2tiny", "did you mean gpt2-tiny"),
        ("xyzzy", "`modelyard presets list` shows the"),
    ],
)
def test_an_unknown_name_is_answered_with_the_nearest(name: str, nearest: str):
    with pytest.raises(UnknownPresetError, match=nearest):
        presets.load(name)


@pytest.mark.parametrize("name", presets.list_names())
def test_a_download_is_as_large_as_the_published_weights(name: str):
    preset = presets.load(name)
    if preset.download_gib is None:
        assert preset.huggingface_id is None
        return
    weights = weight_bytes(preset.architecture, preset.quantisation, preset.dtype) / 2**30
    # Files carry masks (gpt2) and balancing biases; a quantised file keeps some matrices more in 16 bit.
    assert weights * 0.99 - 0.005 <= preset.download_gib <= weights * 1.11


def test_a_preset_is_found_by_its_hub_id():
    assert presets.load("Qwen/Qwen3-8B").name == "qwen3-8b"
    assert presets.load("meta-llama/llama-3.1-8b-instruct") == presets.load("llama-3.1-8b-instruct")
    with_id = [name for name in presets.list_names() if presets.load(name).huggingface_id]
    assert sorted(presets.map_huggingface_ids().values()) == with_id


def test_an_unknown_id_is_answered_with_names():
    with pytest.raises(UnknownPresetError, match="no preset 'Qwen/Qwen9'"):
        presets.load("Qwen/Qwen9")


def test_base_and_instruct_presets_differ():
    pairs = [
        (presets.load(name), presets.load(f"{name}-instruct")) for name in ("llama-3.1-8b", "falcon-7b", "qwen2.5-7b")
    ]
    for base, instruct in pairs:
        assert (base.variant, instruct.variant, instruct.base_model) == ("base", "instruct", base.huggingface_id)


def test_the_published_schema_is_current():
    file = Path(presets.__file__).parent / "schema.json"
    assert json.loads(file.read_text()) == build_schema(), (
        "python -m tools.documentation.preset_schema > workloads/presets/schema.json"
    )


@pytest.mark.parametrize("name", presets.list_names())
def test_every_preset_file_follows_the_published_schema(name: str):
    jsonschema.validate(
        yaml.safe_load((Path(presets.__file__).parent / "models" / f"{name}.yaml").read_text()), build_schema()
    )


def test_a_wrong_field_has_its_position_and_nearest_name(tmp_path: Path):
    file = tmp_path / "gpt2.yaml"
    file.write_text(yaml.safe_dump(GPT2, sort_keys=False).replace("  hidden_size:", "  hiden_size:"))
    with pytest.raises(InvalidPresetError) as caught:
        presets.read_preset(file)
    line = file.read_text().splitlines().index("  hiden_size: 768") + 1
    assert f"architecture.hiden_size: unknown field; did you mean hidden_size? (line {line}, column 3)" in str(
        caught.value
    )
    assert "architecture.hidden_size: is missing" in str(caught.value)


def test_a_count_unlike_the_shapes_is_refused(tmp_path: Path):
    file = tmp_path / "gpt2.yaml"
    file.write_text(yaml.safe_dump(GPT2 | {"architecture": GPT2["architecture"] | {"parameters": 137000000}}))
    with pytest.raises(
        InvalidPresetError, match="parameters = 137000000: must be 124439808, the count of this shape of family gpt2"
    ):
        presets.read_preset(file)


def test_a_path_is_no_name():
    with pytest.raises(UnknownPresetError):
        presets.load("../presets/gpt2")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"licence": None}, "licence = None: must be a valid string"),
        ({"colour": "blue"}, "colour: unknown field"),
        (
            {"architecture": GPT2["architecture"] | {"layers": 0}},
            "architecture.layers = 0: must be greater than 0",
        ),
        ({"architecture": GPT2["architecture"] | {"layers": "8G"}}, "architecture.layers = '8G': must be"),
        ({"architecture": GPT2["architecture"] | {"hidden_size": 100}}, r"hidden_size \(100\) must be a multiple"),
        (
            {"architecture": GPT2["architecture"] | {"key_value_heads": 5}},
            r"must be a multiple of key_value_heads \(5\)",
        ),
        ({"fine_tune": {"guess": {}}}, "fine_tune.guess"),
        ({"download_gib": float("inf")}, "download_gib = inf: must be less than or equal to 1000000"),
        (
            {"architecture": GPT2["architecture"] | {"layers": 2**80}},
            "architecture.layers = .*less than or equal to 2000",
        ),
        (
            {"fine_tune": {"full": {"learning_rate": 1, "epochs": 1, "sequence_tokens": 2048}}},
            "sequence_tokens = 2048: must be at most the model's max_context_tokens, 1024",
        ),
        ({"name": "other"}, "name = 'other': must be 'gpt2', as the file is named"),
    ],
)
def test_a_wrong_file_is_refused_by_file_and_field(tmp_path: Path, change: dict, message: str):
    file = tmp_path / "gpt2.yaml"
    file.write_text(yaml.safe_dump(GPT2 | change))
    with pytest.raises(InvalidPresetError, match=f"gpt2.yaml: .*{message}"):
        presets.read_preset(file)


def test_a_file_that_is_not_yaml_is_refused(tmp_path: Path):
    file = tmp_path / "gpt2.yaml"
    file.write_text("name: [\n")
    with pytest.raises(InvalidPresetError, match=r"^gpt2\.yaml: not YAML: [^\n]* \(line 2, column 1\)$"):
        presets.read_preset(file)


def test_a_field_that_stands_twice_is_refused(tmp_path: Path):
    file = tmp_path / "gpt2.yaml"
    file.write_text("name: gpt2\nlicence: MIT\nname: gpt3\n")
    message = r"^gpt2\.yaml: 'name' stands twice, first in line 1 \(line 3, column 1\)$"
    with pytest.raises(InvalidPresetError, match=message):
        presets.read_preset(file)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"quantisation": "fp9"}, r"quantisation = 'fp9': .*; did you mean fp8\? \(line \d+, column 1\)$"),
        ({"fine_tune": {"loras": {}}}, r"fine_tune\.loras = 'loras': .*; did you mean lora\? \(line \d+, column 3\)"),
        ({"variant": "xyz"}, r"variant = 'xyz': must be 'base' or 'instruct' \(line"),
    ],
)
def test_a_wrong_choice_names_the_nearest_one(tmp_path: Path, change: dict, message: str):
    file = tmp_path / "gpt2.yaml"
    file.write_text(yaml.safe_dump(GPT2 | change))
    with pytest.raises(InvalidPresetError, match=message):
        presets.read_preset(file)


def test_a_preset_cannot_be_changed():
    with pytest.raises(ValidationError, match="frozen"):
        presets.load("gpt2").licence = "other"  # pyright: ignore[reportAttributeAccessIssue] - the point of the test


def test_cache_bytes_and_operations_of_gpt2():
    architecture = presets.load("gpt2").architecture
    # 2 (key, value) x 12 layers x 12 heads x 64 values x 2 bytes
    assert architecture.kv_bytes_per_token() == 36864
    # 6 x (124.44 M - 0.79 M position embeddings) + 12 x 12 layers x 768 x 1024
    assert architecture.train_flop_per_token(1024) == pytest.approx(6 * (124439808 - 1024 * 768) + 12 * 12 * 768 * 1024)


def test_import_loads_nothing_heavy():
    code = "import sys; import modelyard.workloads.presets.preset as p; p.load('gpt2'); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"torch", "transformers", "ray", "numpy", "pulumi"} & set(loaded)
