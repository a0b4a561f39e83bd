"""What one node is: its GPUs, its host, its network, and what an hour of it costs."""

import datetime
from typing import Literal

from modelyard.workloads.frozen import Frozen
from pydantic import Field

Cloud = Literal["azure", "aws", "any"]
"""`any`: a machine that no catalogue sells, such as one on premises."""
Fabric = Literal["none", "infiniband", "efa"]
"""Network between nodes that bypasses the kernel, which tensors that cross nodes need."""


class Price(Frozen):
    """USD for one hour of one node in one region, and of which day that is."""

    on_demand_usd_per_hour: float | None = Field(default=None, gt=0)
    """None: not sold on demand there, or not known."""
    spot_usd_per_hour: float | None = Field(default=None, gt=0)
    """None: no discount is evidenced there."""
    region: str
    at: datetime.date | None = None
    """Day of the price list. None: its source bears no date."""
    source: str


class InstanceType(Frozen):
    """One size of node."""

    cloud: Cloud
    name: str
    """As the cloud's API wants it: `Standard_NC24ads_A100_v4`, `g5.xlarge`; `generic-8xh100-sxm` on premises."""
    gpu: str
    """Key in the catalogue of GPUs."""
    gpus: int = Field(gt=0)
    gpu_share: float = Field(default=1, gt=0, le=1)
    """Part of a GPU that a size with less than one has (Azure's NVads A10 v5): memory, bandwidth and peak scale."""
    vcpus: int = Field(gt=0)
    memory_gib: float = Field(gt=0)
    """Of the host."""
    nvme_gib: float = Field(ge=0)
    """Local disk that is lost with the node."""
    network_gbit_per_s: float = Field(ge=0)
    fabric: Fabric = "none"
    fabric_gbit_per_s: float = Field(default=0, ge=0)
    """Per node, one direction. EFA shares it with the network; InfiniBand has its own."""
    regions: tuple[str, ...] = ()
    """Where the cloud sells it. Empty: not known, so no region is refused."""
    prices: tuple[Price, ...] = ()
    """The first one that has a price is the reference where no region is asked for."""
    source: str

    def price(self, region: str | None = None, *, spot: bool = False) -> float | None:
        """USD per hour of one node, or None where it is not known.

        Without a region: the reference region's (eastus, us-east-1). A price of another region is never given for the
        one asked for: they differ by up to two times.
        """
        found = self.price_entry(region, spot=spot)
        if found is None:
            return None
        return found.spot_usd_per_hour if spot else found.on_demand_usd_per_hour

    def price_entry(self, region: str | None = None, *, spot: bool = False) -> Price | None:
        """The entry that `price` answers from: its region, date and source."""
        for price in self.prices:
            value = price.spot_usd_per_hour if spot else price.on_demand_usd_per_hour
            if value is not None and region in (None, price.region):
                return price
        return None

    def sold_in(self, region: str) -> bool:
        """Whether the size exists in the region; True where the regions are not known."""
        return not self.regions or region in self.regions
