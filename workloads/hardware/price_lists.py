"""Price lists as clouds publish them, turned into a price file of ours: the way to newer prices than the catalogue's.

A list is recognised by what is in it. Of it are taken the instance types that the catalogue has, in the regions where
the catalogue knows them to be sold; what is left out is told.
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
"""These come first: without a region, a price is that of the first."""

_FORMS = (
    "answers of Azure's retail price API, karpenter-provider-azure's zz_generated.pricing.go, AWS's price list of EC2 "
    "(get-products, index.json, index.csv), and answers of describe-spot-price-history"
)


@dataclass(frozen=True, slots=True)
class Import:
    """Prices by instance type and region, from one or several lists."""

    prices: Mapping[str, Mapping[str, ListedPrice]]
    date: datetime.date
    currency: str
    source: str
    warnings: tuple[str, ...] = ()

    def to_yaml(self) -> str:
        """A price file, as `--prices` takes it."""
        prices = {
            name: {
                region: {
                    field: value for field in ("on_demand", "spot") if (value := getattr(price, field)) is not None
                }
                for region, price in where.items()
            }
            for name, where in self.prices.items()
        }
        document = {"currency": self.currency, "date": self.date, "source": self.source, "prices": prices}
        return yaml.safe_dump(document, sort_keys=False, default_flow_style=None, width=100)

    def to_csv(self) -> str:
        """Rows of the catalogue's `prices.csv`, without its headings."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        for name, where in self.prices.items():
            for region, price in where.items():
                amounts = ["" if amount is None else f"{amount:g}" for amount in (price.on_demand, price.spot)]
                writer.writerow([name, region, *amounts, self.date, self.source])
        return text.getvalue()


def read_price_lists(files: Sequence[Path], *, date: datetime.date | None = None, source: str | None = None) -> Import:
    """The prices of published lists; of two that tell of the same, the later file counts.

    Args:
        files: pages of one list, or several lists.
        date: the day of the prices; None: what the lists say, or the oldest day on which a file was written.
        source: told with each price; None: the files' names.

    Raises:
        InvalidPricesError: a file is no such list, holds no price of a type of ours, or the currencies differ.
    """
    lists = [_read(file, date) for file in files]
    day = date or min(day for _, day in lists)
    found: dict[str, dict[str, ListedPrice]] = {}
    unsold: dict[str, None] = {}
    currencies: dict[str, None] = {}
    known = {entry.name.lower(): entry for entry in catalogue.instance_types() if entry.cloud != "any"}
    for price in itertools.chain.from_iterable(prices for prices, _ in lists):
        instance = known.get(price.name.lower())
        if instance is None:
            continue
        if not instance.sold_in(price.region):
            unsold[f"{instance.name} in {price.region}"] = None
            continue
        currencies[price.currency] = None
        where = found.setdefault(instance.name, {})
        before = where.get(price.region, price)
        where[price.region] = dataclasses.replace(
            price, on_demand=price.on_demand or before.on_demand, spot=price.spot or before.spot
        )
    names = ", ".join(file.name for file in files)
    if not found:
        raise InvalidPricesError(f"{names}: no price of an instance type of the catalogue is in it")
    if len(currencies) > 1:
        raise InvalidPricesError(f"{names}: prices are in {' and '.join(currencies)}; import one currency at a time")
    ordered = {
        entry.name: dict(sorted(found[entry.name].items(), key=_place))
        for entry in known.values()
        if entry.name in found
    }
    (currency,) = currencies
    return Import(ordered, day, currency, source or names, tuple(_warnings(ordered, unsold, currency)))


def _read(file: Path, date: datetime.date | None) -> tuple[list[ListedPrice], datetime.date]:
    """The file's prices, and of which day they are."""
    try:
        written = datetime.datetime.fromtimestamp(file.stat().st_mtime, datetime.UTC).date()
        with file.open(encoding="utf-8-sig") as text:
            beginning = text.read(1)
            text.seek(0)
            if beginning not in {"[", "{"}:
                return _read_text(file, text, written)
            document = json.load(text)
    except OSError as wrong:
        raise InvalidPricesError(f"{file}: cannot be read: {wrong.strerror}") from wrong
    except UnicodeDecodeError as wrong:
        raise InvalidPricesError(f"{file}: cannot be read: not text") from wrong
    except json.JSONDecodeError as wrong:
        raise InvalidPricesError(f"{file}: line {wrong.lineno}, column {wrong.colno}: not JSON: {wrong.msg}") from wrong
    except RecursionError as wrong:
        raise InvalidPricesError(f"{file}: nested too deeply") from wrong
    except (csv.Error, ValueError) as wrong:  # a row without end, a day that is none, a number of too many digits
        raise InvalidPricesError(f"{file}: looks like a price list, but is none: {wrong}") from wrong
    try:
        return _read_json(file, document, date, written)
    except (KeyError, TypeError, AttributeError, ValueError) as wrong:
        raise InvalidPricesError(f"{file}: looks like a price list, but is none: {wrong!r}") from wrong


def _read_text(file: Path, lines: Iterable[str], written: datetime.date) -> tuple[list[ListedPrice], datetime.date]:
    """A list that is not JSON: AWS's CSV, which may be too large for the memory, or karpenter's Go file."""
    rows = iter(lines)
    head = list(itertools.islice(rows, aws.LINES_ABOUT_THE_FILE))
    about = dict(row[:2] for row in csv.reader(head) if len(row) > 1)
    if "Publication Date" in about:
        return list(aws.csv_prices(rows)), datetime.date.fromisoformat(about["Publication Date"][:10])
    text = "".join([*head, *rows])
    if azure.is_karpenter(text):
        return list(azure.karpenter_prices(text)), azure.karpenter_date(text) or written
    raise InvalidPricesError(f"{file}: no price list that is known; known are {_FORMS}")


def _read_json(
    file: Path, document: Any, date: datetime.date | None, written: datetime.date
) -> tuple[list[ListedPrice], datetime.date]:
    pages = document if isinstance(document, list) else [document]
    if pages and all(isinstance(page, dict) and ("Items" in page or "armSkuName" in page) for page in pages):
        items = itertools.chain.from_iterable(page.get("Items", [page]) for page in pages)
        return list(azure.retail_prices(items, date or written)), written
    if isinstance(document, dict):
        for field, read in (
            ("PriceList", aws.query_prices),
            ("SpotPriceHistory", aws.spot_prices),
            ("products", aws.bulk_prices),
        ):
            if field in document:
                return list(read(document)), aws.published(document) or written
    raise InvalidPricesError(f"{file}: no price list that is known; known are {_FORMS}")


def _place(entry: tuple[str, ListedPrice]) -> tuple[int, str]:
    region = entry[0]
    return _REFERENCE_REGIONS.index(region) if region in _REFERENCE_REGIONS else len(_REFERENCE_REGIONS), region


def _warnings(
    prices: Mapping[str, Mapping[str, ListedPrice]], unsold: Mapping[str, None], currency: str
) -> Iterator[str]:
    clouds = {catalogue.instance_type(name).cloud for name in prices}
    missing = [one.name for one in catalogue.instance_types() if one.cloud in clouds and one.name not in prices]
    if missing:
        yield f"no price of {len(missing)} types: {', '.join(missing[:5])}{' and more' if len(missing) > 5 else ''}"
    if unsold:
        some = ", ".join(list(unsold)[:3])
        yield f"left out, since the catalogue does not know them to be sold there: {len(unsold)} prices, e.g. {some}"
    if currency != "USD":
        yield f"prices are in {currency}: add `usd_per_unit`, what one {currency} is worth, to the file"
