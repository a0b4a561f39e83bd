"""`modelyard plan`: its options, its forms of output, and its refusals."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from modelyard.cli import terminal
from modelyard.workloads.hardware import catalogue

NUMBERS = ["--weights-gib", "14.96", "--kv-bytes-per-token", "131072"]
"""Llama 3.1 8B as kaito 0.12 lists it."""


def plan(modelyard, *arguments: str) -> dict:
    answer = modelyard("plan", *arguments, "--json")
    assert answer.code in {0, 1}, answer.err
    return json.loads(answer.out)


def test_a_json_plan_has_the_model_and_every_instance_type(modelyard):
    answer = plan(modelyard, "--preset", "gpt2")
    assert answer["version"] == "1"
    assert answer["estimator"] == "modelyard"
    assert answer["model"]["parameters"] == answer["model"]["active_parameters"] == 124439808
    assert answer["model"]["kv_bytes_per_token"] == 36864
    assert answer["model"]["weights_gib"] == pytest.approx(124439808 * 2 / 2**30, abs=1e-3)
    assert {candidate["sku"] for candidate in answer["candidates"]} == {
        entry.name for entry in catalogue.list_instance_types()
    }
    for candidate in answer["candidates"]:
        assert candidate["fits"] == (not candidate["reasons"])


def test_bare_numbers_widen_the_margin_with_a_warning(modelyard):
    answer = modelyard("plan", *NUMBERS, "--cloud", "azure")
    assert answer.code == 0
    assert "warning: only sizes are known" in answer.err
    assert "sizes are near only" in answer.out


def test_a_long_context_is_accepted_for_bare_numbers(modelyard):
    assert plan(modelyard, *NUMBERS, "--context", "65536")["context_tokens"] == 65536


def test_numbers_replace_those_of_the_preset(modelyard):
    model = plan(modelyard, "--preset", "gpt2", "--parameters", "1000", "--weights-gib", "3")["model"]
    assert (model["parameters"], model["active_parameters"], model["weights_gib"]) == (1000, 1000, 3)


def test_a_region_a_limit_and_a_price_file_narrow_the_answer(modelyard, tmp_path):
    file = tmp_path / "prices.yaml"
    file.write_text(
        "currency: USD\ndate: 2026-09-01\nprices:\n  Standard_NC4as_T4_v3:\n    uksouth: {on_demand: 0.4}\n"
    )
    options = ["--region", "uksouth", "--cloud", "azure", "--prices", str(file), "--max-usd-per-hour", "1"]
    answer = plan(modelyard, "--preset", "gpt2", *options)
    fitting = [candidate for candidate in answer["candidates"] if candidate["fits"]]
    prices = {candidate["sku"]: candidate["usd_per_hour"] for candidate in fitting}
    assert prices["Standard_NC4as_T4_v3"] == 0.4
    assert {candidate["region"] for candidate in fitting} == {"uksouth"}
    assert max(prices.values()) <= 1


def test_prices_are_printed_with_regions_and_days(modelyard):
    arguments = ["plan", "--preset", "gpt2", "--sku", "Standard_ND96isr_H200_v5"]
    assert "list prices of eastus2 (2026-06-18); --region and --prices change that" in modelyard(*arguments).out
    (source,) = plan(modelyard, *arguments[1:])["prices"]
    assert (source["region"], source["at"], source["candidates"]) == ("eastus2", "2026-06-18", 1)
    assert source["source"]
    assert "spot prices of us-east-1 (no date)" in modelyard("plan", "--preset", "gpt2", "--cloud", "aws", "--spot").out


def test_a_plan_without_prices_says_how_to_give_some(modelyard):
    answer = modelyard("plan", "--preset", "gpt2", "--cloud", "aws", "--region", "eu-west-1")
    assert answer.code == 1
    assert "of them in that region is not known: a file can give it, --prices FILE" in answer.out
    assert "no price in region eu-west-1 (prices are known of us-east-1)\n" in answer.out


def test_a_reason_names_the_regions_with_known_prices(modelyard):
    arguments = ["plan", "--preset", "gpt2", "--sku", "Standard_NC24ads_A100_v4", "--region", "westeurope", "--spot"]
    assert "no spot price in region westeurope (spot prices are known of eastus)\n" in modelyard(*arguments).out


def test_a_terminal_groups_reasons_and_a_pipe_lists_them(modelyard, monkeypatch):
    arguments = ["plan", "--preset", "gpt2", "--cloud", "aws", "--region", "eu-west-1"]
    assert modelyard(*arguments).out.count("no price in region eu-west-1 ") > 10
    monkeypatch.setattr(terminal.sys.stdout, "isatty", lambda: True, raising=False)
    output = modelyard(*arguments).out
    assert output.count("no price in region eu-west-1 ") == 1
    assert "g5.12xlarge, g5.16xlarge, " in output


def test_slices_cost_their_share_of_the_node(modelyard):
    arguments = ["--preset", "gpt2", "--sku", "Standard_NC24ads_A100_v4"]
    (whole,) = plan(modelyard, *arguments)["candidates"]
    slices = {entry["mig_profile"]: entry for entry in plan(modelyard, *arguments, "--mig")["candidates"]}
    assert slices[""] == whole
    assert slices["1g.10gb"]["usd_per_hour"] == pytest.approx(whole["usd_per_hour"] / 7, abs=1e-3)
    output = modelyard("plan", *arguments, "--mig").out
    assert "1g.10gb of a100-80gb-pcie" in output
    assert output.count("a slice costs its share of the node: others must use the rest") == 1
    assert "--mig: ignored here" in modelyard("plan", *arguments, "--mig", "--task", "lora").err


def test_spot_prices_come_with_their_risk(modelyard):
    (candidate,) = plan(modelyard, "--preset", "gpt2", "--sku", "g5.xlarge", "--spot")["candidates"]
    assert candidate["usd_per_hour"] == 0.431
    assert "interrupted" in candidate["spot_risk"]


def test_no_fitting_candidate_exits_1_with_every_reason(modelyard):
    answer = modelyard("plan", *NUMBERS, "--cloud", "azure", "--max-usd-per-hour", "0.01")
    assert answer.code == 1
    assert answer.out.count("over the limit of 0.01 USD/h") > 10


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "modelyard: no model; give --preset NAME, --model-config FILE, or both --weights-gib and"),
        (["--weights-gib", "3"], "modelyard: no model; give"),
        (["--preset", "gpt-2"], "modelyard: no preset 'gpt-2'; did you mean gpt2"),
        (
            ["--preset", "gpt2", "--model-config", "config.json"],
            "--model-config: not allowed with --preset; give one of them",
        ),
        (
            ["--preset", "gpt2", "--context", "5000"],
            "--context = 5000: must be at most 1024, the longest context of gpt2",
        ),
        (["--preset", "gpt2", "--context", "-1"], "modelyard: --context = -1: must be greater than 0"),
        (["--preset", "gpt2", "--concurrency", "0"], "modelyard: --concurrency = 0: must be greater than 0"),
        (["--preset", "gpt2", "--weights-gib", "-3"], "modelyard: --weights-gib = -3.0: must be above 0"),
        (["--preset", "gpt2", "--weights-gib", "nan"], "modelyard: --weights-gib = nan: must be above 0"),
        (
            ["--preset", "gpt2", "--weights-gib", "1e9"],
            "--weights-gib = 1000000000.0: must be above 0 and at most 100,000",
        ),
        (["--preset", "gpt2", "--parameters", "0"], "modelyard: --parameters = 0: must be above 0"),
        (["--preset", "gpt2", "--kv-bytes-per-token", "-7"], "modelyard: --kv-bytes-per-token = -7: must be above 0"),
        (["--preset", "gpt2", "--max-usd-per-hour", "nan"], "modelyard: --max-usd-per-hour = nan: must be a number"),
        (
            ["--preset", "gpt2", "--max-usd-per-hour", "-1"],
            "modelyard: --max-usd-per-hour = -1.0: must be greater than 0",
        ),
        (["--preset", "gpt2", "--sku", "g5.xlrge"], "modelyard: no instance type 'g5.xlrge'; did you mean g5.xlarge"),
        (
            ["--preset", "gpt2", "--sku", "g5.xlarge", "--cloud", "azure"],
            "--sku = 'g5.xlarge': must be of --cloud azure, is of aws",
        ),
        (
            ["--preset", "gpt2", "--sku", "p4d.24xlarge", "--region", "eu-south-2"],
            "modelyard: --sku = 'p4d.24xlarge': is not sold in 'eu-south-2'; it is in ap-northeast-1, ",
        ),
        (["--preset", "gpt2", "--max-nodes", "65"], "modelyard: --max-nodes = 65: must be less than or equal to 64"),
        (
            ["--preset", "gpt2", "--quantisation", "int4"],
            "--quantisation = 'int4': unknown; did you mean awq-int4 or gptq-int4",
        ),
        (
            ["--preset", "gpt2", "--region", "uksuth"],
            "--region = 'uksuth': is not known in --cloud any; did you mean uksouth",
        ),
        (["--preset", "gpt2", "--sku", "g4dn.xlarge", "--estimator", "kaito"], "no SKU 'g4dn.xlarge' in kaito 0.12"),
        (["--preset", "gpt2", "--prices", "/nowhere.yaml"], "modelyard: /nowhere.yaml: cannot be read"),
        (["--preset", "gpt2", "--plot", "plan.gif"], "--plot = 'plan.gif': must end with .png, .svg, .pdf"),
        (["--preset", "gpt2", "--plot", "/nowhere/plan.png"], "--plot: no folder /nowhere; make it first"),
        (["--preset", "gpt2", "--task", "dance"], "'dance' is not one of 'serve'"),
    ],
)
def test_a_bad_request_prints_one_sentence_and_exits_2(modelyard, arguments, sentence):
    answer = modelyard("plan", *arguments)
    assert answer.code == 2
    assert answer.out == ""
    assert sentence in answer.err
    assert "Traceback" not in answer.err


def test_a_person_sees_bars_and_a_pipe_sees_none(modelyard, monkeypatch):
    arguments = ["plan", "--preset", "gpt2", "--sku", "g5.xlarge"]
    assert "█" not in modelyard(*arguments).out
    monkeypatch.setattr(terminal.sys.stdout, "isatty", lambda: True, raising=False)
    assert "█" in modelyard(*arguments).out


def test_the_help_holds_examples_that_run(modelyard):
    text = modelyard("plan", "--help").out
    assert "modelyard plan --preset gpt2 --sku Standard_NC24ads_A100_v4 --estimator kaito --json" in text


def test_the_real_command_loads_no_heavy_module():
    code = (
        "import sys; from modelyard.cli.main import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = {'rich', 'torch', 'pulumi', 'matplotlib', 'numpy'} & set(sys.modules)\n"
        "print(sorted(heavy), file=sys.stderr)"
    )
    arguments = ["plan", "--preset", "gpt2", "--json"]
    process = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True, cwd=Path(__file__).parent
    )
    assert json.loads(process.stdout)["candidates"][0]["fits"]
    assert process.stderr == "[]\n"


def test_quantisation_of_bare_numbers_is_refused(modelyard):
    answer = modelyard("plan", *NUMBERS, "--quantisation", "fp8")
    assert answer.code == 2
    assert "--quantisation: not allowed with bare numbers" in answer.err
