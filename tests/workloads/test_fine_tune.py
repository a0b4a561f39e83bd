"""Whole fine-tunes in this process and in processes that are killed: real text, a real small GPT-2."""

import json
import logging
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import torch
from modelyard.workloads.fine_tune.__main__ import main

from tests.workloads.conftest import Run

pytestmark = pytest.mark.workloads


def fine_tune(settings: dict[str, Any], file: Path | None = None) -> int:
    file = file or Path(settings["results"]).parent / "fine-tune.json"
    file.write_text(json.dumps(settings))
    return main(["--config", str(file), "--local"])


def start(settings: dict[str, Any]) -> subprocess.Popen:
    file = Path(settings["results"]).parent / "fine-tune.json"
    file.write_text(json.dumps(settings))
    return subprocess.Popen(
        [sys.executable, "-m", "modelyard.workloads.fine_tune", "--config", str(file), "--local"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def wait_for_step(run: Run, process: subprocess.Popen, step: int) -> None:
    end = time.monotonic() + 120
    while max(run.losses(), default=0) < step:
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() < end, f"step {step} was not reached"
        time.sleep(0.02)


def test_a_run_leaves_a_better_model_and_tells_all_about_it(settings: dict[str, Any], caplog: pytest.LogCaptureFixture):
    from transformers import AutoModelForCausalLM, AutoTokenizer

    with caplog.at_level(logging.INFO):
        assert fine_tune(settings) == 0
    run = Run(settings)
    metrics = run.read("metrics.json")
    assert metrics["perplexity_after"] < 0.7 * metrics["perplexity_before"]
    assert (metrics["steps"], metrics["resumed_from_step"], metrics["train_tokens"]) == (24, 0, 24 * 4 * 32)
    assert metrics["precision"] == "fp32"
    assert metrics["precision_reason"] == "CPU"
    marker = run.read("SUCCEEDED")
    assert marker["perplexity_after"] == metrics["perplexity_after"]
    assert marker["model"] == str(run.folder / "model")
    progress = run.read("progress.json")
    assert (progress["stage"], progress["step"], progress["steps"]) == ("done", 24, 24)
    assert sorted(run.losses()) == list(range(1, 25))
    assert not run.has("FAILED")
    # Two checkpoints are kept, of which the last step is one.
    assert sorted(entry.name for entry in (run.folder / "checkpoints").iterdir()) == ["step-00000020", "step-00000024"]
    assert "training   step 24/24  loss" in caplog.text

    tokenizer = AutoTokenizer.from_pretrained(run.folder / "model")
    model: Any = AutoModelForCausalLM.from_pretrained(run.folder / "model")
    generated = model.generate(**tokenizer("The statement", return_tensors="pt"), max_new_tokens=8, do_sample=False)
    assert tokenizer.decode(generated[0]).startswith("The statement")
    assert model.config.use_cache is True


def test_the_perplexities_are_those_of_the_first_and_last_weights(settings: dict[str, Any], model_folder: Path):
    from modelyard.workloads.evaluate.perplexity import measure
    from modelyard.workloads.fine_tune.prepare import PreparedData
    from transformers import AutoModelForCausalLM

    assert fine_tune(settings) == 0
    run = Run(settings)
    held_out = PreparedData(run.folder / "prepared").validation(32)
    for folder, name in ((model_folder, "perplexity_before"), (run.folder / "model", "perplexity_after")):
        found = measure(AutoModelForCausalLM.from_pretrained(folder), held_out, batch_sequences=4)
        assert found.perplexity == pytest.approx(run.read("metrics.json")[name], rel=1e-4)


def test_no_held_out_token_is_trained_on(settings: dict[str, Any]):
    from modelyard.workloads.fine_tune.prepare import PreparedData

    assert fine_tune(settings) == 0
    data = PreparedData(Run(settings).folder / "prepared")
    tokenizer = data.tokenizer()
    text = Path(settings["train_data"]).read_text()
    train, validation = (
        str(tokenizer.decode([*packed.rows.flatten().tolist(), *packed.tail.tolist()], skip_special_tokens=True))
        for packed in (data.train(32), data.validation(32))
    )
    assert train + validation == text
    assert len(validation) == pytest.approx(0.1 * len(text), rel=0.05)


def test_a_model_built_from_the_preset_with_a_tokenizer_of_its_own(settings: dict[str, Any]):
    from modelyard.workloads.presets import preset as presets
    from transformers import AutoModelForCausalLM

    assert fine_tune(settings | {"model": None, "max_steps": 2}) == 0
    run = Run(settings)
    model = AutoModelForCausalLM.from_pretrained(run.folder / "model")
    assert model.num_parameters() == presets.load("gpt2-tiny").architecture.parameters
    # Random weights know nothing: about as perplexed as the vocabulary is large.
    assert run.read("metrics.json")["perplexity_before"] == pytest.approx(4096, rel=0.1)


def test_a_resumed_run_ends_with_the_same_weights_bit_by_bit(settings: dict[str, Any], tmp_path: Path):
    whole = settings | {"results": str(tmp_path / "whole"), "dropout": 0.1}
    cut = settings | {"results": str(tmp_path / "cut"), "dropout": 0.1}
    assert fine_tune(whole) == 0
    process = start(cut)
    wait_for_step(Run(cut), process, 12)
    process.kill()
    process.communicate()
    assert not Run(cut).has("SUCCEEDED")
    checkpoint = max(int(entry.name[-8:]) for entry in (Run(cut).folder / "checkpoints").glob("step-*"))
    assert checkpoint >= 10

    assert fine_tune(cut) == 0
    # Nothing but the steps since the checkpoint was done again.
    assert [event["step"] for event in Run(cut).starts()] == [0, checkpoint]
    assert Run(cut).read("metrics.json")["resumed_from_step"] == checkpoint
    assert Run(cut).losses() == Run(whole).losses()
    ours, theirs = Run(cut).weights(), Run(whole).weights()
    assert ours.keys() == theirs.keys()
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)
    for name in ("perplexity_before", "perplexity_after"):
        assert Run(cut).read("metrics.json")[name] == Run(whole).read("metrics.json")[name]


def test_sigterm_saves_and_the_next_start_goes_on(settings: dict[str, Any]):
    settings = settings | {"max_steps": 4000, "epochs": 1000, "checkpoint_every_steps": 3999}
    process = start(settings)
    run = Run(settings)
    wait_for_step(run, process, 3)
    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 143, output
    (checkpoint,) = (run.folder / "checkpoints").glob("step-*")
    step = int(checkpoint.name[-8:])
    assert f"stopped after step {step} of 4000" in output
    assert not run.has("FAILED")
    process = start(settings)
    wait_for_step(run, process, step + 1)
    process.kill()
    process.communicate()
    assert [event["step"] for event in run.starts()] == [0, step]


def test_damaged_checkpoint_costs_the_steps_since_the_last(settings, tmp_path, caplog):
    whole = settings | {"results": str(tmp_path / "whole")}
    damaged = settings | {"results": str(tmp_path / "damaged")}
    assert fine_tune(whole) == 0
    assert fine_tune(damaged) == 0
    run = Run(damaged)
    # As if the pod had died after step 24: the results are not there yet, and the newest checkpoint is cut short.
    (run.folder / "SUCCEEDED").unlink()
    state = run.folder / "checkpoints/step-00000024/state.pt"
    state.write_bytes(state.read_bytes()[:1000])
    assert fine_tune(damaged) == 0
    assert "step-00000024 is damaged" in caplog.text
    assert [event["step"] for event in run.starts()] == [0, 20]
    ours, theirs = run.weights(), Run(whole).weights()
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)


