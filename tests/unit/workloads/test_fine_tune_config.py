"""FineTuneConfig: defaults from the preset, and every refusal names the field and what is allowed."""

import json
from pathlib import Path
from typing import Any

import pytest
from modelyard.workloads.failure import UserError
from modelyard.workloads.fine_tune import config as configs
from modelyard.workloads.fine_tune.config import FineTuneConfig
from modelyard.workloads.presets import preset as presets

GOOD: dict[str, Any] = {"name": "a", "preset": "gpt2", "train_data": "/data/train.txt", "results": "pvc://runs/a"}


def test_what_is_left_out_comes_from_the_preset():
    config = FineTuneConfig(**GOOD)
    defaults = presets.load("gpt2").fine_tune["full"]
    assert (config.learning_rate, config.epochs, config.sequence_tokens) == (
        defaults.learning_rate,
        defaults.epochs,
        defaults.sequence_tokens,
    )
    assert FineTuneConfig.model_validate(GOOD | {"learning_rate": 0.5}).learning_rate == 0.5


def test_results_on_a_claim_lie_where_pods_mount_it(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("MODELYARD_MOUNT_ROOT", raising=False)
    assert FineTuneConfig(**GOOD).results_folder == Path("/mnt/runs/a")


def test_a_configuration_survives_its_own_json():
    config = FineTuneConfig(**GOOD)
    assert FineTuneConfig.model_validate_json(config.model_dump_json()) == config


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"preset": "gpt-2"}, "preset: no preset 'gpt-2'; did you mean gpt2"),
        ({"epoch": 3}, "epoch: unknown field"),
        ({"learning_rate": "fast"}, "learning_rate = 'fast': .*valid number"),
        ({"sequence_tokens": 4096}, "sequence_tokens is 4096, but preset gpt2 has max_context_tokens 1024"),
        ({"train_data": "data.txt"}, "train_data: 'data.txt' is not a location; allowed is an absolute path, pvc://"),
        ({"train_data": "pvc://UPPER/x"}, "train_data: .*names no volume claim"),
        ({"train_data": "pvc://claim/../other"}, "train_data: .*leaves its volume claim"),
        ({"results": "s3://bucket/x"}, "results: .*not a folder to write to; allowed is an absolute path or pvc://"),
        ({"validation_data": "/data/train.txt"}, "validation_data is train_data itself"),
        ({"method": "lora"}, "method: no engine of this release runs this: the trainer does not take task lora"),
        ({"precision": "fp8"}, "precision = .*'auto', 'fp32', 'fp16' or 'bf16'"),
        ({"name": "My Run"}, "name = "),
        ({"workers": 0}, "workers = 0: must be greater than 0"),
    ],
)
def test_a_wrong_field_is_named(tmp_path: Path, change: dict[str, Any], message: str):
    file = tmp_path / "fine-tune.json"
    file.write_text(json.dumps(GOOD | change))
    with pytest.raises(UserError, match=f"fine-tune.json: .*{message}"):
        configs.read(file)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("gone.json", None, "cannot be read: .*No such file"),
        ("a.json", b"{", "is neither JSON nor YAML"),
        ("a.yaml", b"a: [", "is neither JSON nor YAML"),
        ("a.yaml", b"- 1", "must hold an object"),
        ("a.json", b"\xff\xfe", "cannot be read"),
    ],
)
def test_a_file_that_is_no_configuration_is_refused(tmp_path: Path, name: str, content: bytes | None, message: str):
    file = tmp_path / name
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(UserError, match=message):
        configs.read(file)


def test_yaml_is_read_too(tmp_path: Path):
    file = tmp_path / "fine-tune.yaml"
    file.write_text("{name: a, preset: gpt2, train_data: /t, results: /r}")
    assert configs.read(file).preset == "gpt2"
