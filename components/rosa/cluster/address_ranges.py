"""Address ranges of a ROSA cluster: sizes, overlaps, and the subnets of each zone. Pure.

Sources: rosa d80ba25, ROSA documentation ("CIDR range definitions"), AWS VPC user guide.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network
from itertools import combinations

from modelyard.components.common.errors import ArgumentError
from modelyard.components.rosa.cluster.args import RosaSubnetArgs

MAX_NODES = 500
"""Nodes of a hosted cluster (rosa, limits of hosted control planes)."""


@dataclass(frozen=True, kw_only=True)
class AddressRanges:
    """Ranges of nodes, services and pods."""

    machine_cidr: IPv4Network
    service_cidr: IPv4Network
    pod_cidr: IPv4Network
    host_prefix: int
    """Prefix length of each node's part of the pods' range."""


def validate_ranges(component: str, ranges: Mapping[str, str], host_prefix: int, max_nodes: int) -> AddressRanges:
    """Check that the ranges do not overlap and are large enough.

    Args:
        component: name of the cluster, for errors.
        ranges: `machine_cidr`, `service_cidr` and `pod_cidr`.
        host_prefix: prefix length of each node's part of the pods' range.
        max_nodes: nodes that must fit.

    Raises:
        ArgumentError: a rule is broken.
    """
    networks: dict[str, IPv4Network] = {}
    for argument, text in ranges.items():
        try:
            networks[argument] = IPv4Network(text)
        except ValueError as error:
            raise ArgumentError(component, argument, text, f"must be a range: {error}", "RFC 4632") from None
    for (argument, network), (other_argument, other) in combinations(sorted(networks.items()), 2):
        if network.overlaps(other):
            rule = f"must not overlap {other_argument} = {other}"
            raise ArgumentError(component, argument, str(network), rule, "rosa, machine, service and pod ranges")
    machine, pods = networks["machine_cidr"], networks["pod_cidr"]
    if not 16 <= machine.prefixlen <= 25:
        source = "ROSA, CIDR range definitions; AWS, VPC sizes"
        raise ArgumentError(component, "machine_cidr", str(machine), "must be between /16 and /25", source)
    if not 23 <= host_prefix <= 26:
        rule = "must be between 23 and 26"
        raise ArgumentError(component, "host_prefix", host_prefix, rule, "rosa, hostPrefixValidator")
    room = 2 ** (host_prefix - pods.prefixlen) if host_prefix > pods.prefixlen else 0
    if room < max_nodes:
        rule = f"must have room for max_nodes = {max_nodes}, but has it for {room} nodes with host_prefix {host_prefix}"
        raise ArgumentError(component, "pod_cidr", str(pods), rule, "OpenShift, cluster network")
    if max_nodes > MAX_NODES:
        rule = f"must be at most {MAX_NODES}, the nodes of a hosted cluster"
        raise ArgumentError(component, "max_nodes", max_nodes, rule, "rosa")
    return AddressRanges(**networks, host_prefix=host_prefix)


def divide_into_subnets(
    component: str, machine: IPv4Network, zones: Sequence[str]
) -> dict[str, tuple[IPv4Network, IPv4Network]]:
    """Give each zone a private and a public range: a private one is a quarter of the machines' range.

    Raises:
        ArgumentError: there are more than three zones, or there is no room.
    """
    if len(zones) > 3:
        raise ArgumentError(component, "zones", list(zones), "must be at most three", "rosa create cluster")
    if machine.prefixlen > 22:
        rule = "must be /22 or larger to be divided into subnets; or give existing_subnets"
        raise ArgumentError(component, "machine_cidr", str(machine), rule, "AWS, subnet sizes: /28 is the smallest")
    quarters = list(machine.subnets(prefixlen_diff=2))
    public = list(quarters[3].subnets(prefixlen_diff=2))
    return {zone: (quarters[index], public[index]) for index, zone in enumerate(zones)}


def validate_existing_subnets(component: str, subnets: RosaSubnetArgs, zones: Sequence[str], *, private: bool) -> None:
    """Check that each zone has a private subnet, and a public one where the cluster is public.

    Raises:
        ArgumentError: a subnet is missing.
    """
    for kind in ("private",) if private else ("private", "public"):
        missing = [zone for zone in zones if zone not in subnets.get(kind, {})]
        if missing:
            rule = (
                f"must have a {kind} subnet in {', '.join(missing)} for a {'private' if private else 'public'} cluster"
            )
            raise ArgumentError(component, f"existing_subnets.{kind}", None, rule, "rosa, ValidateHostedClusterSubnets")
