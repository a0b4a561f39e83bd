"""Readers of AWS's published prices: the price list of EC2 in its three forms, and the history of spot prices.

- ``aws pricing get-products --service-code AmazonEC2``: JSON whose ``PriceList`` holds one JSON text per product;
- the bulk list of a region, ``index.json``: ``products`` and ``terms`` by SKU;
- the same as ``index.csv``: five lines about the file, one of headings, then rows. It is read line by line, where the
  JSON of a region, hundreds of megabytes, must be in memory at once;
- ``aws ec2 describe-spot-price-history``: JSON with one entry per type, zone and change.

Forms: AWS Billing user guide, "Reading the service price list file for an AWS service" and "Using the AWS Price List
Query API"; EC2 API reference, DescribeSpotPriceHistory.
"""

import csv
import datetime
import json
import re
import statistics
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from modelyard.workloads.hardware.listed_price import ListedPrice

LINES_ABOUT_THE_FILE = 5

_PLAIN = {
    "operatingSystem": ("Linux",),
    "tenancy": ("Shared",),
    "preInstalledSw": ("NA", ""),
    "capacitystatus": ("Used",),
    "marketoption": ("OnDemand", ""),
}
"""Attributes of the price of a plain Linux machine in use, one of a machine's dozens of prices."""

_CSV_NAMES = {
    "operatingSystem": "Operating System",
    "tenancy": "Tenancy",
    "preInstalledSw": "Pre Installed S/W",
    "capacitystatus": "CapacityStatus",
    "marketoption": "MarketOption",
}

_REGION_OF_ZONE = re.compile(r"[a-z]{2}(?:-[a-z]+)+-\d+")
"""Pattern of the region in a zone: `us-east-1` of `us-east-1a` and of the local zone `us-east-1-bos-1a`."""


def read_query_prices(answer: Mapping[str, Any]) -> Iterator[ListedPrice]:
    """Read the prices in an answer of the price list's query API."""
    for text in answer["PriceList"]:
        offer = json.loads(text) if isinstance(text, str) else text
        terms = offer.get("terms", {}).get("OnDemand", {})
        yield from _read_terms(offer.get("product", {}), terms)


def read_bulk_prices(document: Mapping[str, Any]) -> Iterator[ListedPrice]:
    """Read the prices in the bulk list's JSON."""
    terms = document["terms"].get("OnDemand", {})
    for sku, product in document["products"].items():
        yield from _read_terms(product, terms.get(sku, {}))


def read_csv_prices(lines: Iterable[str]) -> Iterator[ListedPrice]:
    """Read the prices in the bulk list's CSV line by line; `lines` begin with the headings."""
    for row in csv.DictReader(lines):
        attributes = {name: row.get(heading) or "" for name, heading in _CSV_NAMES.items()}
        if row.get("TermType") != "OnDemand" or row.get("Unit") != "Hrs" or not _is_plain(attributes):
            continue
        name, region, price = row.get("Instance Type"), row.get("Region Code"), _amount(row.get("PricePerUnit"))
        if name and region and price:
            yield ListedPrice(name, region, on_demand=price, currency=row.get("Currency") or "USD")


def read_spot_prices(answer: Mapping[str, Any]) -> Iterator[ListedPrice]:
    """Read the median over a region's zones of each type's latest spot price."""
    latest: dict[tuple[str, str], tuple[str, float]] = {}
    for entry in answer["SpotPriceHistory"]:
        if not str(entry.get("ProductDescription", "Linux/UNIX")).startswith("Linux/UNIX"):
            continue
        price, when = _amount(entry.get("SpotPrice")), str(entry.get("Timestamp", ""))
        key = (str(entry["InstanceType"]), str(entry["AvailabilityZone"]))
        if price and (key not in latest or when > latest[key][0]):
            latest[key] = when, price
    zones: dict[tuple[str, str], list[float]] = {}
    for (name, zone), (_, price) in latest.items():
        if region := _REGION_OF_ZONE.match(zone):
            zones.setdefault((name, region[0]), []).append(price)
    for (name, region), prices in zones.items():
        yield ListedPrice(name, region, spot=round(statistics.median(prices), 6))


def find_publication_date(document: Mapping[str, Any]) -> datetime.date | None:
    """Find the day of a JSON list: its own, its first product's, or that of the last change of a spot price."""
    days = [document.get("publicationDate")]
    days += [json.loads(text).get("publicationDate") for text in document.get("PriceList", [])[:1] if text]
    days += [max((entry.get("Timestamp", "") for entry in document.get("SpotPriceHistory", [])), default=None)]
    return next((datetime.date.fromisoformat(str(day)[:10]) for day in days if day), None)


def _read_terms(product: Mapping[str, Any], terms: Mapping[str, Any]) -> Iterator[ListedPrice]:
    attributes = product.get("attributes", {})
    name, region = attributes.get("instanceType"), attributes.get("regionCode")
    if not name or not region or not _is_plain(attributes):
        return
    for term in terms.values():
        for dimension in term.get("priceDimensions", {}).values():
            if dimension.get("unit") != "Hrs":
                continue
            for currency, amount in dimension.get("pricePerUnit", {}).items():
                if price := _amount(amount):
                    yield ListedPrice(name, region, on_demand=price, currency=currency)


def _is_plain(attributes: Mapping[str, Any]) -> bool:
    return all(attributes.get(name, allowed[-1]) in allowed for name, allowed in _PLAIN.items())


def _amount(text: Any) -> float | None:
    """Return a price above zero, or None: reserved and capacity-block rows have one of zero."""
    try:
        value = float(text)
    except (TypeError, ValueError):
        return None
    return value if 0 < value < float("inf") else None
