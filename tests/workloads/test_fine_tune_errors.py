"""Faults of a person: exit code 2, one sentence, the same in the marker; and nothing is retried in vain."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import torch
from modelyard.workloads.fine_tune.__main__ import main

from tests.workloads.conftest import Run

pytestmark = pytest.mark.workloads


def refused(settings: dict[str, Any], capsys: pytest.CaptureFixture, *, marked: bool = True) -> str:
    """The one sentence with which a run is refused."""
    file = Path(settings["train_data"]).with_suffix(".json")
    file.write_text(json.dumps(settings))
    assert main(["--config", str(file), "--local"]) == 2
    message = capsys.readouterr().err
    assert message.startswith("error: ")
    assert message.count("\n") == 1
    if marked:
        marker = Run(settings).read("FAILED")
        assert marker["kind"] == "user"
        assert f"error: {marker['reason']}\n" == message
    assert not Run(settings).has("SUCCEEDED")
    return message


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty; text to train on is needed"),
        (b"\x89PNG\r\n\x1a\n\x00", "is not text: it contains zero bytes; allowed is UTF-8 text"),
        (b"na\xefve\n" * 100, "is not UTF-8 text: byte 0xef at position 2"),
        (b"x" * 70000 + b"\xff\n" * 10, "is not UTF-8 text: byte 0xff at position 70000"),
    ],
)
def test_data_that_cannot_be_trained_on(settings, tmp_path, capsys, content: bytes, message: str):
    file = tmp_path / "data.txt"
    file.write_bytes(content)
    said = refused(settings | {"train_data": str(file)}, capsys)
    assert re.search(message, said), said
    assert str(file) in said


def test_data_that_are_too_short(settings, tmp_path, small_text, capsys):
    (tmp_path / "short.txt").write_text("far too short\nreally\n")
    said = refused(settings | {"train_data": str(tmp_path / "short.txt"), "validation_data": str(small_text)}, capsys)
    assert "short.txt is too short: it has 1" in said
    assert "tokens, and at least 32 are needed; give more text or a smaller sequence_tokens" in said


def test_data_that_are_not_there(settings, tmp_path, capsys):
    assert "does not exist" in refused(settings | {"train_data": str(tmp_path / "none.txt")}, capsys)
    settings["results"] = str(tmp_path / "second")
    assert "validation_data" in refused(settings | {"validation_data": str(tmp_path / "none.txt")}, capsys)


def test_an_unknown_preset_is_answered_with_the_nearest_and_marked(settings, capsys):
    assert "preset: no preset 'gpt2-tyni'; did you mean gpt2-tiny" in refused(
        settings | {"preset": "gpt2-tyni"}, capsys
    )


def test_wrong_configuration_leaves_results_of_another_run(settings, capsys):
    folder = Path(settings["results"])
    folder.mkdir()
    (folder / "run.json").write_text("{}")
    refused(settings | {"preset": "gpt2-tyni"}, capsys, marked=False)
    assert not (folder / "FAILED").exists()


def test_a_model_that_is_not_there(settings, tmp_path, capsys):
    assert "there is no folder" in refused(settings | {"model": str(tmp_path / "none")}, capsys)


def test_a_folder_that_is_no_model(settings, tmp_path, capsys):
    (tmp_path / "empty").mkdir()
    said = refused(settings | {"model": str(tmp_path / "empty")}, capsys)
    assert f"model {tmp_path / 'empty'}: no tokenizer can be loaded" in said


def test_a_model_of_the_hub_without_a_way_to_the_hub(settings, model_folder, capsys):
    said = refused(settings | {"model": "hf://openai-community/gpt2", "tokenizer": str(model_folder)}, capsys)
    assert "model hf://openai-community/gpt2 cannot be loaded" in said
    assert "give the folder of a copy, or set HF_ENDPOINT" in said


def test_a_model_of_another_family(settings, tmp_path, model_folder, capsys):
    from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM

    folder = tmp_path / "llama"
    shape = LlamaConfig(
        vocab_size=512, hidden_size=16, intermediate_size=32, num_hidden_layers=1, num_attention_heads=2
    )
    LlamaForCausalLM(shape).save_pretrained(folder)
    AutoTokenizer.from_pretrained(model_folder).save_pretrained(folder)
    said = refused(settings | {"model": str(folder)}, capsys)
    assert "is of family 'llama', but the preset is of family 'gpt2'" in said


def test_a_tokenizer_that_is_larger_than_the_model(settings, tmp_path, topics, capsys):
    from modelyard.workloads.preprocess import tokenizer

    tokenizer.train(topics.values(), 600, 128).save_pretrained(tmp_path / "large")
    said = refused(settings | {"tokenizer": str(tmp_path / "large")}, capsys)
    assert "the tokenizer has 600 tokens, but the model's vocabulary is 512" in said


def test_sequences_longer_than_the_model(settings, capsys):
    assert "sequence_tokens is 200, but the model has 128 positions" in refused(
        settings | {"sequence_tokens": 200}, capsys
    )


def test_training_that_diverges_says_what_to_change(settings, capsys):
    said = refused(settings | {"learning_rate": 1e30, "warmup_fraction": 0.0, "schedule": "constant"}, capsys)
    assert "training has diverged; lower learning_rate (1e+30 now)" in said
    # No checkpoint of weights that are not numbers, from which no run could ever recover.
    for entry in (Run(settings).folder / "checkpoints").glob("step-*/state.pt"):
        state = torch.load(entry, weights_only=True)
        assert all(torch.isfinite(tensor).all() for tensor in state["model"].values())


def test_fp16_and_gpus_where_there_are_none(settings, tmp_path, capsys):
    assert "precision fp16 needs a GPU" in refused(settings | {"precision": "fp16"}, capsys)
    if not torch.cuda.is_available():
        settings["results"] = str(tmp_path / "second")
        assert "use_gpu is true, but this worker sees no CUDA" in refused(settings | {"use_gpu": True}, capsys)


def test_results_that_cannot_be_written(settings, tmp_path, capsys):
    (tmp_path / "file").write_text("")
    said = refused(settings | {"results": str(tmp_path / "file/results")}, capsys, marked=False)
    assert "results folder" in said
    assert "cannot be written" in said


def test_a_configuration_that_is_not_there(tmp_path, capsys):
    assert main(["--config", str(tmp_path / "none.json"), "--local"]) == 2
    assert "cannot be read" in capsys.readouterr().err


def test_what_is_put_right_runs(settings, tmp_path, capsys):
    refused(settings | {"train_data": str(tmp_path / "none.txt")}, capsys)
    settings["results"] = str(tmp_path / "results")
    file = tmp_path / "fine-tune.json"
    # The same run: its text is there now.
    (tmp_path / "none.txt").write_text(Path(settings["train_data"]).read_text())
    file.write_text(json.dumps(settings | {"train_data": str(tmp_path / "none.txt")}))
    assert main(["--config", str(file), "--local"]) == 0
    assert not Run(settings).has("FAILED")
    assert Run(settings).has("SUCCEEDED")


def test_help_shows_an_example_and_the_exit_codes(capsys):
    with pytest.raises(SystemExit) as end:
        main(["--help"])
    assert end.value.code == 0
    said = capsys.readouterr().out
    assert "--config fine-tune.json --local" in said
    assert "exit codes: 0" in said
