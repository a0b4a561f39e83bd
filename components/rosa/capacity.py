"""What all pools of a ROSA cluster take together, against what the AWS account and the network give. Pure.

AWS counts quota in vCPUs of a group of families and of a region, spot apart from the rest; a pool that cannot get its
nodes fails an hour into `up` or, worse, at the first scale-up. So the largest state is added up beforehand.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from modelyard.components.rosa.cluster.rules import RosaRuleError, addresses_for_nodes

GRAPHICS, GRAPHICS_SPOT = "L-DB2E81BA", "L-3819A6DF"
"""Running On-Demand G and VT instances; All G and VT Spot Instance Requests."""
ACCELERATED, P4_SPOT, P5_SPOT = "L-417A185B", "L-7212CCBC", "L-C4BD4855"
"""Running On-Demand P instances; All P4, P3 and P2, and all P5 Spot Instance Requests."""

SOURCE = "AWS, Service Quotas of EC2"

_FAMILY = re.compile(r"(?P<letters>[a-z]+)(?P<generation>\d+)[-a-z0-9]*\.[-a-z0-9]+")


@dataclass(frozen=True, kw_only=True)
class Demand:
    """What one pool takes at its largest. An upgrade adds none: pools have no surge."""

    pool: str
    zone: str
    nodes: int
    vcpus_per_node: int
    quota: str | None
    """Code of the AWS quota; None where none counts it, or which one is not known here."""

    @property
    def vcpus(self) -> int:
        """Of all its nodes."""
        return self.nodes * self.vcpus_per_node


def quota_code(instance_type: str, *, spot: bool) -> str | None:
    """Code of the quota that an instance type counts in; None for families that no code is known of here."""
    found = _FAMILY.fullmatch(instance_type)
    if found is None:
        return None
    letters, generation = found["letters"], int(found["generation"])
    if letters in {"g", "gr", "vt"}:
        return GRAPHICS_SPOT if spot else GRAPHICS
    if letters != "p":
        return None
    if not spot:
        return ACCELERATED
    return P4_SPOT if generation <= 4 else P5_SPOT if generation == 5 else None


def within_quota(demands: Iterable[Demand], quota: Mapping[str, int]) -> None:
    """Does nothing if the pools fit the account's quota.

    Args:
        demands: all pools.
        quota: vCPUs by code, as `aws service-quotas list-service-quotas --service-code ec2` shows them. Codes that are
            not in it are not judged.

    Raises:
        RosaRuleError: the pools of a code take more; each of them is named with its share.
    """
    taken: dict[str, list[Demand]] = defaultdict(list)
    for one in demands:
        if one.quota is not None:
            taken[one.quota].append(one)
    for code, pools in taken.items():
        total = sum(one.vcpus for one in pools)
        if code in quota and total > quota[code]:
            shares = ", ".join(f"{one.pool} {one.nodes} * {one.vcpus_per_node}" for one in pools)
            rule = f"the pools take {total} vCPUs at most ({shares}); ask for more quota or lower max_nodes"
            raise RosaRuleError(f"vcpu_quota[{code}]", quota[code], rule, SOURCE)


def within_nodes(demands: Iterable[Demand], max_nodes: int, first_nodes: int = 0) -> None:
    """Does nothing if all nodes together are no more than the cluster was planned for.

    Args:
        demands: all pools.
        max_nodes: what the cluster's autoscaler and its pods' range allow.
        first_nodes: nodes without GPUs that the cluster starts with.

    Raises:
        RosaRuleError: they are more.
    """
    demands = list(demands)
    taken = first_nodes + sum(one.nodes for one in demands)
    if taken > max_nodes:
        shares = ", ".join([f"first nodes {first_nodes}", *(f"{one.pool} {one.nodes}" for one in demands)])
        rule = f"all pools have {taken} nodes at most ({shares}); the cluster was planned for fewer"
        raise RosaRuleError("max_nodes", max_nodes, rule, "OCM, autoscaler: resource_limits.max_nodes_total")


def within_subnets(demands: Iterable[Demand], prefix: int | None, first_nodes_per_zone: int = 0) -> None:
    """Does nothing if each zone's subnet has an address for each node of all pools in it.

    Args:
        demands: all pools.
        prefix: length of each private subnet's prefix; None is not judged.
        first_nodes_per_zone: nodes without GPUs that each zone starts with.

    Raises:
        RosaRuleError: one has not.
    """
    if prefix is None:
        return
    by_zone: dict[str, list[Demand]] = defaultdict(list)
    for one in demands:
        by_zone[one.zone].append(one)
    room = addresses_for_nodes(prefix)
    for zone, pools in by_zone.items():
        taken = first_nodes_per_zone + sum(one.nodes for one in pools)
        if taken > room:
            shares = ", ".join(f"{one.pool} {one.nodes}" for one in pools)
            rule = f"the subnet of {zone} (/{prefix}) has {room} addresses, and its pools take {taken} ({shares})"
            raise RosaRuleError("machine_cidr", f"/{prefix - 2}", rule, "AWS, subnet sizing")
