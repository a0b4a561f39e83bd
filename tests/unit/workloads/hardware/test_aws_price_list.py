"""AWS's price list in its three forms, and the history of spot prices."""

import csv
import datetime
import io
import json
from pathlib import Path

from modelyard.workloads.hardware.price_lists import read_price_lists

from tests.unit.workloads.hardware.listings import prices, spot, write

ATTRIBUTES = {
    "instanceType": "g5.xlarge",
    "regionCode": "eu-west-1",
    "location": "EU (Ireland)",
    "locationType": "AWS Region",
    "operatingSystem": "Linux",
    "tenancy": "Shared",
    "preInstalledSw": "NA",
    "capacitystatus": "Used",
    "marketoption": "OnDemand",
    "operation": "RunInstances",
    "usagetype": "EU-BoxUsage:g5.xlarge",
}


def term(sku: str, usd: str, unit: str = "Hrs") -> dict[str, object]:
    dimension = {"unit": unit, "beginRange": "0", "endRange": "Inf", "pricePerUnit": {"USD": usd}, "appliesTo": []}
    code = f"{sku}.JRTCKXETXF"
    return {
        code: {
            "offerTermCode": "JRTCKXETXF",
            "sku": sku,
            "effectiveDate": "2026-08-01T00:00:00Z",
            "priceDimensions": {f"{code}.6YS6EN2CT7": {"rateCode": f"{code}.6YS6EN2CT7", **dimension}},
            "termAttributes": {},
        }
    }


OFFERS = [  # changed attributes, USD, taken
    ({}, "1.1230000000", True),
    ({"instanceType": "g5.2xlarge"}, "1.3530000000", True),
    ({"operatingSystem": "Windows"}, "1.9", False),
    ({"tenancy": "Dedicated"}, "1.2", False),
    ({"preInstalledSw": "SQL Std"}, "1.6", False),
    ({"capacitystatus": "UnusedCapacityReservation"}, "1.123", False),
    ({"marketoption": "CapacityBlock"}, "0.0000000000", False),
    ({"instanceType": "m5.large"}, "0.107", False),
    ({"instanceType": "g5.4xlarge"}, "0.0000000000", False),
]
TAKEN = {("g5.xlarge", "eu-west-1"): (1.123, None), ("g5.2xlarge", "eu-west-1"): (1.353, None)}


def products() -> list[tuple[str, dict[str, str], str]]:
    return [(f"SKU{number}", ATTRIBUTES | changes, usd) for number, (changes, usd, _) in enumerate(OFFERS)]


def test_answers_of_awss_price_list_query_are_read(tmp_path: Path):
    texts = [
        json.dumps(
            {
                "product": {"productFamily": "Compute Instance", "attributes": attributes, "sku": sku},
                "serviceCode": "AmazonEC2",
                "terms": {"OnDemand": term(sku, usd), "Reserved": {}},
                "version": "20260820",
                "publicationDate": "2026-08-20T17:02:11Z",
            }
        )
        for sku, attributes, usd in products()
    ]
    result = read_price_lists([write(tmp_path, "ec2.json", {"FormatVersion": "aws_v1", "PriceList": texts})])
    assert prices(result) == TAKEN
    assert result.date == datetime.date(2026, 8, 20)


def test_awss_bulk_list_is_read_as_json(tmp_path: Path):
    document = {
        "formatVersion": "v1.0",
        "offerCode": "AmazonEC2",
        "publicationDate": "2026-08-20T17:02:11Z",
        "products": {
            sku: {"sku": sku, "productFamily": "Compute Instance", "attributes": attributes}
            for sku, attributes, _ in products()
        },
        "terms": {"OnDemand": {sku: term(sku, usd) for sku, _, usd in products()}, "Reserved": {}},
    }
    result = read_price_lists([write(tmp_path, "index.json", document)])
    assert prices(result) == TAKEN
    assert result.date == datetime.date(2026, 8, 20)


def test_awss_bulk_list_is_read_as_csv(tmp_path: Path):
    text = io.StringIO()
    about = [
        ["FormatVersion", "v1.0"],
        ["Disclaimer", "This pricing list is for informational purposes only."],
        ["Publication Date", "2026-08-20T17:02:11Z"],
        ["Version", "20260820170211"],
        ["OfferCode", "AmazonEC2"],
    ]
    headings = ["SKU", "OfferTermCode", "RateCode", "TermType", "PriceDescription", "EffectiveDate", "StartingRange"]
    headings += ["EndingRange", "Unit", "PricePerUnit", "Currency", "Product Family", "Location", "Instance Type"]
    headings += ["Tenancy", "Operating System", "CapacityStatus", "MarketOption", "Pre Installed S/W", "Region Code"]
    rows = [
        [
            *(sku, "JRTCKXETXF", f"{sku}.JRTCKXETXF.6YS6EN2CT7", kind, "per hour", "2026-08-01", "0", "Inf", "Hrs"),
            *(usd, "USD", "Compute Instance", "EU (Ireland)", has["instanceType"], has["tenancy"]),
            *(has["operatingSystem"], has["capacitystatus"], has["marketoption"], has["preInstalledSw"]),
            has["regionCode"],
        ]
        for sku, has, usd in products()
        for kind in ("OnDemand", "Reserved")
    ]
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows([*about, headings, *rows])
    result = read_price_lists([write(tmp_path, "index.csv", text.getvalue())])
    assert prices(result) == TAKEN
    assert result.date == datetime.date(2026, 8, 20)


def test_a_spot_price_is_the_median_of_the_zones_latest(tmp_path: Path):
    history = [
        spot("eu-west-1a", "0.500000"),
        spot("eu-west-1b", "0.440000"),
        spot("eu-west-1c", "0.430000"),
        spot("eu-west-1a", "0.900000", "2026-08-29T10:00:00+00:00"),
        spot("eu-west-1b", "2.000000", ProductDescription="Windows"),
        spot("us-east-1-bos-1a", "0.700000", InstanceType="g4dn.2xlarge"),
    ]
    result = read_price_lists([write(tmp_path, "spot.json", {"SpotPriceHistory": history})])
    assert prices(result) == {
        ("g4dn.2xlarge", "us-east-1"): (None, 0.7),
        ("g5.xlarge", "eu-west-1"): (None, 0.44),
    }
    assert result.date == datetime.date(2026, 8, 30)
