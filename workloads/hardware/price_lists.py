"""Converter from the clouds' published price lists to a price file, for newer prices than the catalogue's.

A list is recognised by its content. The import takes the catalogue's instance types in the regions that the catalogue
knows to sell them, and warns about the prices that it leaves out.
"""

import csv
import dataclasses
import datetime
import io
import itertools
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from modelyard.workloads.hardware import aws_price_list as aws
from modelyard.workloads.hardware import azure_price_list as azure
from modelyard.workloads.hardware import catalogue
from modelyard.workloads.hardware.listed_price import ListedPrice
from modelyard.workloads.hardware.prices import InvalidPricesError

_REFERENCE_REGIONS = ("eastus", "eastus2", "us-east-1")
"""Regions that come first in the file: the first one's price holds for requests without a region."""

_FORMS = (
    "answers of Azure's retail price API, karpenter-provider-azure's zz_generated.pricing.go, AWS's price list of EC2 "
    "(get-products, index.json, index.csv), and answers of describe-spot-price-history"
)


@dataclass(frozen=True, slots=True)
class PriceImport:
    """Prices by instance type and region, from one or several lists."""

    prices: Mapping[str, Mapping[str, ListedPrice]]
    date: datetime.date
    currency: str
    source: str
    warnings: tuple[str, ...] = ()

    def to_yaml(self) -> str:
        """Render a price file for `--prices`."""
        prices = {
            name: {
                region: {
                    field: value for field in ("on_demand", "spot") if (value := getattr(price, field)) is not None
                }
                for region, price in regions.items()
            }
            for name, regions in self.prices.items()
        }
        document = {"currency": self.currency, "date": self.date, "source": self.source, "prices": prices}
        return yaml.safe_dump(document, sort_keys=False, default_flow_style=None, width=100)

    def to_csv(self) -> str:
        """Render rows of the catalogue's `prices.csv`, without its headings."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        for name, regions in self.prices.items():
            for region, price in regions.items():
                amounts = ["" if amount is None else f"{amount:g}" for amount in (price.on_demand, price.spot)]
                writer.writerow([name, region, *amounts, self.date, self.source])
        return text.getvalue()


def read_price_lists(
    files: Sequence[Path], *, date: datetime.date | None = None, source: str | None = None
) -> PriceImport:
    """Read the prices of published lists; of two for the same type and region, the later file counts.

    Args:
        files: pages of one list, or several lists.
        date: day of the prices; None: the lists' own, or the oldest day on which a file was written.
        source: source of each price; None: the files' names.

    Raises:
        InvalidPricesError: a file is no such list, has no price of a catalogue's type, or the currencies differ.
    """
    lists = [_read(file, date) for file in files]
    day = date or min(day for _, day in lists)
    regions_by_type: dict[str, dict[str, ListedPrice]] = {}
    unsold: dict[str, None] = {}
    currencies: dict[str, None] = {}
    instances = {entry.name.lower(): entry for entry in catalogue.list_instance_types() if entry.cloud != "any"}
    for price in itertools.chain.from_iterable(prices for prices, _ in lists):
        instance = instances.get(price.name.lower())
        if instance is None:
            continue
        if not instance.sold_in(price.region):
            unsold[f"{instance.name} in {price.region}"] = None
            continue
        currencies[price.currency] = None
        regions = regions_by_type.setdefault(instance.name, {})
        previous = regions.get(price.region, price)
        regions[price.region] = dataclasses.replace(
            price, on_demand=price.on_demand or previous.on_demand, spot=price.spot or previous.spot
        )
    names = ", ".join(file.name for file in files)
    if not regions_by_type:
        raise InvalidPricesError(f"{names}: no price of an instance type of the catalogue; give a list with one")
    if len(currencies) > 1:
        raise InvalidPricesError(f"{names}: prices in {' and '.join(currencies)}; import one currency at a time")
    ordered = {
        entry.name: dict(sorted(regions_by_type[entry.name].items(), key=_region_order))
        for entry in instances.values()
        if entry.name in regions_by_type
    }
    (currency,) = currencies
    return PriceImport(ordered, day, currency, source or names, tuple(_warnings(ordered, unsold, currency)))


def _read(file: Path, date: datetime.date | None) -> tuple[list[ListedPrice], datetime.date]:
    """Read the file's prices and their day."""
    try:
        modified = datetime.datetime.fromtimestamp(file.stat().st_mtime, datetime.UTC).date()
        with file.open(encoding="utf-8-sig") as text:
            beginning = text.read(1)
            text.seek(0)
            if beginning not in {"[", "{"}:
                return _read_text(file, text, modified)
            document = json.load(text)
    except OSError as error:
        raise InvalidPricesError(f"{file}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InvalidPricesError(f"{file}: cannot be read: not text") from error
    except json.JSONDecodeError as error:
        raise InvalidPricesError(f"{file}: line {error.lineno}, column {error.colno}: not JSON: {error.msg}") from error
    except RecursionError as error:
        raise InvalidPricesError(f"{file}: nested too deeply") from error
    except (csv.Error, ValueError) as error:  # a row without end, a day that is none, a number of too many digits
        raise InvalidPricesError(f"{file}: not a valid price list: {error}") from error
    try:
        return _read_json(file, document, date, modified)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        reason = f"{error} is missing" if isinstance(error, KeyError) else error
        raise InvalidPricesError(f"{file}: not a valid price list: {reason}") from error


def _read_text(file: Path, lines: Iterable[str], modified: datetime.date) -> tuple[list[ListedPrice], datetime.date]:
    """Read a list that is not JSON: AWS's CSV, which may be too large for the memory, or karpenter's Go file."""
    rows = iter(lines)
    head = list(itertools.islice(rows, aws.LINES_ABOUT_THE_FILE))
    header = dict(row[:2] for row in csv.reader(head) if len(row) > 1)
    if "Publication Date" in header:
        return list(aws.read_csv_prices(rows)), datetime.date.fromisoformat(header["Publication Date"][:10])
    text = "".join([*head, *rows])
    if azure.is_karpenter(text):
        return list(azure.read_karpenter_prices(text)), azure.find_karpenter_date(text) or modified
    raise InvalidPricesError(f"{file}: unknown form of a price list; known are {_FORMS}")


def _read_json(
    file: Path, document: Any, date: datetime.date | None, modified: datetime.date
) -> tuple[list[ListedPrice], datetime.date]:
    pages = document if isinstance(document, list) else [document]
    if pages and all(isinstance(page, dict) and ("Items" in page or "armSkuName" in page) for page in pages):
        items = itertools.chain.from_iterable(page.get("Items", [page]) for page in pages)
        return list(azure.read_retail_prices(items, date or modified)), modified
    if isinstance(document, dict):
        for field, reader in (
            ("PriceList", aws.read_query_prices),
            ("SpotPriceHistory", aws.read_spot_prices),
            ("products", aws.read_bulk_prices),
        ):
            if field in document:
                return list(reader(document)), aws.find_publication_date(document) or modified
    raise InvalidPricesError(f"{file}: unknown form of a price list; known are {_FORMS}")


def _region_order(entry: tuple[str, ListedPrice]) -> tuple[int, str]:
    region = entry[0]
    return _REFERENCE_REGIONS.index(region) if region in _REFERENCE_REGIONS else len(_REFERENCE_REGIONS), region


def _warnings(
    prices: Mapping[str, Mapping[str, ListedPrice]], unsold: Mapping[str, None], currency: str
) -> Iterator[str]:
    clouds = {catalogue.find_instance_type(name).cloud for name in prices}
    missing = [
        entry.name for entry in catalogue.list_instance_types() if entry.cloud in clouds and entry.name not in prices
    ]
    if missing:
        yield f"no price of {len(missing)} types: {', '.join(missing[:5])}{' and more' if len(missing) > 5 else ''}"
    if unsold:
        examples = ", ".join(list(unsold)[:3])
        yield f"left out {len(unsold)} prices of regions that do not sell the type, by the catalogue: e.g. {examples}"
    if currency != "USD":
        yield f"prices are in {currency}: add `usd_per_unit`, the USD of one {currency}, to the file"
