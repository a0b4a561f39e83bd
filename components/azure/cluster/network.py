"""Address arithmetic of an AKS cluster, checked before a network is made that would be too small for ever.

Ranges of pods and services cannot be changed later, and a subnet cannot grow into a neighbour. Sources: AKS "IP address
planning", "CNI networking overview", "Azure CNI Overlay" (azure-aks-docs fb060ab).
"""

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from itertools import combinations

from modelyard.components.common.errors import ArgumentError

PLANNING = "AKS, IP address planning"
OVERLAY = "AKS, Azure CNI Overlay"

RESERVED = tuple(IPv4Network(one) for one in ("169.254.0.0/16", "192.0.2.0/24", "172.30.0.0/16", "172.31.0.0/16"))
"""Ranges that AKS uses itself (AKS, CNI networking overview, reserved ranges)."""

AZURE_RESERVES = 5
"""Addresses that Azure keeps in each subnet: the first four and the last."""

POD_BLOCK = 24
"""Prefix length of what each node gets of the overlay's range; fixed."""

LOAD_BALANCERS = 8
"""Addresses that we leave free in the nodes' subnet for internal load balancers, which take theirs from there."""

MOST_PODS = 250
"""Pods on one node that Azure CNI allows."""


@dataclass(frozen=True, kw_only=True)
class Addresses:
    """The ranges of a cluster. Those that are None do not exist: the network of an existing subnet, say."""

    nodes: IPv4Network
    services: IPv4Network
    dns: IPv4Address
    network: IPv4Network | None = None
    """Virtual network that is made; the subnets lie in it."""
    pods: IPv4Network | None = None
    """Overlay: outside of the virtual network."""
    pod_subnet: IPv4Network | None = None
    """In place of the overlay: pods get addresses of the virtual network."""
    api_server: IPv4Network | None = None
    """Subnet of the API server (VNet integration)."""

    def ranges(self) -> Iterator[tuple[str, IPv4Network]]:
        """Name and range of those that must not overlap each other."""
        for name in ("nodes", "api_server", "pod_subnet", "pods", "services"):
            if (found := getattr(self, name)) is not None:
                yield name, found

    def subnets(self) -> Iterator[tuple[str, IPv4Network]]:
        """Name and range of those that lie in the virtual network."""
        return ((name, one) for name, one in self.ranges() if name not in {"pods", "services"})


def parsed(cluster: str, argument: str, text: str) -> IPv4Network:
    """The range written as `10.0.0.0/16`.

    Raises:
        ArgumentError: it is no IPv4 range, or has bits set behind its prefix.
    """
    try:
        return IPv4Network(text)
    except ValueError:
        hint = _nearest(text)
        raise ArgumentError(
            cluster, argument, text, f"must be an IPv4 range such as 10.0.0.0/16{hint}", "RFC 4632"
        ) from None


def checked(cluster: str, addresses: Addresses, *, nodes: int, pods_per_node: int) -> Addresses:
    """`addresses`, if they can hold the cluster at its largest.

    Args:
        cluster: its name, for errors.
        addresses: the ranges.
        nodes: of all pools at most, surge included.
        pods_per_node: at most.

    Raises:
        ArgumentError: ranges overlap, lie in what AKS reserves, lie outside of their network, or are too small.
    """
    for name, one in addresses.ranges():
        for reserved in RESERVED:
            if one.overlaps(reserved):
                rule = f"overlaps {reserved}, which AKS uses itself; reserved are {', '.join(map(str, RESERVED))}"
                raise ArgumentError(cluster, name, str(one), rule, "AKS, CNI networking overview")
    _within(cluster, addresses)
    for (first, one), (second, other) in combinations(addresses.ranges(), 2):
        if one.overlaps(other):
            raise ArgumentError(cluster, second, str(other), f"overlaps {first} = {one}", PLANNING)
    _services(cluster, addresses)
    _sizes(cluster, addresses, nodes, pods_per_node)
    return addresses


