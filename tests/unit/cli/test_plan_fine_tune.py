"""`modelyard plan --task lora` and the like: the settings of a fine-tune, and their refusals."""

import json

import pytest

A100 = "Standard_NC24ads_A100_v4"


def plan(modelyard, *arguments: str) -> dict:
    answer = modelyard("plan", "--preset", "mistral-7b-v0.3", "--sku", A100, *arguments, "--json")
    assert answer.code in {0, 1}, answer.err
    return json.loads(answer.out)


def best(modelyard, *arguments: str) -> dict:
    (candidate,) = plan(modelyard, *arguments)["candidates"]
    assert candidate["fits"], candidate["reasons"]
    return candidate


def test_json_has_the_settings_of_a_run_with_defaults(modelyard):
    assert plan(modelyard, "--task", "lora", "--lora-rank", "64", "--epochs", "1.5")["fine_tune"] == {
        "dataset_tokens": 10_000_000,
        "epochs": 1.5,
        "sequence_tokens": 2048,
        "batch_sequences": 1,
        "optimizer": "adamw",
        "gradient_checkpointing": True,
        "packing": True,
        "sharding": None,
        "lora_rank": 64,
        "virtual_tokens": 20,
    }
    assert plan(modelyard, "--task", "full", "--context", "4096")["fine_tune"]["sequence_tokens"] == 4096
    assert "fine_tune" not in plan(modelyard)


def test_time_and_price_of_a_run_follow_the_data_and_the_epochs(modelyard):
    once = best(modelyard, "--task", "lora", "--data-tokens", "100000000", "--epochs", "1")
    four = best(modelyard, "--task", "lora", "--data-tokens", "200000000", "--epochs", "2")
    assert four["hours_per_run"] == pytest.approx(4 * once["hours_per_run"], rel=1e-3)
    assert 3.5 < four["usd_per_run"] / once["usd_per_run"] < 4


@pytest.mark.parametrize(
    ("more", "part"),
    [
        (["--lora-rank", "256"], "adapter_gib"),
        (["--lora-rank", "256"], "optimizer_gib"),
        (["--batch", "4"], "activations_gib"),
        (["--sequence", "4096"], "activations_gib"),
        (["--no-gradient-checkpointing"], "activations_gib"),
    ],
)
def test_each_setting_changes_the_memory_of_its_part(modelyard, more, part):
    plain = best(modelyard, "--task", "lora")["gpu_memory_gib"]
    assert best(modelyard, "--task", "lora", *more)["gpu_memory_gib"][part] > 1.5 * plain[part]


def test_requested_sharding_is_used_and_padding_costs_time(modelyard):
    eight = ["--task", "full", "--sku", "Standard_ND96amsr_A100_v4"]
    assert best(modelyard, *eight, "--sharding", "fsdp")["sharding"] == "fsdp"
    assert best(modelyard, *eight)["sharding"] == "zero2"
    packed, padded = best(modelyard, "--task", "lora"), best(modelyard, "--task", "lora", "--no-packing")
    assert padded["tokens_per_second"] < packed["tokens_per_second"]


def test_an_optimizer_with_smaller_states_takes_less_memory(modelyard):
    eight = ["--task", "full", "--sku", "Standard_ND96amsr_A100_v4", "--sharding", "zero2"]
    eighth = best(modelyard, *eight, "--optimizer", "adamw-8bit")["gpu_memory_gib"]["optimizer_gib"]
    assert eighth < best(modelyard, *eight)["gpu_memory_gib"]["optimizer_gib"]


def test_serving_options_warn_when_fine_tuning(modelyard):
    result = plan(modelyard, "--task", "lora", "--concurrency", "8")
    assert result["warnings"][-1].startswith("--concurrency: ignored for fine-tuning")
    assert plan(modelyard, "--concurrency", "8")["warnings"] == []


def test_the_headline_describes_the_run(modelyard):
    arguments = ["plan", "--preset", "gpt2", "--task", "qlora", "--sku", A100, "--lora-rank", "8", "--no-packing"]
    assert (
        "task qlora: 10,000,000 tokens x 3 epochs, sequences of 1,024, not packed, 1 per GPU and pass, adamw, "
        "LoRA rank 8\n" in modelyard(*arguments).out
    )


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--epochs", "2"], "--epochs: not allowed with --task serve; add --task lora (or full, qlora, "),
        (["--task", "batch", "--no-packing"], "--packing: not allowed with --task batch"),
        (
            ["--task", "full", "--lora-rank", "8"],
            "--lora-rank: not allowed with --task full; it is for --task lora or qlora",
        ),
        (
            ["--task", "lora", "--virtual-tokens", "8"],
            "--virtual-tokens: not allowed with --task lora; it is for --task prompt or prefix",
        ),
        (["--task", "lora", "--lora-rank", "0"], "--lora-rank = 0: must be greater than 0"),
        (["--task", "lora", "--lora-rank", "5000"], "--lora-rank = 5000: must be less than or equal to 4096"),
        (["--task", "lora", "--epochs", "-1"], "--epochs = -1.0: must be greater than 0"),
        (["--task", "lora", "--epochs", "nan"], "--epochs = nan: must be"),
        (["--task", "lora", "--epochs", "inf"], "--epochs = inf: must be less than or equal to 10000"),
        (["--task", "lora", "--data-tokens", "0"], "--data-tokens = 0: must be greater than 0"),
        (["--task", "lora", "--batch", "100000"], "--batch = 100000: must be less than or equal to 4096"),
        (["--task", "lora", "--sequence", "1"], "--sequence = 1: must be greater than 1"),
        (
            ["--task", "lora", "--sequence", "99999"],
            "--sequence = 99999: must be at most 32768, the longest context of mistral-7b-v0.3",
        ),
        (["--task", "lora", "--sharding", "zero9"], "'zero9' is not one of 'none', 'zero1'"),
        (["--task", "lora", "--epochs", "many"], "Invalid value for '--epochs'"),
    ],
)
def test_a_bad_setting_prints_one_sentence_and_exits_2(modelyard, arguments, sentence):
    answer = modelyard("plan", "--preset", "mistral-7b-v0.3", *arguments)
    assert (answer.code, answer.out) == (2, "")
    assert sentence in answer.err
    assert "Traceback" not in answer.err
