"""Ranking, prices and refusals of a plan."""

import dataclasses
import datetime
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from modelyard.workloads.hardware import catalogue
from modelyard.workloads.hardware.instance import Price
from modelyard.workloads.hardware.prices import PriceList
from modelyard.workloads.planner.candidate import Candidate, EstimateFields
from modelyard.workloads.planner.plan import plan, plan_for_preset
from modelyard.workloads.planner.request import Request
from modelyard.workloads.presets.preset import UnknownPresetError
from pydantic import ValidationError

from tests.unit.workloads.planner.models import GPT2, LLAMA_8B, LLAMA_70B, model

A100 = "Standard_NC24ads_A100_v4"


def priced(usd: float) -> PriceList:
    price = Price(on_demand_usd_per_hour=usd, region="eastus", at=datetime.date(2026, 9, 1), source="test")
    return PriceList({A100.lower(): (price,)})


def test_fitting_candidates_are_sorted_by_cost_per_token():
    result = plan(Request(model=model(LLAMA_70B), cloud="azure"))

    fits = [candidate.fits for candidate in result.candidates]
    costs = [candidate.usd_per_million_tokens or 0 for candidate in result.fitting]
    assert fits == sorted(fits, reverse=True)
    assert costs == sorted(costs)
    assert result.best is result.candidates[0]
    assert {candidate.sku for candidate in result.candidates} == {
        instance.name for instance in catalogue.list_instance_types("azure")
    }


def test_refused_candidates_alone_have_reasons():
    for candidate in plan(Request(model=model(LLAMA_70B))).candidates:
        assert candidate.fits != bool(candidate.reasons), candidate


@given(st.floats(0.1, 100), st.floats(1.01, 20))
@settings(max_examples=25, deadline=None)
def test_cost_is_linear_in_the_price(usd, factor):
    once, more = (
        plan(Request(model=model(LLAMA_8B), sku=A100, prices=priced(price))).candidates[0]
        for price in (usd, usd * factor)
    )

    assert more.usd_per_million_tokens == pytest.approx(once.usd_per_million_tokens * factor)
    assert more.usd_per_month_idle == pytest.approx(once.usd_per_hour * factor * 730)


def test_a_price_over_the_limit_is_refused_with_both_numbers():
    candidate = plan(Request(model=model(LLAMA_8B), sku="Standard_ND96isr_H100_v5", max_usd_per_hour=20)).candidates[0]

    assert candidate.reasons == ("costs 98.32 USD/h, over the limit of 20 USD/h",)
    assert candidate.usd_per_hour == pytest.approx(98.32)


def test_a_machine_without_a_price_is_refused_under_a_limit():
    free = plan(Request(model=model(GPT2), sku="generic-1xt4"))
    limited = plan(Request(model=model(GPT2), sku="generic-1xt4", max_usd_per_hour=5))

    assert free.best is not None
    assert free.best.usd_per_million_tokens is None
    assert limited.candidates[0].reasons == ("no price known, so the limit of 5 USD/h cannot be checked",)


def test_a_region_without_the_machine_or_its_price_is_a_reason():
    candidate = plan(Request(model=model(GPT2), sku="g5.xlarge", region="eu-west-1")).candidates[0]

    assert not candidate.fits
    assert "eu-west-1" in candidate.reasons[0]


def test_spot_takes_the_spot_price_and_names_the_risk():
    spot = plan(Request(model=model(GPT2), sku=A100, spot=True)).best

    assert spot is not None
    assert spot.usd_per_hour == pytest.approx(0.4444)
    assert "30 s notice" in spot.spot_risk


def test_bf16_becomes_fp16_on_a_t4_and_gemma_is_refused_there():
    t4 = "Standard_NC4as_T4_v3"
    gemma = LLAMA_8B.model_copy(update={"family": "gemma3_text"})

    best = plan(Request(model=model(GPT2), sku=t4)).best
    assert best is not None
    assert best.dtype == "fp16"
    assert any("no bf16" in note for note in best.notes)
    assert "overflows" in plan(Request(model=model(gemma), sku=t4)).candidates[0].reasons[0]


