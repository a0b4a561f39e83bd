"""Sum of all pools of a ROSA cluster, compared with the AWS account's quotas and the cluster's network. Pure.

AWS counts quota in vCPUs of a group of families and of a region, spot apart from the rest; a pool that cannot get its
nodes fails an hour into `up` or, worse, at the first scale-up. So the largest sizes are added up before anything is
created.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from modelyard.components.common.errors import ArgumentError

GRAPHICS, GRAPHICS_SPOT = "L-DB2E81BA", "L-3819A6DF"
"""Running On-Demand G and VT instances; All G and VT Spot Instance Requests."""
ACCELERATED, P4_SPOT, P5_SPOT = "L-417A185B", "L-7212CCBC", "L-C4BD4855"
"""Running On-Demand P instances; All P4, P3 and P2, and all P5 Spot Instance Requests."""

SOURCE = "AWS, Service Quotas of EC2"

_FAMILY = re.compile(r"(?P<letters>[a-z]+)(?P<generation>\d+)[-a-z0-9]*\.[-a-z0-9]+")


@dataclass(frozen=True, kw_only=True)
class PoolDemand:
    """Nodes and vCPUs of one pool at its largest. An upgrade adds none: pools have no surge."""

    pool: str
    zone: str
    nodes: int
    vcpus_per_node: int = 0
    quota: str | None = None
    """Code of the AWS quota; None where no quota counts the pool, or its code is not known here."""


def quota_code(instance_type: str, *, spot: bool) -> str | None:
    """Code of the quota that counts an instance type; None for families whose code is not known here."""
    match = _FAMILY.fullmatch(instance_type)
    if match is None:
        return None
    letters, generation = match["letters"], int(match["generation"])
    if letters in {"g", "gr", "vt"}:
        return GRAPHICS_SPOT if spot else GRAPHICS
    if letters != "p":
        return None
    if not spot:
        return ACCELERATED
    return P4_SPOT if generation <= 4 else P5_SPOT if generation == 5 else None


def validate_capacity(
    component: str,
    demands: Iterable[PoolDemand],
    *,
    vcpu_quota: Mapping[str, int],
    max_nodes: int | None,
    subnet_prefix: int | None = None,
    path: str = "",
) -> None:
    """Compare all pools at their largest with the account's quotas, the cluster's limit and its subnets.

    Args:
        component: name for errors.
        demands: all pools, those that the cluster starts with included.
        vcpu_quota: vCPUs by code, as `aws service-quotas list-service-quotas --service-code ec2` shows them; other
            codes are not compared.
        max_nodes: limit of the cluster's autoscaler; None is not compared.
        subnet_prefix: prefix length of each private subnet; None is not compared.
        path: prefix of the arguments' paths in errors, such as `cluster.`.

    Raises:
        ArgumentError: together they need more; each pool is named with its share.
    """
    demands = list(demands)
    for code, pools in _group(demands, lambda demand: demand.quota or "").items():
        vcpus = sum(pool.nodes * pool.vcpus_per_node for pool in pools)
        if vcpus > vcpu_quota.get(code, vcpus):
            shares = ", ".join(f"{pool.pool} {pool.nodes} * {pool.vcpus_per_node}" for pool in pools)
            rule = f"must be {vcpus} or more for the pools ({shares}); ask AWS for more quota or lower their max_nodes"
            raise ArgumentError(component, f"{path}vcpu_quota[{code}]", vcpu_quota[code], rule, SOURCE)
    nodes = sum(demand.nodes for demand in demands)
    if max_nodes is not None and nodes > max_nodes:
        rule = f"must be {nodes} or more for the pools ({_node_shares(demands)}); lower their max_nodes or raise it"
        source = "OCM, autoscaler: resource_limits.max_nodes_total"
        raise ArgumentError(component, f"{path}max_nodes", max_nodes, rule, source)
    if subnet_prefix is None:
        return
    addresses = usable_addresses(subnet_prefix)
    for zone, pools in _group(demands, lambda demand: demand.zone).items():
        nodes = sum(pool.nodes for pool in pools)
        if nodes > addresses:
            rule = (
                f"must give the subnet of {zone} {nodes} addresses or more for the pools ({_node_shares(pools)}); "
                f"its /{subnet_prefix} has {addresses}"
            )
            argument = f"{path}subnet_prefix" if path else "machine_cidr"
            raise ArgumentError(component, argument, None, rule, "AWS, subnet sizing")


def _group(demands: Iterable[PoolDemand], key: Callable[[PoolDemand], str]) -> dict[str, list[PoolDemand]]:
    groups: dict[str, list[PoolDemand]] = defaultdict(list)
    for demand in demands:
        groups[key(demand)].append(demand)
    return groups


def _node_shares(demands: Iterable[PoolDemand]) -> str:
    return ", ".join(f"{demand.pool} {demand.nodes}" for demand in demands)


def usable_addresses(prefix: int) -> int:
    """Count the addresses of a subnet that nodes can have; AWS keeps five (AWS, subnet sizing)."""
    return 2 ** (32 - prefix) - 5
