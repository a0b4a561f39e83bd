"""Address plan of an instance: every address follows from the instance's number.

An instance owns one network namespace. A veth pair joins it to the host, which alone reaches the instance's pods and
services. The namespace has no default route, so no packet can leave the machine.

| network | range for number n |
|---|---|
| link host - instance | 10.89.n.0/30 (host .1, node and API server .2) |
| pods | 10.244.n.0/24 |
| services | 10.96.n.0/24 (API .1, DNS .10) |

The three ranges are the customary private ones of small clusters (kubeadm documents 10.96.0.0/12 and 10.244.0.0/16).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

from tools.cluster.errors import ClusterError

API_PORT = 6443
"""Port of the API server, the upstream default of kube-apiserver's --secure-port."""

HIGHEST_NUMBER = 254
"""The number is the third byte of every address; 255 is left out so that no range ends in a broadcast look-alike."""

_NAME = re.compile(r"[a-z]([a-z0-9-]{0,38}[a-z0-9])?")


def validate_name(name: str) -> str:
    """Return the instance name unchanged if it can be a node name, a namespace name and a part of a path.

    Raises:
        ClusterError: not 1 to 40 lower-case letters, digits and hyphens, beginning with a letter.
    """
    if not _NAME.fullmatch(name):
        raise ClusterError(
            f"instance name {name!r} is not allowed: use 1 to 40 lower-case letters, digits and hyphens, "
            "beginning with a letter and not ending with a hyphen"
        )
    return name


@dataclass(frozen=True)
class AddressPlan:
    """All addresses and link names of instance `number` (0 to 254)."""

    number: int

    def __post_init__(self) -> None:
        """Refuse a number that has no address range."""
        if not 0 <= self.number <= HIGHEST_NUMBER:
            raise ClusterError(f"instance number {self.number} is outside 0 to {HIGHEST_NUMBER}")

    @property
    def host_link(self) -> str:
        """Name of the veth end on the host."""
        return f"yard{self.number}"

    @property
    def node_link(self) -> str:
        """Name of the veth end inside the namespace."""
        return "eth0"

    @property
    def link(self) -> IPv4Network:
        """The two-host network between host and instance."""
        return IPv4Network(f"10.89.{self.number}.0/30")

    @property
    def host(self) -> IPv4Interface:
        """Address of the host's end."""
        return IPv4Interface(f"10.89.{self.number}.1/30")

    @property
    def node(self) -> IPv4Interface:
        """Address of the node, which is also the API server's."""
        return IPv4Interface(f"10.89.{self.number}.2/30")

    @property
    def pods(self) -> IPv4Network:
        """Range of pod addresses."""
        return IPv4Network(f"10.244.{self.number}.0/24")

    @property
    def services(self) -> IPv4Network:
        """Range of service addresses."""
        return IPv4Network(f"10.96.{self.number}.0/24")

    @property
    def api_service(self) -> IPv4Address:
        """Address of the service `kubernetes.default`: the first of the range, as the API server chooses it."""
        return self.services[1]

    @property
    def dns_service(self) -> IPv4Address:
        """Address of the cluster's DNS, the tenth of the range by custom."""
        return self.services[10]

    @property
    def api_url(self) -> str:
        """URL of the API server, reachable from the host and from inside."""
        return f"https://{self.node.ip}:{API_PORT}"

    @property
    def ranges(self) -> tuple[IPv4Network, ...]:
        """Every range the instance takes on the host."""
        return (self.link, self.pods, self.services)
