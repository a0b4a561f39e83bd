"""Price of a published list, before it meets the catalogue."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ListedPrice:
    """Price of an hour of one machine in one region, in the list's currency."""

    name: str
    """Name of the instance type, as the list writes it."""
    region: str
    on_demand: float | None = None
    spot: float | None = None
    currency: str = "USD"
