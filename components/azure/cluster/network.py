"""Address ranges of an AKS cluster, checked before a network is created that would be too small for ever.

Ranges of pods and services cannot be changed later, and a subnet cannot grow into a neighbour. Sources: AKS "IP address
planning", "CNI networking overview", "Azure CNI Overlay" (azure-aks-docs fb060ab).
"""

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from itertools import combinations

from modelyard.components.common.choices import validate_range
from modelyard.components.common.errors import ArgumentError

PLANNING = "AKS, IP address planning"
OVERLAY = "AKS, Azure CNI Overlay"

RESERVED = tuple(IPv4Network(text) for text in ("169.254.0.0/16", "192.0.2.0/24", "172.30.0.0/16", "172.31.0.0/16"))
"""Ranges that AKS uses itself (AKS, CNI networking overview, reserved ranges)."""

AZURE_RESERVES = 5
"""Addresses that Azure keeps in each subnet: the first four and the last (Azure, virtual network FAQ)."""

POD_BLOCK = 24
"""Prefix length of each node's part of the overlay's range; fixed (AKS, Azure CNI Overlay)."""

LOAD_BALANCERS = 8
"""Addresses of the nodes' subnet that stay free for internal load balancers, which take theirs from there."""

PODS_PER_NODE = (10, 250)
"""Least and most pods that one node may be limited to (AKS, Azure CNI)."""


@dataclass(frozen=True, kw_only=True)
class Addresses:
    """Address ranges of a cluster; None for one that the cluster does not have."""

    nodes: IPv4Network
    services: IPv4Network
    dns: IPv4Address
    virtual_network: IPv4Network | None = None
    """Network that is created, around the subnets; None where a subnet exists already."""
    pods: IPv4Network | None = None
    """Overlay of the pods, outside of the virtual network."""
    pod_subnet: IPv4Network | None = None
    """Subnet of the pods, in place of the overlay."""

    def ranges(self) -> Iterator[tuple[str, IPv4Network]]:
        """Yield name and range of those that must not overlap each other."""
        for name in ("nodes", "pod_subnet", "pods", "services"):
            if (address_range := getattr(self, name)) is not None:
                yield name, address_range

    def subnets(self) -> Iterator[tuple[str, IPv4Network]]:
        """Yield name and range of those that lie in the virtual network."""
        return (named for named in self.ranges() if named[0] not in {"pods", "services"})


def parse_range(component: str, argument: str, text: str) -> IPv4Network:
    """Parse a range written as `10.0.0.0/16`.

    Raises:
        ArgumentError: it is no IPv4 range, or has bits set behind its prefix.
    """
    try:
        return IPv4Network(text)
    except ValueError:
        rule = f"must be an IPv4 range such as 10.0.0.0/16{_hint(text)}"
        raise ArgumentError(component, argument, text, rule, "RFC 4632") from None


def validate_addresses(component: str, addresses: Addresses, *, max_nodes: int, pods_per_node: int) -> Addresses:
    """Return `addresses` if they can hold the cluster at its largest.

    Args:
        component: name of the cluster, for errors.
        addresses: the ranges.
        max_nodes: nodes of all pools at most, those of upgrades included.
        pods_per_node: pods on one node at most.

    Raises:
        ArgumentError: ranges overlap, lie in a reserved one, lie outside of their network, or are too small.
    """
    for name, address_range in addresses.ranges():
        for reserved in RESERVED:
            if address_range.overlaps(reserved):
                rule = f"must not overlap {reserved}: AKS itself uses {', '.join(map(str, RESERVED))}"
                raise _error(component, name, address_range, rule, "AKS, CNI networking overview")
    _validate_network(component, addresses)
    for (first, first_range), (second, second_range) in combinations(addresses.ranges(), 2):
        if first_range.overlaps(second_range):
            raise _error(component, second, second_range, f"must not overlap network.{first}, which is {first_range}")
    _validate_services(component, addresses)
    _validate_sizes(component, addresses, max_nodes, pods_per_node)
    return addresses


def default_dns(services: IPv4Network) -> IPv4Address:
    """Return the tenth address, AKS' own default, or a lower one in a range that has fewer."""
    return services[min(10, services.num_addresses - 2)]


def smallest_prefix(addresses: int) -> int:
    """Return the length of the longest prefix whose range has so many addresses."""
    return 32 - (max(addresses, 1) - 1).bit_length()


def _error(component: str, name: str, value: object, rule: str, source: str = PLANNING) -> ArgumentError:
    return ArgumentError(component, f"network.{name}", str(value), rule, source)


def _validate_network(component: str, addresses: Addresses) -> None:
    network = addresses.virtual_network
    if network is None:
        return
    for name, subnet in addresses.subnets():
        if not subnet.subnet_of(network):
            raise _error(component, name, subnet, f"must lie in network.virtual_network, which is {network}")
    for name in ("pods", "services"):
        address_range = getattr(addresses, name)
        if address_range is not None and address_range.overlaps(network):
            raise _error(
                component, name, address_range, f"must not overlap network.virtual_network, which is {network}"
            )


def _validate_services(component: str, addresses: Addresses) -> None:
    services, dns = addresses.services, addresses.dns
    if services.prefixlen <= 12:
        raise _error(component, "services", services, "must be smaller than /12")
    if services.prefixlen > 28:
        raise _error(component, "services", services, "must be /28 or larger, or there is no room for services")
    if dns not in services:
        raise _error(component, "dns", dns, f"must lie in network.services, which is {services}")
    if dns in {services[0], services[1], services[-1]}:
        rule = f"must not be the first address, which is the API's own service {services[1]}, nor an end of {services}"
        raise _error(component, "dns", dns, rule)


def _validate_sizes(component: str, addresses: Addresses, max_nodes: int, pods_per_node: int) -> None:
    validate_range(component, "pods_per_node", pods_per_node, PODS_PER_NODE, PLANNING)
    needed, nodes = max_nodes + AZURE_RESERVES + LOAD_BALANCERS, addresses.nodes
    if nodes.num_addresses < needed:
        rule = (
            f"must be /{smallest_prefix(needed)} or larger: it has {nodes.num_addresses} addresses, {max_nodes} nodes "
            f"need {needed} ({AZURE_RESERVES} are Azure's, {LOAD_BALANCERS} for internal load balancers)"
        )
        raise _error(component, "nodes", nodes, rule)
    if (pods := addresses.pods) is not None:
        blocks = 2 ** (POD_BLOCK - pods.prefixlen) if pods.prefixlen <= POD_BLOCK else 0
        if blocks < max_nodes:
            prefix = POD_BLOCK - (max_nodes - 1).bit_length()
            rule = (
                f"must be /{prefix} or larger: it has room for {blocks} nodes, each of which takes a /{POD_BLOCK}, and "
                f"max_nodes is {max_nodes}"
            )
            raise _error(component, "pods", pods, rule, OVERLAY)
    if (subnet := addresses.pod_subnet) is not None:
        needed = max_nodes * pods_per_node + AZURE_RESERVES
        if subnet.num_addresses < needed:
            rule = (
                f"must be /{smallest_prefix(needed)} or larger: it has {subnet.num_addresses} addresses, {max_nodes} "
                f"nodes with {pods_per_node} pods each need {needed}; or take the overlay, where pods need none"
            )
            raise _error(component, "pod_subnet", subnet, rule)


def _hint(text: str) -> str:
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return ""
    return f"; the range that holds it is {network}" if network.version == 4 else ", because IPv6 is not supported"
