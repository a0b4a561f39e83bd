"""Fine-tuning plans: sharding, nodes, time and price of a run."""

import pytest
from modelyard.workloads.planner.model import Model
from modelyard.workloads.planner.plan import plan
from modelyard.workloads.planner.request import FineTune, Request

from tests.unit.workloads.planner.models import GPT2, LLAMA_8B, model

ND96 = "Standard_ND96amsr_A100_v4"


def only(sku, of, **fields):
    return plan(Request(model=of, sku=sku, **fields)).candidates[0]


def test_models_are_sharded_only_beyond_one_gpu():
    assert only(ND96, model(GPT2), task="full").sharding == "none"
    assert only(ND96, model(LLAMA_8B), task="full").sharding == "zero2"
    assert only("Standard_NC24ads_A100_v4", model(LLAMA_8B), task="lora").sharding == "none"


def test_a_run_costs_its_data_epochs_and_cold_start():
    once = only(ND96, model(LLAMA_8B), task="lora", fine_tune=FineTune(dataset_tokens=10**8, epochs=1))
    twice = only(ND96, model(LLAMA_8B), task="lora", fine_tune=FineTune(dataset_tokens=10**8, epochs=2))

    assert once.hours_per_run
    assert once.usd_per_run
    assert once.usd_per_hour
    assert twice.usd_per_run
    assert twice.hours_per_run == pytest.approx(2 * once.hours_per_run)
    assert twice.usd_per_run - once.usd_per_run == pytest.approx(once.hours_per_run * once.usd_per_hour)


def test_methods_that_freeze_weights_need_less_memory():
    total = {
        task: only(ND96, model(LLAMA_8B), task=task, fine_tune=FineTune(sharding="none")).gpu_memory_gib.total_gib
        for task in ("full", "lora", "qlora")
    }

    assert total["full"] > total["lora"] > total["qlora"]


def test_a_refusal_names_parts_and_sharding():
    candidate = only("Standard_NC4as_T4_v3", model(LLAMA_8B), task="full", max_nodes=1)

    assert not candidate.fits
    assert "GiB more per GPU" in candidate.reasons[0]
    assert "optimizer" in candidate.reasons[0]


def test_bare_sizes_use_a_stand_in_of_their_size():
    numbers = Model.from_numbers(weights_gib=14.96, kv_bytes_per_token=131072, parameters=8_030_000_000)
    adamw_gib = only(ND96, model(LLAMA_8B), task="full").gpu_memory_gib.optimizer_gib

    assert only(ND96, numbers, task="full").gpu_memory_gib.optimizer_gib == pytest.approx(adamw_gib * 1.15, rel=0.05)