def test_fp8_is_refused_on_a_t4_and_unpacked_on_an_a100():
    fp8 = model(LLAMA_8B, bytes_per_weight=1, quantisation="fp8")

    assert plan(Request(model=fp8, sku="Standard_NC4as_T4_v3")).candidates[0].reasons == (
        "fp8 weights need compute capability 8.0, t4 has 7.5",
    )
    best = plan(Request(model=fp8, sku=A100)).best
    assert best is not None
    assert any("no fp8" in note for note in best.notes)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"context_tokens": 4096}, "context_tokens = 4096: must be at most 1024, the longest context of gpt2"),
        ({"context_tokens": 0}, "greater than 0"),
        ({"concurrency": -1}, "greater than 0"),
        ({"concurrency": 10**9}, "less than or equal to 100000"),
        ({"max_usd_per_hour": -3}, "greater than 0"),
        ({"gpu_memory_utilization": 1.5}, "less than or equal to 1"),
        ({"region": "westeurpe", "cloud": "azure"}, "did you mean westeurope"),
        ({"sku": "g5.xlarge", "cloud": "azure"}, "sku = 'g5.xlarge': must be of cloud azure, is of aws"),
        ({"fine_tune": {"sequence_tokens": 2048}}, "fine_tune.sequence_tokens = 2048: must be at most 1024"),
    ],
)
def test_a_wrong_request_is_refused_at_once(fields, message):
    with pytest.raises(ValidationError, match=message):
        Request(model=model(GPT2), **fields)


def test_an_unknown_sku_or_preset_names_the_nearest():
    with pytest.raises(LookupError, match=A100):
        Request(model=model(GPT2), sku="Standard_NC24ads_A100_v5")
    with pytest.raises(UnknownPresetError, match="gpt2"):
        plan_for_preset("gpt-2")


def test_a_preset_is_planned_by_name():
    best = plan_for_preset("gpt2", task="serve", cloud="azure").best

    assert best is not None
    assert best.cloud == "azure"
    assert best.gpus_per_node == 1


def test_a_plan_over_all_machines_takes_milliseconds():
    request = Request(model=model(LLAMA_8B))
    plan(request)
    start = time.process_time()
    for _ in range(10):
        plan(request)

    assert (time.process_time() - start) / 10 < 0.03


def test_the_json_form_has_the_documented_fields():
    result = plan(Request(model=model(LLAMA_8B), sku=A100)).as_dict()

    assert result["version"] == "1"
    assert {"parameters", "active_parameters", "weights_gib", "kv_bytes_per_token"} <= result["model"].keys()
    assert {
        "sku",
        "nodes",
        "gpus_per_node",
        "tensor_parallel",
        "pipeline_parallel",
        "data_parallel",
        "max_context_tokens",
        "gpu_memory_gib",
        "tokens_per_second",
        "usd_per_hour",
        "usd_per_million_tokens",
        "fits",
        "reasons",
    } <= result["candidates"][0].keys()


def test_estimate_fields_are_candidate_fields_in_order():
    names = [field.name for field in dataclasses.fields(Candidate)]
    first = names.index(EstimateFields._fields[0])

    assert names[first : first + len(EstimateFields._fields)] == list(EstimateFields._fields)


def test_equal_gpus_differ_in_price_alone_on_one_node():
    sizes = ("g5.xlarge", "g5.2xlarge", "g5.4xlarge")
    small, *larger = (plan(Request(model=model(GPT2), sku=sku)).candidates[0] for sku in sizes)

    for other in larger:
        assert other.usd_per_hour != small.usd_per_hour
        assert [getattr(other, name) for name in EstimateFields._fields] == [
            getattr(small, name) for name in EstimateFields._fields
        ]


@pytest.mark.parametrize("task", ["serve", "full"])
def test_networks_matter_between_several_nodes(task):
    result = plan(Request(model=model(LLAMA_8B), task=task, cloud="aws", max_nodes=8, context_tokens=8192))
    rates = {}
    for candidate in result.fitting:
        if candidate.nodes > 1:
            alike = rates.setdefault((candidate.gpu, candidate.gpus_per_node, candidate.nodes), {})
            alike[catalogue.find_instance_type(candidate.sku).network_gbit_per_s] = candidate.tokens_per_second
    several = [alike for alike in rates.values() if len(alike) > 1]

    assert several
    for alike in several:
        assert alike[max(alike)] > alike[min(alike)]
