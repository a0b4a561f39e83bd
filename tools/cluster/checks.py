"""Checks before anything of an instance is created. Every refusal names its fix."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from ipaddress import IPv4Network
from pathlib import Path

from tools.cluster import binaries
from tools.cluster.addresses import AddressPlan
from tools.cluster.command import run
from tools.cluster.errors import ClusterError
from tools.cluster.namespace import Namespace, link_exists, require_outside_run
from tools.cluster.state import LONGEST_SOCKET_PATH, StateFolder

LEAST_FREE_BYTES = 2 * 1024**3
"""Least free disk space: etcd, logs and the small images fit in it, and the kubelet does not evict."""

ELSEWHERE = "or use a cluster you have: `make up ENV=existing KUBECONFIG=/path/to/kubeconfig`"


def check_machine(state: StateFolder, *, kwok: bool) -> None:
    """Check the machine: root, executables, disk, paths.

    Raises:
        ClusterError: one sentence for each missing part.
    """
    if os.geteuid() != 0:
        raise ClusterError(
            f"the local cluster needs root (namespaces, mounts, containers): run it with sudo, {ELSEWHERE}"
        )
    if absent := binaries.missing(kwok=kwok):
        raise ClusterError("; ".join(absent) + f"; {ELSEWHERE}")
    require_outside_run(state)
    length = len(os.fsencode(state.containerd_shim_socket))
    if length > LONGEST_SOCKET_PATH:
        raise ClusterError(
            f"{state.containerd_shim_socket} has {length} bytes and containerd takes {LONGEST_SOCKET_PATH} at most: "
            "set MODELYARD_STATE to a shorter path, or choose a shorter instance name"
        )
    check_disk(state.path)


def check_disk(path: Path, least_bytes: int = LEAST_FREE_BYTES) -> None:
    """Check the free space on the disk of a path, which need not exist.

    Raises:
        ClusterError: less than `least_bytes` free, with both figures.
    """
    existing = next(each for each in (path, *path.parents) if each.exists())
    free = shutil.disk_usage(existing).free
    if free < least_bytes:
        raise ClusterError(
            f"{existing} has {free / 1024**3:.1f} GiB of disk free and the local cluster needs "
            f"{least_bytes / 1024**3:.0f} GiB: free some space, or set MODELYARD_STATE to a folder on a larger disk"
        )


def check_addresses(namespace: Namespace) -> None:
    """Check that no other network of the host has the instance's link name or any of its ranges.

    Raises:
        ClusterError: the conflicting name or range, and its owner.
    """
    plan = namespace.plan
    if link_exists(plan.host_link) and not namespace.exists():
        raise ClusterError(
            f"network link {plan.host_link} exists and does not belong to instance {namespace.state.instance!r}: "
            f"remove it (`ip link delete {plan.host_link}`) or bring the instance up under another name"
        )
    if conflict := describe_conflict(plan, list_host_networks()):
        raise ClusterError(conflict)


def is_free(plan: AddressPlan) -> bool:
    """Tell whether a new instance can have this plan: no link and no network of the host conflicts with it."""
    return not link_exists(plan.host_link) and describe_conflict(plan, list_host_networks()) is None


def describe_conflict(plan: AddressPlan, networks: list[tuple[IPv4Network, str]]) -> str | None:
    """Describe the first range of the plan that overlaps a network of another link, or return None."""
    for network, owner in networks:
        if owner == plan.host_link:
            continue
        for needed in plan.ranges:
            if needed.overlaps(network):
                return (
                    f"the address range {needed}, which instance number {plan.number} needs, overlaps {network} on "
                    f"{owner}: remove that address or route (`ip address`, `ip route` show it), {ELSEWHERE}"
                )
    return None


def list_host_networks() -> list[tuple[IPv4Network, str]]:
    """List the IPv4 networks to which the host has an address or a route, with their links, without default routes."""
    networks: list[tuple[IPv4Network, str]] = []
    for link in json.loads(run(["ip", "-json", "-4", "address", "show"]) or "[]"):
        for address in link.get("addr_info", []):
            if "local" in address:
                network = IPv4Network(f"{address['local']}/{address['prefixlen']}", strict=False)
                networks.append((network, link["ifname"]))
    routes = json.loads(run(["ip", "-json", "-4", "route", "show"]) or "[]")
    networks += [
        (IPv4Network(route["dst"], strict=False), route.get("dev", f"a route of type {route.get('type')}"))
        for route in routes
        if route["dst"] != "default"
    ]
    return networks


def check_ports(namespace: Namespace, ports: dict[str, int], is_ours: Callable[[int], bool]) -> None:
    """Check that no foreign process inside the namespace listens on the port of a component.

    Args:
        namespace: an existing pair of namespaces.
        ports: port of each component that is about to start.
        is_ours: tells whether a pid is a process of the instance.

    Raises:
        ClusterError: component, port, and the process that listens on it.
    """
    by_port = {port: component for component, port in ports.items()}
    for line in run(namespace.enter(["ss", "-H", "-l", "-t", "-n", "-p"])).splitlines():
        fields = line.split()
        port = int(fields[3].rpartition(":")[2])
        if port not in by_port:
            continue
        holder = fields[5] if len(fields) > 5 else "an unknown process"
        pid = int(holder.partition("pid=")[2].partition(",")[0] or 0)
        if not is_ours(pid):
            raise ClusterError(
                f"port {port}, which {by_port[port]} needs, is taken inside instance {namespace.state.instance!r} by "
                f"process {pid} ({holder.partition('((')[2].partition(',')[0]}): end that process, then run `up` again"
            )
