"""Figures of a node: its GPUs, its host, its network, and the prices of an hour."""

import datetime
from typing import Literal

from modelyard.workloads.frozen import Frozen
from pydantic import Field

Cloud = Literal["azure", "aws", "any"]
"""Cloud of an instance type; `any`: a machine that no catalogue sells, such as one on premises."""
Fabric = Literal["none", "infiniband", "efa"]
"""Network between nodes that bypasses the kernel, which tensors that cross nodes need."""


class Price(Frozen):
    """Price of one hour of one node in one region, with its day and source."""

    on_demand_usd_per_hour: float | None = Field(default=None, gt=0)
    """Price on demand; None: not sold there, or not known."""
    spot_usd_per_hour: float | None = Field(default=None, gt=0)
    """Price of spot capacity; None: no discount is evidenced there."""
    region: str
    at: datetime.date | None = None
    """Day of the price list; None: its source has no date."""
    source: str

    def usd_per_hour(self, *, spot: bool) -> float | None:
        """Return the price of spot capacity, or that on demand."""
        return self.spot_usd_per_hour if spot else self.on_demand_usd_per_hour


class InstanceType(Frozen):
    """Size of a node."""

    cloud: Cloud
    name: str
    """Name in the cloud's API: `Standard_NC24ads_A100_v4`, `g5.xlarge`; `generic-8xh100-sxm` on premises."""
    gpu: str
    """Key in the catalogue of GPUs."""
    gpus: int = Field(gt=0)
    gpu_share: float = Field(default=1, gt=0, le=1)
    """Share of one GPU (Azure's NVads A10 v5), by which memory, bandwidth and peak scale."""
    vcpus: int = Field(gt=0)
    memory_gib: float = Field(gt=0)
    """Memory of the host."""
    nvme_gib: float = Field(ge=0)
    """Local disk that is lost with the node."""
    network_gbit_per_s: float = Field(ge=0)
    fabric: Fabric = "none"
    fabric_gbit_per_s: float = Field(default=0, ge=0)
    """Rate of the fabric per node, one direction. EFA shares the network's; InfiniBand has its own."""
    regions: tuple[str, ...] = ()
    """Regions that sell it; empty: not known, so no region is refused."""
    prices: tuple[Price, ...] = ()
    """Prices by region; the first is the reference for requests without a region."""
    source: str

    def price(self, region: str | None = None, *, spot: bool = False) -> float | None:
        """Return USD per hour of one node, or None if it is not known.

        Without a region it is the reference region's (eastus, us-east-1). A price of another region never stands for
        that of the requested one: they differ by up to two times.
        """
        price = self.price_entry(region, spot=spot)
        return price.usd_per_hour(spot=spot) if price else None

    def price_entry(self, region: str | None = None, *, spot: bool = False) -> Price | None:
        """Return the price with its region, date and source."""
        for price in self.prices:
            if price.usd_per_hour(spot=spot) is not None and region in (None, price.region):
                return price
        return None

    def sold_in(self, region: str) -> bool:
        """Return True if the region sells the size, or if its regions are not known."""
        return not self.regions or region in self.regions
