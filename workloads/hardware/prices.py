"""Prices of nodes: those of the catalogue, and those of a file that a user keeps.

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

Another currency is refused unless the file says what one unit of it is in USD (`usd_per_unit: 1.08`). Prices that are
older than 90 days are used and warned about, with their date.
"""

import datetime
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from modelyard.workloads import located_yaml
from modelyard.workloads.hardware import catalogue
from modelyard.workloads.hardware.instance import InstanceType, Price
from modelyard.workloads.located_yaml import BadYamlError, Located

STALE_AFTER_DAYS = 90
"""Clouds change spot prices daily and list prices a few times a year: a quarter is when a list is worth a look."""

_MOST_USD_PER_HOUR = 10_000
"""More than any node costs (a GB200 rack of 72 GPUs is below 1,000): a price above it is a slip of the unit."""

_TOP_KEYS = ("currency", "date", "source", "usd_per_unit", "prices")
_PRICE_KEYS = ("on_demand", "spot")


class InvalidPricesError(ValueError):
    """A price file is wrong; the message names the file, line, column, and what is allowed."""


@dataclass(frozen=True, slots=True)
class PriceList:
    """Prices in USD per hour of one node: a file's where it has one, the catalogue's otherwise."""

    overrides: Mapping[str, tuple[Price, ...]] = field(default_factory=dict)
    """By lower-case name of the instance type."""
    warnings: tuple[str, ...] = ()

    def price(self, instance: InstanceType | str, *, region: str | None = None, spot: bool = False) -> float | None:
        """USD per hour of one node, or None where it is not known. See `InstanceType.price` for regions.

        Raises:
            UnknownInstanceTypeError: there is no instance type of that name.
        """
        found = self.entry(instance, region=region, spot=spot)
        if found is None:
            return None
        return found.spot_usd_per_hour if spot else found.on_demand_usd_per_hour

    def entry(self, instance: InstanceType | str, *, region: str | None = None, spot: bool = False) -> Price | None:
        """The entry that `price` answers from: its region, date and source."""
        known = catalogue.instance_type(instance) if isinstance(instance, str) else instance
        own = self.overrides.get(known.name.lower())
        if own is not None:
            found = known.model_copy(update={"prices": own}).price_entry(region, spot=spot)
            if found is not None:
                return found
        return known.price_entry(region, spot=spot)


CATALOGUE_PRICES = PriceList()
"""The catalogue's prices alone."""


def read_prices(file: Path, *, today: datetime.date | None = None) -> PriceList:
    """The price file laid over the catalogue.

    Raises:
        InvalidPricesError: the file is missing or not YAML, a field or an instance type is unknown, a region does not
            sell it, a number is not a price, or the currency is not USD and no rate is given.
    """
    try:
        document = located_yaml.load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as wrong:
        reason = wrong.strerror if isinstance(wrong, OSError) else "not text"
        raise InvalidPricesError(f"{file}: cannot be read: {reason}") from wrong
    except BadYamlError as wrong:
        raise InvalidPricesError(f"{file}: {wrong}") from wrong
    return _Reader(file, document).read(today or datetime.datetime.now(datetime.UTC).date())


@dataclass(frozen=True, slots=True)
class _Reader:
    """One pass over one file; keeps what every error message needs."""

    file: Path
    document: Located

    def read(self, today: datetime.date) -> PriceList:
        top = self.mapping((), self.document.value, _TOP_KEYS)
        rate = self.rate(top)
        date = self.date(top, today)
        source = str(top.get("source", self.file.name))
        overrides = {
            name.lower(): self.regions(name, where, rate=rate, date=date, source=source)
            for name, where in self.mapping(("prices",), top.get("prices")).items()
        }
        return PriceList(overrides, tuple(self.warnings(top, rate, date, today)))

    def rate(self, top: Mapping[str, Any]) -> float:
        """USD per unit of the file's currency."""
        currency = top.get("currency")
        if not isinstance(currency, str):
            raise self.wrong(("currency",), "currency is missing; write `currency: USD`")
        if currency == "USD":
            if "usd_per_unit" in top:
                raise self.wrong(("usd_per_unit",), "usd_per_unit makes no sense where currency is USD")
            return 1.0
        if "usd_per_unit" not in top:
            raise self.wrong(
                ("currency",),
                f"prices are in {currency}, the planner reckons in USD; give `usd_per_unit`, "
                f"what one {currency} is worth on the file's date",
            )
        return self.number(("usd_per_unit",), top["usd_per_unit"], most=1000)

    def date(self, top: Mapping[str, Any], today: datetime.date) -> datetime.date:
        date = top.get("date")
        if not isinstance(date, datetime.date) or isinstance(date, datetime.datetime):
            raise self.wrong(("date",), f"date must be the day of the prices, such as {today}, got {date!r}")
        if date > today:
            raise self.wrong(("date",), f"date {date} is in the future")
        return date

    def regions(self, name: str, where: Any, *, rate: float, date: datetime.date, source: str) -> tuple[Price, ...]:
        path = ("prices", name)
        try:
            instance = catalogue.instance_type(name)
        except catalogue.UnknownInstanceTypeError as unknown:
            raise self.wrong(path, str(unknown)) from unknown
        prices = []
        for region, amounts in self.mapping(path, where).items():
            inner = (*path, region)
            if not instance.sold_in(region):
                raise self.wrong(inner, f"{name} is not sold in {region!r}; it is in {', '.join(instance.regions)}")
            given = self.mapping(inner, amounts, _PRICE_KEYS)
            usd = {
                key: self.number((*inner, key), value, most=_MOST_USD_PER_HOUR) * rate for key, value in given.items()
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
        """The value as a mapping with at least one key, all of them allowed."""
        what = ".".join(map(str, path)) or "the file"
        if not isinstance(value, dict) or not value:
            keys = f" with {', '.join(allowed)}" if allowed else ""
            raise self.wrong(path, f"{what} must be a mapping{keys}, got {value!r}")
        for key in value:
            if allowed and key not in allowed:
                near = get_close_matches(str(key), allowed, n=1)
                hint = f"did you mean {near[0]!r}? " if near else ""
                raise self.wrong((*path, str(key)), f"unknown field {key!r}; {hint}allowed: {', '.join(allowed)}")
        return {str(key): entry for key, entry in value.items()}

    def number(self, path: located_yaml.Path, value: Any, *, most: float) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
            raise self.wrong(path, f"{path[-1]} must be a number, got {value!r}")
        if not 0 < value <= most:
            raise self.wrong(path, f"{path[-1]} must be above 0 and at most {most:g}, got {value!r}")
        return float(value)

    def warnings(self, top: Mapping[str, Any], rate: float, date: datetime.date, today: datetime.date) -> list[str]:
        found = []
        if rate != 1.0:
            found.append(f"{self.file.name}: prices are {top['currency']} turned into USD at {rate:g}, as of {date}")
        age = (today - date).days
        if age > STALE_AFTER_DAYS:
            found.append(f"{self.file.name}: prices are of {date}, {age} days ago")
        return found

    def wrong(self, path: located_yaml.Path, message: str) -> InvalidPricesError:
        return InvalidPricesError(f"{self.file}: {self.document.at(path)}: {message}")
