"""Price files: overrides of the catalogue, warnings, and refusals by line and column."""

import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from modelyard.workloads.hardware import catalogue
from modelyard.workloads.hardware.prices import CATALOGUE_PRICES, InvalidPricesError, PriceList, read_prices

TODAY = datetime.date(2026, 9, 20)
GOOD = """\
currency: USD
date: 2026-09-01
source: our agreement
prices:
  Standard_NC24ads_A100_v4:
    westeurope: {on_demand: 4.2, spot: 1.1}
    eastus: {on_demand: 3.1}
  generic-8xh100-sxm:
    rack-1: {on_demand: 21.5}
"""


def read(tmp_path: Path, text: str) -> PriceList:
    file = tmp_path / "prices.yaml"
    file.write_text(text)
    return read_prices(file, today=TODAY)


def test_a_file_overrides_the_catalogue_price_by_price(tmp_path: Path):
    prices = read(tmp_path, GOOD)
    assert prices.warnings == ()
    assert prices.price("Standard_NC24ads_A100_v4", region="westeurope") == 4.2
    assert prices.price("Standard_NC24ads_A100_v4", region="westeurope", spot=True) == 1.1
    assert prices.price("Standard_NC24ads_A100_v4") == 4.2, "without a region, the file's first one is the reference"
    assert prices.price("standard_nc24ads_a100_v4", region="eastus", spot=True) == 0.4444, "the catalogue's"
    assert prices.price("g5.xlarge") == CATALOGUE_PRICES.price("g5.xlarge") == 1.006
    assert prices.price("generic-8xh100-sxm") == 21.5
    assert CATALOGUE_PRICES.price("generic-8xh100-sxm") is None
    entry = prices.entry("generic-8xh100-sxm")
    assert entry is not None
    assert (entry.region, entry.at, entry.source) == ("rack-1", datetime.date(2026, 9, 1), "our agreement")


def test_prices_older_than_90_days_are_warned_about(tmp_path: Path):
    prices = read(tmp_path, GOOD.replace("2026-09-01", "2026-06-21"))
    assert prices.warnings == ("prices.yaml: prices are of 2026-06-21, 91 days ago",)
    assert prices.price("generic-8xh100-sxm") == 21.5
    assert read(tmp_path, GOOD.replace("2026-09-01", "2026-06-22")).warnings == ()


def test_another_currency_is_converted_by_its_rate(tmp_path: Path):
    prices = read(tmp_path, GOOD.replace("currency: USD", "currency: EUR\nusd_per_unit: 2"))
    assert prices.price("Standard_NC24ads_A100_v4", region="westeurope") == 8.4
    assert prices.warnings == ("prices.yaml: prices are EUR turned into USD at 2, as of 2026-09-01",)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "currency: USD",
            "currency: EUR",
            r"line 1, column 1: currency = 'EUR': must be USD, or come with `usd_per_unit`",
        ),
        ("currency: USD", "", r"currency: is missing; write `currency: USD`"),
        ("currency: USD", "currency: USD\nusd_per_unit: 1", "line 2, column 1: usd_per_unit: must be left out"),
        ("currency: USD", "currency: EUR\nusd_per_unit: -1", "line 2, column 1: usd_per_unit = -1: must be above 0"),
        ("2026-09-01", "yesterday", r"line 2, column 1: date = 'yesterday': must be the day"),
        ("2026-09-01", "2026-12-01", "line 2, column 1: date = '2026-12-01': must not be in the future"),
        ("source:", "sauce:", r"line 3, column 1: sauce: unknown field; did you mean source\?"),
        ("spot: 1.1", "spot: -1.1", r"line 6, column 34: .*spot = -1.1: must be above 0"),
        ("on_demand: 4.2", "on_demand: 0", "line 6, column 18: .*on_demand = 0: must be above 0"),
        ("on_demand: 4.2", "on_demand: .inf", "line 6, column 18: .*on_demand = inf: must be a number"),
        ("on_demand: 4.2", "on_demand: 4,2", "line 6, column 31: .*[.]2: unknown field"),
        ("on_demand: 4.2", "on_demand: '4.2'", "on_demand = '4.2': must be a number"),
        ("on_demand: 4.2", "on_demand: true", "on_demand = True: must be a number"),
        ("on_demand: 4.2", "on_demand: 420000", "on_demand = 420000: must be above 0 and at most 10000"),
        ("on_demand: 4.2", "reserved: 4.2", "reserved: unknown field; known are on_demand, spot"),
        (
            "{on_demand: 3.1}",
            "3.1",
            r"line 7, column 5: prices.Standard_NC24ads_A100_v4.eastus = 3.1: must be a mapping",
        ),
        (
            "NC24ads_A100_v4",
            "NC24ads_A100",
            r"line 5, column 3: prices.*: no instance type .*did you mean Standard_NC24ads_A100_v4",
        ),
        (
            "westeurope",
            "westworld",
            "line 6, column 5: .*westworld: is not sold there; it is in aus",
        ),
        ("eastus", "westeurope", "line 7, column 5: 'westeurope' stands twice, first in line 6"),
        ("currency: USD", "currency: [USD", "not YAML"),
        ("prices:", "prices: {}\nx:", "x: unknown field"),
    ],
)
def test_a_wrong_file_is_refused_by_line_and_column(tmp_path: Path, old: str, new: str, message: str):
    assert old in GOOD
    with pytest.raises(InvalidPricesError, match=message):
        read(tmp_path, GOOD.replace(old, new, 1))


@pytest.mark.parametrize("text", ["", "[]", "7", "currency: USD\ndate: 2026-09-01\nprices:\n", "\0"])
def test_a_file_without_prices_is_refused(tmp_path: Path, text: str):
    with pytest.raises(InvalidPricesError, match=r"prices\.yaml: "):
        read(tmp_path, text)


def test_a_missing_file_is_refused(tmp_path: Path):
    with pytest.raises(InvalidPricesError, match="cannot be read: No such file"):
        read_prices(tmp_path / "nowhere.yaml")


def test_an_unknown_name_is_refused_at_the_lookup():
    with pytest.raises(catalogue.UnknownInstanceTypeError, match=r"did you mean g5\.xlarge"):
        CATALOGUE_PRICES.price("g5.xlarg")


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused_with_the_files_name(tmp_path_factory: pytest.TempPathFactory, text: str):
    file = tmp_path_factory.mktemp("prices") / "prices.yaml"
    file.write_text(text, encoding="utf-8", errors="surrogatepass")
    with pytest.raises(InvalidPricesError, match=r"prices\.yaml"):
        read_prices(file, today=TODAY)