def default_dns(services: IPv4Network) -> IPv4Address:
    """The tenth address, which AKS itself takes by default; lower in a range that has fewer."""
    return services[min(10, services.num_addresses - 2)]


def needed_addresses(nodes: int) -> int:
    """Addresses that `nodes` nodes take in their subnet."""
    return nodes + AZURE_RESERVES + LOAD_BALANCERS


def smallest_prefix(addresses: int) -> int:
    """Length of the longest prefix whose range has so many addresses."""
    return 32 - (max(addresses, 1) - 1).bit_length()


def _within(cluster: str, addresses: Addresses) -> None:
    network = addresses.network
    if network is None:
        return
    for name, one in addresses.subnets():
        if not one.subnet_of(network):
            raise ArgumentError(cluster, name, str(one), f"must lie in the virtual network {network}", PLANNING)
    for name in ("pods", "services"):
        one = getattr(addresses, name)
        if one is not None and one.overlaps(network):
            rule = f"overlaps the virtual network {network}, where it must not be used"
            raise ArgumentError(cluster, name, str(one), rule, PLANNING)


def _services(cluster: str, addresses: Addresses) -> None:
    services, dns = addresses.services, addresses.dns
    if services.prefixlen <= 12:
        raise ArgumentError(cluster, "services", str(services), "must be smaller than /12", PLANNING)
    if services.prefixlen > 28:
        raise ArgumentError(
            cluster, "services", str(services), "leaves no room for services; take /28 or larger", PLANNING
        )
    if dns not in services:
        raise ArgumentError(cluster, "dns", str(dns), f"must lie in the range of services, {services}", PLANNING)
    if dns in {services[0], services[1], services[-1]}:
        rule = f"must not be the first address ({services[1]} is the API's own service) nor an end of {services}"
        raise ArgumentError(cluster, "dns", str(dns), rule, PLANNING)


def _sizes(cluster: str, addresses: Addresses, nodes: int, pods_per_node: int) -> None:
    if not 10 <= pods_per_node <= MOST_PODS:
        raise ArgumentError(cluster, "pods_per_node", pods_per_node, f"must be 10 to {MOST_PODS}", PLANNING)
    needed = needed_addresses(nodes)
    if addresses.nodes.num_addresses < needed:
        rule = (
            f"has {addresses.nodes.num_addresses} addresses; {nodes} nodes need {needed} "
            f"({AZURE_RESERVES} are Azure's, {LOAD_BALANCERS} for internal load balancers): "
            f"take /{smallest_prefix(needed)} or larger"
        )
        raise ArgumentError(cluster, "nodes", str(addresses.nodes), rule, PLANNING)
    if (pods := addresses.pods) is not None:
        blocks = 2 ** max(POD_BLOCK - pods.prefixlen, 0) if pods.prefixlen <= POD_BLOCK else 0
        if blocks < nodes:
            prefix = POD_BLOCK - (nodes - 1).bit_length()
            rule = f"has room for {blocks} nodes, each of which takes a /{POD_BLOCK}; {nodes} need /{prefix} or larger"
            raise ArgumentError(cluster, "pods", str(pods), rule, OVERLAY)
    if (subnet := addresses.pod_subnet) is not None:
        needed = nodes * pods_per_node + AZURE_RESERVES
        if subnet.num_addresses < needed:
            rule = (
                f"has {subnet.num_addresses} addresses; {nodes} nodes with {pods_per_node} pods each need {needed}: "
                f"take /{smallest_prefix(needed)} or larger, or the overlay, where pods take none"
            )
            raise ArgumentError(cluster, "pod_subnet", str(subnet), rule, PLANNING)
    if addresses.api_server is not None and addresses.api_server.prefixlen > 28:
        rule = "the API server's subnet is /28 or larger"
        raise ArgumentError(cluster, "api_server", str(addresses.api_server), rule, "AKS, API Server VNet Integration")


def _nearest(text: str) -> str:
    try:
        near = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return ""
    return f"; the range that holds it is {near}" if near.version == 4 else "; IPv6 is not supported here"
