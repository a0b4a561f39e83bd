"""`modelyard hardware`: lists, and refusals of bad requests."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

PRICES = """\
currency: USD
date: 2026-01-02
prices:
  Standard_NC24ads_A100_v4:
    westeurope: {on_demand: 4.2}
"""


@pytest.fixture
def price_file(tmp_path: Path) -> Path:
    file = tmp_path / "prices.yaml"
    file.write_text(PRICES)
    return file


def test_a_cloud_is_listed_in_plain_columns_with_prices(modelyard):
    answer = modelyard("hardware", "list", "--cloud", "azure", "--gpu", "h200")
    assert answer.code == 0
    assert answer.out.splitlines() == [
        "cloud  instance type             GPUs  GPU   GiB/GPU  vCPU    GiB  USD/h  spot  fabric",
        "azure  Standard_ND96isr_H200_v5     8  h200    139.8    96  1,850  84.80     -  infiniband 3200 Gbit/s",
    ]


def test_json_holds_only_the_requested_entries(modelyard):
    answer = modelyard("hardware", "list", "--region", "westeurope", "--gpu", "h100-sxm", "--json")
    entries = json.loads(answer.out)
    assert [entry["name"] for entry in entries if entry["cloud"] != "any"] == ["Standard_ND96isr_H100_v5"]
    assert [price["region"] for price in entries[0]["prices"]] == ["westeurope"]


def test_gpus_are_listed_with_their_precisions(modelyard):
    answer = modelyard("hardware", "list", "--gpus", "--gpu", "t4", "--json")
    (gpu,) = json.loads(answer.out)
    assert gpu["name"] == "t4"
    assert "bf16" not in gpu["peak_tflops"]
    assert modelyard("hardware", "list", "--gpus").out.count("\n") > 15


def test_a_price_file_changes_prices_and_warns_of_its_age(modelyard, price_file):
    answer = modelyard("hardware", "show", "Standard_NC24ads_A100_v4", "--prices", str(price_file), "--json")
    prices = {
        price["region"]: price["on_demand_usd_per_hour"]
        for price in json.loads(answer.out)["prices"]
        if price["on_demand_usd_per_hour"]
    }
    assert prices["westeurope"] == 4.2
    assert prices["eastus"] == 3.673
    assert answer.err.startswith("warning: prices.yaml: prices are of 2026-01-02, ")


@pytest.mark.parametrize("name", ["H100-SXM", "standard_nc24ads_a100_v4", "generic-1xl4"])
def test_one_entry_is_shown_with_its_source(modelyard, name):
    answer = modelyard("hardware", "show", name)
    assert answer.code == 0
    assert "\nsource: " in answer.out


def test_prices_are_shown_by_region_with_day_and_source(modelyard, price_file):
    output = modelyard("hardware", "show", "g6.48xlarge").out
    assert "GPUs: 8 x l4, 22.0 GiB each\n" in output
    rows = {line.split()[0]: line.split()[1:4] for line in output.splitlines() if line.startswith("us-east")}
    assert rows == {"us-east-1": ["13.3504", "-", "2026-07-20"], "us-east-2": ["-", "3.2330", "no"]}
    assert "also sold, at prices that are not known, in ap-northeast-1, " in output
    output = modelyard("hardware", "show", "Standard_NC24ads_A100_v4", "--prices", str(price_file)).out
    assert ["westeurope", "4.2000", "-", "2026-01-02", "prices.yaml"] in [line.split() for line in output.splitlines()]
    assert "no price known: --prices FILE gives one" in modelyard("hardware", "show", "generic-1xl4").out


def test_a_gpu_is_shown_with_its_slices_and_machines(modelyard):
    output = modelyard("hardware", "show", "a100-40gb").out
    assert ["1g.5gb", "4.75", "7", "14%"] in [line.split() for line in output.splitlines()]
    assert "in: Standard_ND96asr_v4, p4d.24xlarge, generic-1xa100-40gb" in output
    assert "slices" not in modelyard("hardware", "show", "l4").out


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["show", "h1000"], "modelyard: no GPU and no instance type 'h1000'; did you mean h200 or h100-sxm"),
        (["list", "--gpu", "a100"], "modelyard: no GPU 'a100'; did you mean"),
        (
            ["list", "--region", "westeuro"],
            "modelyard: --region = 'westeuro': no such region with GPUs; did you mean westeurope",
        ),
        (
            ["list", "--region", "us-east-1", "--cloud", "azure"],
            "--region = 'us-east-1': no such region of azure with GPUs",
        ),
        (["list", "--prices", "/nowhere.yaml"], "modelyard: /nowhere.yaml: cannot be read: No such file"),
        (["list", "--cloud", "gcp"], "'gcp' is not one of 'azure', 'aws', 'any'"),
        (["list", "--colour"], "No such option: --colour"),
        (["lst"], "No such command 'lst'"),
    ],
)
def test_a_bad_request_prints_one_sentence_and_exits_2(modelyard, arguments, sentence):
    answer = modelyard("hardware", *arguments)
    assert answer.code == 2
    assert answer.out == ""
    assert sentence in answer.err
    assert "Traceback" not in answer.err


def test_the_real_command_survives_a_closed_pipe():
    command = f"{sys.executable} -m modelyard.cli hardware list | head -1"
    process = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
    assert process.stdout.startswith("cloud  instance type")
    assert process.stderr == ""


@pytest.mark.parametrize(
    "command", [["hardware", "list"], ["hardware", "show"], ["presets", "list"], ["presets", "show"]]
)
def test_every_command_has_an_example_in_its_help(modelyard, command):
    answer = modelyard(*command, "--help")
    assert answer.code == 0
    assert f"  modelyard {' '.join(command)}" in answer.out
