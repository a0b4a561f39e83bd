"""Largest size of all node pools of a cluster together, compared with the quota and the network it may use.

Azure counts quota in vCPUs of a family and region, spot nodes apart. A pool beyond it fails an hour into `up` or,
worse, at the first scale-up, so that the largest size is added up before anything is created.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from modelyard.components.common.errors import ArgumentError

SPOT_FAMILY = "lowPriorityCores"
"""Azure's name of the quota that spot nodes of all families share (Azure, vCPU quotas)."""


@dataclass(frozen=True, kw_only=True)
class PoolDemand:
    """Nodes and vCPUs of one pool at its largest, nodes of an upgrade included."""

    pool: str
    nodes: int
    vcpus_per_node: int = 0
    family: str = ""
    """Azure's name of the quota, such as `StandardNCADSA100v4Family`; empty: not compared with a quota."""


def validate_capacity(
    component: str,
    demands: Iterable[PoolDemand],
    *,
    vcpu_quota: Mapping[str, int],
    max_nodes: int | None,
    path: str = "",
) -> None:
    """Compare all pools at their largest with the subscription's quota and the cluster's network.

    Args:
        component: name for errors.
        demands: all pools that share the quota and the network.
        vcpu_quota: vCPUs by family, as `az vm list-usage` shows them; other families are not compared.
        max_nodes: nodes that the network was planned for; None is not compared.
        path: prefix of both arguments' paths in errors, such as `cluster.`.

    Raises:
        ArgumentError: together they need more; each pool is named with its share.
    """
    demands = list(demands)
    for family, vcpus in vcpus_by_family(demands).items():
        if vcpus > vcpu_quota.get(family, vcpus):
            pools = [demand for demand in demands if demand.family == family and demand.nodes]
            shares = ", ".join(f"{demand.pool} {demand.nodes} * {demand.vcpus_per_node}" for demand in pools)
            rule = f"must be {vcpus} or more for the pools ({shares}); ask Azure for more quota or lower max_nodes"
            argument = f"{path}vcpu_quota[{family}]"
            raise ArgumentError(component, argument, vcpu_quota[family], rule, "Azure, vCPU quotas")
    nodes = sum(demand.nodes for demand in demands)
    if max_nodes is not None and nodes > max_nodes:
        shares = ", ".join(f"{demand.pool} {demand.nodes}" for demand in demands)
        rule = (
            f"must be {nodes} or more for the pools, nodes of an upgrade included ({shares}); raise it or lower theirs"
        )
        raise ArgumentError(component, f"{path}max_nodes", max_nodes, rule, "AKS, IP address planning")


def vcpus_by_family(demands: Iterable[PoolDemand]) -> dict[str, int]:
    """Add up the vCPUs that the pools need of each quota."""
    vcpus: dict[str, int] = defaultdict(int)
    for demand in demands:
        vcpus[demand.family] += demand.nodes * demand.vcpus_per_node
    return dict(vcpus)


def surge_nodes(component: str, max_surge: str, nodes: int) -> int:
    """Return the nodes that an upgrade adds: `2`, or `33%` of `nodes` rounded up, as AKS does.

    Raises:
        ArgumentError: `max_surge` is neither.
    """
    amount, percent = max_surge.removesuffix("%"), max_surge.endswith("%")
    if not amount.isdigit() or (percent and int(amount) > 100):
        rule = "must be a number of nodes such as '1', or a share of them such as '33%'"
        raise ArgumentError(component, "max_surge", max_surge, rule, "AKS, upgrade settings")
    return -(-nodes * int(amount) // 100) if percent else int(amount)
