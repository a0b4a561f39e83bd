"""What the nodes of an environment cost by the hour, from the catalogue's prices: an estimate, before anything runs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from modelyard.components.node_pools.spec import NodePoolSpec


@dataclass(frozen=True)
class Estimate:
    """USD per hour of all pools: when none but the minimum runs, and when all have grown to their limit."""

    least: float
    most: float
    pools: Mapping[str, tuple[float, float]]
    """The same for each pool."""
    unpriced: tuple[str, ...]
    """Pools whose machine has no known price there; they are not in the sums."""

    def output(self) -> dict[str, object]:
        """As the stack's output."""
        return {
            "usd_per_hour": {"min_nodes": self.least, "max_nodes": self.most},
            "pools": {name: {"min_nodes": low, "max_nodes": high} for name, (low, high) in self.pools.items()},
            "without_price": list(self.unpriced),
        }


def estimate(pools: Iterable[NodePoolSpec], region: str | None, own_prices: Mapping[str, float]) -> Estimate:
    """Nodes of `pools` times their price; control planes, disks and traffic are not counted.

    Args:
        pools: checked.
        region: whose prices count; None takes the catalogue's reference region. A price of another region is never
            taken for the one asked for.
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
    return Estimate(
        least=round(sum(low for low, _ in priced.values()), 4),
        most=round(sum(high for _, high in priced.values()), 4),
        pools=priced,
        unpriced=tuple(unpriced),
    )
