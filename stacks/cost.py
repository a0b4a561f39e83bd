"""Estimate of what the nodes of an environment cost by the hour, from the catalogue's prices, before anything runs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from modelyard.components.node_pools.spec import NodePoolSpec


@dataclass(frozen=True)
class CostEstimate:
    """USD per hour of all pools: at their fewest nodes, and at their most."""

    least: float
    most: float
    pools: Mapping[str, tuple[float, float]]
    """Both sums of each pool."""
    unpriced: tuple[str, ...]
    """Pools whose machine has no known price in the region; they are not in the sums."""

    def output(self) -> dict[str, object]:
        """Return the estimate as an output of the stack."""
        return {
            "usd_per_hour": {"min_nodes": self.least, "max_nodes": self.most},
            "pools": {name: {"min_nodes": low, "max_nodes": high} for name, (low, high) in self.pools.items()},
            "without_price": list(self.unpriced),
        }


def estimate_cost(pools: Iterable[NodePoolSpec], region: str | None, own_prices: Mapping[str, float]) -> CostEstimate:
    """Multiply the nodes of `pools` by their price; control planes, disks and traffic are not counted.

    Args:
        pools: validated pools.
        region: region whose prices count; None takes the catalogue's reference region. Prices of other regions are
            never used in its place.
        own_prices: USD per hour of one node by the pool's name, in place of the catalogue's.
    """
    priced: dict[str, tuple[float, float]] = {}
    unpriced: list[str] = []
    for pool in pools:
        price = own_prices.get(pool.name) or pool.instance.price(region, spot=pool.spot)
        if price is None:
            unpriced.append(pool.name)
        else:
            priced[pool.name] = (round(price * pool.min_nodes, 4), round(price * pool.max_nodes, 4))
    return CostEstimate(
        least=round(sum(low for low, _ in priced.values()), 4),
        most=round(sum(high for _, high in priced.values()), 4),
        pools=priced,
        unpriced=tuple(unpriced),
    )