def test_a_complete_run_is_left_alone(settings: dict[str, Any]):
    assert fine_tune(settings) == 0
    before = Run(settings).folder.joinpath("metrics.json").stat().st_mtime_ns
    assert fine_tune(settings) == 0
    assert Run(settings).folder.joinpath("metrics.json").stat().st_mtime_ns == before
    assert len(Run(settings).starts()) == 1


def test_a_run_with_other_settings_does_not_touch_the_first(settings: dict[str, Any], capsys: pytest.CaptureFixture):
    assert fine_tune(settings) == 0
    assert fine_tune(settings | {"learning_rate": 1e-3, "seed": 7}) == 2
    message = capsys.readouterr().err
    assert "holds run 'test' with other settings (learning_rate, seed); give another results folder" in message
    assert Run(settings).has("SUCCEEDED")
    assert not Run(settings).has("FAILED")


def test_gradient_accumulation_is_a_larger_batch(settings: dict[str, Any], tmp_path: Path):
    large = settings | {"results": str(tmp_path / "large"), "batch_sequences": 8, "max_steps": 6}
    parts = large | {"results": str(tmp_path / "parts"), "batch_sequences": 2, "gradient_accumulation": 4}
    assert fine_tune(large) == 0
    assert fine_tune(parts) == 0
    ours, theirs = Run(parts).losses(), Run(large).losses()
    assert [ours[step] for step in range(1, 7)] == pytest.approx([theirs[step] for step in range(1, 7)], rel=1e-4)


def test_two_workers_compute_what_one_does_with_a_double_batch(settings: dict[str, Any], tmp_path: Path):
    one = settings | {"results": str(tmp_path / "one"), "batch_sequences": 8, "max_steps": 8}
    two = one | {"results": str(tmp_path / "two"), "batch_sequences": 4, "workers": 2}
    assert fine_tune(one) == 0
    file = tmp_path / "two.json"
    file.write_text(json.dumps(two))
    launched = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    done = subprocess.run(
        [*launched, "-m", "modelyard.workloads.fine_tune", "--config", str(file)],
        capture_output=True,
        text=True,
        env=os.environ | {"GLOO_SOCKET_IFNAME": "lo"},
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    ours, theirs = Run(two), Run(one)
    assert ours.read("metrics.json")["workers"] == 2
    steps = range(1, 9)
    assert [ours.losses()[step] for step in steps] == pytest.approx([theirs.losses()[step] for step in steps], rel=1e-4)
    for name in ("perplexity_before", "perplexity_after"):
        assert ours.read("metrics.json")[name] == pytest.approx(theirs.read("metrics.json")[name], rel=1e-3)
    weights = theirs.weights()
    assert all(torch.allclose(weight, weights[name], atol=1e-4) for name, weight in ours.weights().items())


def test_the_number_of_processes_must_be_the_number_of_workers(settings, capsys: pytest.CaptureFixture):
    assert fine_tune(settings | {"workers": 2}) == 2
    assert "workers is 2, but 1 process(es) run; without Ray, start them with torchrun" in capsys.readouterr().err
