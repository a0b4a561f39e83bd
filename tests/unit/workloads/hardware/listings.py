"""Price lists in the clouds' published forms, for tests that read them."""

import datetime
import json
import os
from pathlib import Path

from modelyard.workloads.hardware.price_lists import PriceImport

DAY = datetime.date(2026, 9, 1)

AZURE_ITEM = {
    "currencyCode": "USD",
    "tierMinimumUnits": 0.0,
    "retailPrice": 4.775,
    "unitPrice": 4.775,
    "armRegionName": "westeurope",
    "location": "EU West",
    "effectiveStartDate": "2022-06-01T00:00:00Z",
    "meterId": "bd2ef1a0-5ad1-5a1a-b6c3-0e6ef8cd7d24",
    "meterName": "NC24ads A100 v4",
    "productId": "DZH318Z0953D",
    "skuId": "DZH318Z0953D/0009",
    "productName": "Virtual Machines NCadsA100v4 Series",
    "skuName": "NC24ads A100 v4",
    "serviceName": "Virtual Machines",
    "serviceId": "DZH313Z7MMC8",
    "serviceFamily": "Compute",
    "unitOfMeasure": "1 Hour",
    "type": "Consumption",
    "isPrimaryMeterRegion": True,
    "armSkuName": "Standard_NC24ads_A100_v4",
}
"""One item of Azure's retail price API, all its fields."""


def azure(**changes: object) -> dict[str, object]:
    return AZURE_ITEM | changes


def write(tmp_path: Path, name: str, content: object) -> Path:
    file = tmp_path / name
    file.write_text(content if isinstance(content, str) else json.dumps(content))
    noon = datetime.datetime.combine(DAY, datetime.time(12), datetime.UTC).timestamp()
    os.utime(file, (noon, noon))
    return file


def page(*items: dict[str, object]) -> dict[str, object]:
    about = {"BillingCurrency": "USD", "CustomerEntityId": "Default", "CustomerEntityType": "Retail"}
    return {**about, "Items": list(items), "NextPageLink": None, "Count": len(items)}


def prices(result: PriceImport) -> dict[tuple[str, str], tuple[float | None, float | None]]:
    return {
        (name, region): (price.on_demand, price.spot)
        for name, where in result.prices.items()
        for region, price in where.items()
    }


def spot(zone: str, price: str, when: str = "2026-08-30T10:00:00+00:00", **changes: str) -> dict[str, str]:
    entry = {"InstanceType": "g5.xlarge", "ProductDescription": "Linux/UNIX"} | changes
    return {"AvailabilityZone": zone, "SpotPrice": price, "Timestamp": when, **entry}
