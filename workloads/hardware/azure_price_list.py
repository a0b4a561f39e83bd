"""Readers of Azure's published prices: answers of its retail price API, or the list that karpenter ships.

The API needs no account: ``https://prices.azure.com/api/retail/prices`` answers pages of a thousand ``Items``
(learn.microsoft.com, "Azure Retail Prices overview", api-version 2023-01-01-preview). karpenter-provider-azure makes a
Go file from it, with the pay-as-you-go prices of all public regions: ``pkg/providers/pricing/zz_generated.pricing.go``
(as of 352646f).
"""

import datetime
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from modelyard.workloads.hardware.listed_price import ListedPrice

_KARPENTER_REGION = re.compile(r'initialOnDemandPrices\["([a-z0-9]+)"\]\s*=')
_KARPENTER_PRICE = re.compile(r'"(\w+)":\s*([0-9.]+),')
_KARPENTER_DATE = re.compile(r"generated at (\d{4}-\d{2}-\d{2})T")


def read_retail_prices(items: Iterable[Mapping[str, Any]], date: datetime.date) -> Iterator[ListedPrice]:
    """Read the hourly prices of Linux machines among the API's items, as of that day.

    Left out are Windows, Low Priority (Azure Batch's own), reservations, DevTest, other units than an hour, and prices
    that begin later. Of several meters of a size the primary one counts, then the one that began last.
    """
    best: dict[tuple[str, str, bool], tuple[tuple[bool, str], ListedPrice]] = {}
    for item in items:
        if not _is_hourly_linux(item) or _start_date(item) > date.isoformat():
            continue
        spot = str(item.get("skuName", "")).endswith(" Spot")
        name, region, price = str(item["armSkuName"]), str(item["armRegionName"]), float(item["retailPrice"])
        rank = (bool(item.get("isPrimaryMeterRegion", True)), _start_date(item))
        currency = str(item.get("currencyCode", "USD"))
        key = (name.lower(), region, spot)
        if price > 0 and (key not in best or rank > best[key][0]):
            amounts = {"spot": price} if spot else {"on_demand": price}
            best[key] = rank, ListedPrice(name, region, currency=currency, **amounts)
    for _, price in best.values():
        yield price


def read_karpenter_prices(text: str) -> Iterator[ListedPrice]:
    """Read the pay-as-you-go prices in USD of the Go file that karpenter-provider-azure generates."""
    region = ""
    for line in text.splitlines():
        if heading := _KARPENTER_REGION.search(line):
            region = heading[1]
        elif region and (price := _KARPENTER_PRICE.search(line)) and float(price[2]) > 0:
            yield ListedPrice(price[1], region, on_demand=float(price[2]))


def find_karpenter_date(text: str) -> datetime.date | None:
    """Find the day on which that file was generated."""
    date = _KARPENTER_DATE.search(text)
    return datetime.date.fromisoformat(date[1]) if date else None


def is_karpenter(text: str) -> bool:
    """Return True if the text is that file."""
    return "initialOnDemandPrices[" in text


def _is_hourly_linux(item: Mapping[str, Any]) -> bool:
    names = " ".join(str(item.get(field, "")) for field in ("skuName", "meterName"))
    return bool(
        item.get("armSkuName")
        and item.get("armRegionName")
        and item.get("type", "Consumption") == "Consumption"
        and not item.get("reservationTerm")
        and item.get("unitOfMeasure", "1 Hour") == "1 Hour"
        and "Windows" not in str(item.get("productName", ""))
        and "Low Priority" not in names
        and isinstance(item.get("retailPrice"), (int, float))
    )


def _start_date(item: Mapping[str, Any]) -> str:
    """Return the day from which the price holds; empty if the item has none."""
    return str(item.get("effectiveStartDate") or "")[:10]
