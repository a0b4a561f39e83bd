"""What all pools of a cluster take together, against what the subscription and the network give.

Azure counts quota in vCPUs of a family and region, spot apart from the rest; a pool that cannot get its nodes fails an
hour into `up` or, worse, at the first scale-up. So the largest state is added up beforehand.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from modelyard.components.common.errors import ArgumentError

SPOT = "lowPriorityCores"
"""Azure's name of the quota that spot nodes of all families share (Azure, vCPU quotas)."""

SOURCE = "Azure, vCPU quotas"


@dataclass(frozen=True, kw_only=True)
class Demand:
    """What one pool takes at its largest, nodes of an upgrade included."""

    pool: str
    nodes: int
    vcpus_per_node: int
    family: str
    """Azure's name of the quota: `StandardNCADSA100v4Family`."""

    @property
    def vcpus(self) -> int:
        """Of all its nodes."""
        return self.nodes * self.vcpus_per_node


def vcpus_by_family(demands: Iterable[Demand]) -> dict[str, int]:
    """vCPUs that the pools take of each quota."""
    total: dict[str, int] = defaultdict(int)
    for one in demands:
        total[one.family] += one.vcpus
    return dict(total)


def within_quota(cluster: str, demands: Iterable[Demand], quota: Mapping[str, int]) -> None:
    """Does nothing if the pools fit the subscription's quota.

    Args:
        cluster: its name, for errors.
        demands: all pools.
        quota: vCPUs by family, as `az vm list-usage` shows them. Families that are not in it are not judged.

    Raises:
        ArgumentError: a family's pools take more; each of them is named with its share.
    """
    demands = list(demands)
    for family, taken in vcpus_by_family(demands).items():
        if family not in quota or taken <= quota[family]:
            continue
        shares = ", ".join(
            f"{one.pool} {one.nodes} * {one.vcpus_per_node}" for one in demands if one.family == family and one.nodes
        )
        rule = f"the pools take {taken} vCPUs at most ({shares}); ask for more quota or lower max_nodes"
        raise ArgumentError(cluster, f"vcpu_quota[{family}]", quota[family], rule, SOURCE)


def within_nodes(cluster: str, demands: Iterable[Demand], max_nodes: int) -> None:
    """Does nothing if the pools together have no more nodes than the cluster's network was planned for.

    Raises:
        ArgumentError: they have.
    """
    demands = list(demands)
    taken = sum(one.nodes for one in demands)
    if taken > max_nodes:
        shares = ", ".join(f"{one.pool} {one.nodes}" for one in demands)
        rule = f"the pools have {taken} nodes at most, surge included ({shares}); the network was planned for fewer"
        raise ArgumentError(cluster, "max_nodes", max_nodes, rule, "AKS, IP address planning")


def surge(max_surge: str, nodes: int) -> int:
    """Nodes that an upgrade adds: `2`, or `33%` of `nodes` rounded up, as AKS does.

    Raises:
        ValueError: `max_surge` is neither.
    """
    amount, percent = max_surge.removesuffix("%"), max_surge.endswith("%")
    if not amount.isdigit() or (percent and int(amount) > 100):
        raise ValueError(f"max_surge {max_surge!r} is a number of nodes such as '1', or a share of them such as '33%'")
    return -(-nodes * int(amount) // 100) if percent else int(amount)
