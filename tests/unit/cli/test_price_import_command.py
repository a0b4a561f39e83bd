"""`modelyard hardware prices import`: a published list becomes a file that `modelyard plan --prices` takes."""

import json
from pathlib import Path

import pytest

ITEM = {
    "currencyCode": "USD",
    "retailPrice": 4.775,
    "armRegionName": "westeurope",
    "effectiveStartDate": "2022-06-01T00:00:00Z",
    "meterName": "NC24ads A100 v4",
    "productName": "Virtual Machines NCadsA100v4 Series",
    "skuName": "NC24ads A100 v4",
    "unitOfMeasure": "1 Hour",
    "type": "Consumption",
    "isPrimaryMeterRegion": True,
    "armSkuName": "Standard_NC24ads_A100_v4",
}
SPOT = {
    "AvailabilityZone": "eu-west-1a",
    "InstanceType": "g5.xlarge",
    "ProductDescription": "Linux/UNIX",
    "SpotPrice": "0.5",
    "Timestamp": "2026-08-30T10:00:00+00:00",
}


@pytest.fixture
def azure_list(tmp_path: Path) -> str:
    file = tmp_path / "azure.json"
    file.write_text(json.dumps({"Items": [ITEM, {**ITEM, "skuName": "NC24ads A100 v4 Spot", "retailPrice": 0.9}]}))
    return str(file)


def test_a_list_becomes_a_price_file_that_a_plan_takes(modelyard, tmp_path, azure_list):
    spots = tmp_path / "spot.json"
    spots.write_text(json.dumps({"SpotPriceHistory": [SPOT]}))
    result = modelyard(
        "hardware", "prices", "import", azure_list, str(spots), "--date", "2026-09-01", "--source", "list"
    )
    assert result.code == 0
    assert result.err.startswith("warning: no price of ")
    file = tmp_path / "prices.yaml"
    file.write_text(result.out)

    arguments = ["--preset", "gpt2", "--prices", str(file), "--json", "--spot"]
    spot = json.loads(modelyard("plan", *arguments, "--sku", "g5.xlarge", "--region", "eu-west-1").out)
    assert spot["candidates"][0]["usd_per_hour"] == 0.5
    (source,) = spot["prices"]
    assert source == {"region": "eu-west-1", "at": "2026-09-01", "source": "list", "candidates": 1}
    region = ["--sku", ITEM["armSkuName"], "--region", "westeurope"]
    assert json.loads(modelyard("plan", *arguments, *region).out)["candidates"][0]["usd_per_hour"] == 0.9


def test_rows_of_the_catalogue_are_printed_on_demand(modelyard, azure_list):
    result = modelyard(
        *("hardware", "prices", "import", azure_list, "--date", "2026-09-01", "--form", "csv", "--source", "a list")
    )
    assert result.out == "Standard_NC24ads_A100_v4,westeurope,4.775,0.9,2026-09-01,a list\n"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["/nowhere.json"], "modelyard: /nowhere.json: cannot be read: No such file"),
        ([str(Path(__file__))], "unknown form of a price list; known are answers of Azure's retail price API"),
        (["x.json", "--date", "yesterday"], "modelyard: --date = 'yesterday': must be a day such as 2026-09-01"),
        (["x.json", "--date", "2099-01-01"], "modelyard: --date = '2099-01-01': must not be in the future"),
        ([], "Missing argument"),
    ],
)
def test_a_file_that_is_no_price_list_exits_2(modelyard, arguments, sentence):
    answer = modelyard("hardware", "prices", "import", *arguments)
    assert (answer.code, answer.out) == (2, "")
    assert sentence in answer.err
    assert "Traceback" not in answer.err
