"""Prices of nodes: the catalogue's, and those of a user's file.

List prices of a catalogue are old on the day it ships, and few pay them: agreements, reservations and regions change
them. A price file lays other prices over the catalogue's:

    currency: USD
    date: 2026-09-01
    source: our agreement with the cloud
    prices:
      Standard_NC24ads_A100_v4:
        westeurope: {on_demand: 4.20, spot: 1.10}
      generic-8xh100-sxm:
        datacentre-1: {on_demand: 21.5}

Another currency is refused unless the file gives the USD of one unit of it (`usd_per_unit: 1.08`). Prices older than 90
days are used with a warning.
"""

import datetime
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from modelyard.workloads import located_yaml
from modelyard.workloads.hardware import catalogue
from modelyard.workloads.hardware.instance import InstanceType, Price
from modelyard.workloads.located_yaml import BadYamlError, Located
from modelyard.workloads.suggestions import suggest

STALE_AFTER_DAYS = 90
"""Days after which a price list is old: clouds change spot prices daily and list prices a few times a year."""

_MOST_USD_PER_HOUR = 10_000
"""Price above that of any node (a GB200 rack of 72 GPUs is below 1,000): more is a slip of the unit."""

_TOP_KEYS = ("currency", "date", "source", "usd_per_unit", "prices")
_PRICE_KEYS = ("on_demand", "spot")


class InvalidPricesError(ValueError):
    """Price file that is wrong; the message names the file, line, column, and the allowed values."""


@dataclass(frozen=True, slots=True)
class PriceList:
    """Prices in USD per hour of one node: those of a file before the catalogue's."""

    overrides: Mapping[str, tuple[Price, ...]] = field(default_factory=dict)
    """Prices of the file, by lower-case name of the instance type."""
    warnings: tuple[str, ...] = ()

    def price(self, instance: InstanceType | str, *, region: str | None = None, spot: bool = False) -> float | None:
        """Return USD per hour of one node, or None if it is not known; regions as in `InstanceType.price`.

        Raises:
            UnknownInstanceTypeError: there is no instance type of that name.
        """
        price = self.entry(instance, region=region, spot=spot)
        return price.usd_per_hour(spot=spot) if price else None

    def entry(self, instance: InstanceType | str, *, region: str | None = None, spot: bool = False) -> Price | None:
        """Return the price with its region, date and source."""
        instance_type = catalogue.find_instance_type(instance) if isinstance(instance, str) else instance
        overrides = self.overrides.get(instance_type.name.lower())
        if overrides is not None:
            entry = instance_type.model_copy(update={"prices": overrides}).price_entry(region, spot=spot)
            if entry is not None:
                return entry
        return instance_type.price_entry(region, spot=spot)


CATALOGUE_PRICES = PriceList()
"""Prices of the catalogue alone."""


def read_prices(file: Path, *, today: datetime.date | None = None) -> PriceList:
    """Read a price file and lay it over the catalogue.

    Raises:
        InvalidPricesError: the file is missing or not YAML, a field or an instance type is unknown, a region does not
            sell it, a number is not a price, or the currency is not USD and no rate is given.
    """
    try:
        document = located_yaml.load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not text"
        raise InvalidPricesError(f"{file}: cannot be read: {reason}") from error
    except BadYamlError as error:
        raise InvalidPricesError(f"{file}: {error}") from error
    return _Reader(file, document).read(today or datetime.datetime.now(datetime.UTC).date())


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reader of one file, with the positions for error messages."""

    file: Path
    document: Located

    def read(self, today: datetime.date) -> PriceList:
        top = self.mapping((), self.document.value, _TOP_KEYS)
        rate = self.rate(top)
        date = self.date(top, today)
        source = str(top.get("source", self.file.name))
        overrides = {
            name.lower(): self.regions(name, regions, rate=rate, date=date, source=source)
            for name, regions in self.mapping(("prices",), top.get("prices")).items()
        }
        return PriceList(overrides, tuple(self.warnings(top, rate, date, today)))

    def rate(self, top: Mapping[str, Any]) -> float:
        """Return USD per unit of the file's currency."""
        currency = top.get("currency")
        if not isinstance(currency, str):
            raise self.build_error(("currency",), "is missing; write `currency: USD`")
        if currency == "USD":
            if "usd_per_unit" in top:
                raise self.build_error(("usd_per_unit",), "must be left out where currency is USD")
            return 1.0
        if "usd_per_unit" not in top:
            rule = f"must be USD, or come with `usd_per_unit`, the USD of one {currency} on the file's date"
            raise self.build_error(("currency",), rule, currency)
        return self.number(("usd_per_unit",), top["usd_per_unit"], most=1000)

    def date(self, top: Mapping[str, Any], today: datetime.date) -> datetime.date:
        date = top.get("date")
        if not isinstance(date, datetime.date) or isinstance(date, datetime.datetime):
            raise self.build_error(("date",), f"must be the day of the prices, such as {today}", date)
        if date > today:
            raise self.build_error(("date",), "must not be in the future", str(date))
        return date

    def regions(self, name: str, entries: Any, *, rate: float, date: datetime.date, source: str) -> tuple[Price, ...]:
        path = ("prices", name)
        try:
            instance = catalogue.find_instance_type(name)
        except catalogue.UnknownInstanceTypeError as error:
            raise self.build_error(path, str(error)) from error
        prices = []
        for region, amounts in self.mapping(path, entries).items():
            inner = (*path, region)
            if not instance.sold_in(region):
                raise self.build_error(inner, f"is not sold there; it is in {', '.join(instance.regions)}")
            fields = self.mapping(inner, amounts, _PRICE_KEYS)
            usd = {
                key: self.number((*inner, key), value, most=_MOST_USD_PER_HOUR) * rate for key, value in fields.items()
            }
            prices.append(
                Price(
                    on_demand_usd_per_hour=usd.get("on_demand"),
                    spot_usd_per_hour=usd.get("spot"),
                    region=region,
                    at=date,
                    source=source,
                )
            )
        return tuple(prices)

    def mapping(self, path: located_yaml.Path, value: Any, allowed: tuple[str, ...] | None = None) -> dict[str, Any]:
        """Return the value as a mapping with at least one key, all of them allowed."""
        if not isinstance(value, dict) or not value:
            keys = f" with {', '.join(allowed)}" if allowed else ""
            raise self.build_error(path, f"must be a mapping{keys}", value)
        for key in value:
            if allowed and key not in allowed:
                raise self.build_error((*path, str(key)), f"unknown field; {suggest(str(key), allowed, most=1)}")
        return {str(key): entry for key, entry in value.items()}

    def number(self, path: located_yaml.Path, value: Any, *, most: float) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
            raise self.build_error(path, "must be a number", value)
        if not 0 < value <= most:
            raise self.build_error(path, f"must be above 0 and at most {most:g}", value)
        return float(value)

    def warnings(self, top: Mapping[str, Any], rate: float, date: datetime.date, today: datetime.date) -> list[str]:
        warnings = []
        if rate != 1.0:
            warnings.append(f"{self.file.name}: prices are {top['currency']} turned into USD at {rate:g}, as of {date}")
        age = (today - date).days
        if age > STALE_AFTER_DAYS:
            warnings.append(f"{self.file.name}: prices are of {date}, {age} days ago")
        return warnings

    def build_error(self, path: located_yaml.Path, rule: str, value: object = None) -> InvalidPricesError:
        field = ".".join(map(str, path)) or "the file"
        shown = "" if value is None else f" = {value!r}"
        return InvalidPricesError(f"{self.file}: {self.document.describe_position(path)}: {field}{shown}: {rule}")
