"""Presets: what is in the files, and what is said about files that are wrong."""

import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from modelyard.workloads.presets import preset as presets
from modelyard.workloads.presets.preset import InvalidPresetError, UnknownPresetError
from pydantic import ValidationError

GPT2 = yaml.safe_load((Path(presets.__file__).parent / "gpt2.yaml").read_text())


@pytest.mark.parametrize("name", presets.names())
def test_every_preset_loads_and_is_named_after_its_file(name: str):
    assert presets.load(name).name == name


@pytest.mark.parametrize(
    ("wrong", "nearest"),
    [("gpt-2", "did you mean gpt2"), ("gpt2tiny", "did you mean gpt2-tiny"), ("xyz", "known are gpt2")],
)
def test_an_unknown_name_is_answered_with_the_nearest(wrong: str, nearest: str):
    with pytest.raises(UnknownPresetError, match=nearest):
        presets.load(wrong)


def test_a_path_is_no_name():
    with pytest.raises(UnknownPresetError):
        presets.load("../presets/gpt2")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"licence": None}, "licence: input should be a valid string"),
        ({"colour": "blue"}, "colour: unknown field"),
        (
            {"architecture": GPT2["architecture"] | {"layers": 0}},
            "architecture.layers: input should be greater than 0, got 0",
        ),
        ({"architecture": GPT2["architecture"] | {"layers": "8G"}}, "architecture.layers: .*got '8G'"),
        ({"architecture": GPT2["architecture"] | {"hidden_size": 100}}, r"hidden_size \(100\) must be a multiple"),
        (
            {"architecture": GPT2["architecture"] | {"key_value_heads": 5}},
            r"must be a multiple of key_value_heads \(5\)",
        ),
        ({"fine_tune": {"guess": {}}}, "fine_tune.guess"),
        (
            {"fine_tune": {"full": {"learning_rate": 1, "epochs": 1, "sequence_tokens": 2048}}},
            "sequence_tokens is 2048, but the model's max_context_tokens is 1024",
        ),
        ({"name": "other"}, "name: is 'other', but the file's name says 'gpt2.yaml'"),
    ],
)
def test_a_wrong_file_is_refused_by_file_and_field(tmp_path: Path, change: dict, message: str):
    file = tmp_path / "gpt2.yaml"
    file.write_text(yaml.safe_dump(GPT2 | change))
    with pytest.raises(InvalidPresetError, match=f"gpt2.yaml: .*{message}"):
        presets.read(file)


def test_a_file_that_is_not_yaml_is_refused(tmp_path: Path):
    file = tmp_path / "gpt2.yaml"
    file.write_text("name: [")
    with pytest.raises(InvalidPresetError, match=r"gpt2\.yaml: not YAML"):
        presets.read(file)


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
