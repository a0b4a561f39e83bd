"""One price of a published list, before anything is known of the catalogue."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ListedPrice:
    """An hour of one machine in one region, in the list's currency."""

    name: str
    """Of the instance type, as the list writes it."""
    region: str
    on_demand: float | None = None
    spot: float | None = None
    currency: str = "USD"
