"""Where the prices of a plan come from: region, day and source, since a price without them says little."""

import datetime
from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from modelyard.workloads.planner.request import Request

_MOST_REGIONS = 4


def price_sources(request: "Request", candidates: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the prices of those that fit are from, the most frequent first; `candidates` are those of a plan's JSON."""
    counted: Counter[tuple[str, str | None, str]] = Counter()
    for candidate in candidates:
        if not candidate["fits"] or candidate["usd_per_hour"] is None:
            continue
        ours = candidate.get("comparison", {}).get("ours") or candidate  # kaito has other names for some sizes
        price = request.prices.entry(ours["sku"], region=request.region, spot=request.spot)
        if price is not None:
            counted[price.region, price.at.isoformat() if price.at else None, price.source] += 1
    return [
        {"region": region, "at": at, "source": source, "candidates": count}
        for (region, at, source), count in counted.most_common()
    ]


def old_days(sources: list[dict[str, Any]], today: datetime.date) -> int | None:
    """How many days old the oldest of the prices are, where that is too old; None: they are not, or bear no date."""
    from modelyard.workloads.hardware.prices import STALE_AFTER_DAYS  # noqa: PLC0415 - loads pydantic

    ages = [(today - datetime.date.fromisoformat(source["at"])).days for source in sources if source["at"]]
    return max(ages) if ages and max(ages) > STALE_AFTER_DAYS else None


def in_words(sources: list[dict[str, Any]], *, spot: bool) -> str:
    """`list prices of eastus (2026-06-18) and us-east-1 (2026-07-20)`."""
    days: dict[str, str] = {}
    for source in sources:
        days.setdefault(source["region"], source["at"] or "no date")
    named = [f"{region} ({day})" for region, day in days.items()]
    if len(named) > _MOST_REGIONS:
        named = [*named[:_MOST_REGIONS], f"{len(named) - _MOST_REGIONS} more regions"]
    told = f"{', '.join(named[:-1])} and {named[-1]}" if len(named) > 1 else named[0]
    return f"{'spot' if spot else 'list'} prices of {told}"
