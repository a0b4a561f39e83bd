"""Sources of a plan's prices: regions, days, and their age."""

import datetime

import pytest
from modelyard.cli.price_sources import describe_sources, find_stale_age

TODAY = datetime.date(2026, 9, 20)


def source(region: str, at: str | None) -> dict[str, object]:
    return {"region": region, "at": at, "source": "a list", "candidates": 1}


@pytest.mark.parametrize(
    ("days", "old"),
    [
        ([], None),
        ([None], None),
        (["2026-06-22"], None),
        (["2026-06-21"], 91),
        (["2026-09-01", "2025-09-20", None], 365),
    ],
)
def test_prices_are_old_after_ninety_days(days, old):
    assert find_stale_age([source("eastus", day) for day in days], TODAY) == old


def test_regions_are_named_once_with_their_day():
    sources = [source("eastus", "2026-06-18"), source("eastus", None)]
    assert describe_sources(sources, spot=False) == "list prices of eastus (2026-06-18)"
    many = [source(f"region-{number}", None) for number in range(7)]
    assert describe_sources(many, spot=True) == (
        "spot prices of region-0 (no date), region-1 (no date), region-2 (no date), region-3 (no date) "
        "and 3 more regions"
    )


def test_a_plan_with_old_prices_names_the_import_command(modelyard, tmp_path):
    today = datetime.datetime.now(datetime.UTC).date()
    file = tmp_path / "prices.yaml"

    def printed(day: datetime.date) -> str:
        file.write_text(f"currency: USD\ndate: {day}\nprices:\n  g5.xlarge:\n    us-east-1: {{on_demand: 1.2}}\n")
        return modelyard("plan", "--preset", "gpt2", "--sku", "g5.xlarge", "--prices", str(file)).out

    assert "days old" not in printed(today)
    old = printed(today - datetime.timedelta(days=200))
    assert "these are up to 200 days old: `modelyard hardware prices import` makes a file of newer ones\n" in old
