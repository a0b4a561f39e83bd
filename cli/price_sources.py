"""Region, day and source of a plan's prices, without which a price says little."""

import datetime
from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from modelyard.workloads.planner.request import Request

_MOST_REGIONS = 4


def list_price_sources(request: "Request", candidates: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """List the sources of the prices of those that fit, the most frequent first; `candidates` are a plan's JSON."""
    counts: Counter[tuple[str, str | None, str]] = Counter()
    for candidate in candidates:
        if not candidate["fits"] or candidate["usd_per_hour"] is None:
            continue
        ours = candidate.get("comparison", {}).get("ours") or candidate  # kaito has other names for some sizes
        price = request.prices.entry(ours["sku"], region=request.region, spot=request.spot)
        if price is not None:
            counts[price.region, price.at.isoformat() if price.at else None, price.source] += 1
    return [
        {"region": region, "at": at, "source": source, "candidates": count}
        for (region, at, source), count in counts.most_common()
    ]


def find_stale_age(sources: list[dict[str, Any]], today: datetime.date) -> int | None:
    """Return the age in days of the oldest prices if they are stale; None if they are not, or have no date."""
    from modelyard.workloads.hardware.prices import STALE_AFTER_DAYS

    ages = [(today - datetime.date.fromisoformat(source["at"])).days for source in sources if source["at"]]
    return max(ages) if ages and max(ages) > STALE_AFTER_DAYS else None


def describe_sources(sources: list[dict[str, Any]], *, spot: bool) -> str:
    """Describe the sources, such as `list prices of eastus (2026-06-18) and us-east-1 (2026-07-20)`."""
    days: dict[str, str] = {}
    for source in sources:
        days.setdefault(source["region"], source["at"] or "no date")
    names = [f"{region} ({day})" for region, day in days.items()]
    if len(names) > _MOST_REGIONS:
        names = [*names[:_MOST_REGIONS], f"{len(names) - _MOST_REGIONS} more regions"]
    text = f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]
    return f"{'spot' if spot else 'list'} prices of {text}"
