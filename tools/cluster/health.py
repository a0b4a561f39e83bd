"""Health of the components. Ask only while the instance's link exists: see Instance.status."""

from __future__ import annotations

import contextlib
import secrets
import socket
import ssl
import struct
from ipaddress import IPv4Address

import httpx

from tools.cluster.addresses import AddressPlan
from tools.cluster.control_plane import HEALTH_PORTS
from tools.cluster.state import StateFolder

_SECURE = {"controller-manager", "scheduler"}
"""Components with a health end point over TLS."""


def answers(component: str, state: StateFolder, plan: AddressPlan, timeout_seconds: float = 2) -> bool:
    """Tell whether a component's own health end point reports that it works."""
    scheme, path = ("https" if component in _SECURE else "http"), ("/health" if component == "etcd" else "/healthz")
    url = f"{scheme}://{plan.node.ip}:{HEALTH_PORTS[component]}{path}"
    context: ssl.SSLContext | bool = False
    if component in _SECURE:
        context = ssl.create_default_context(cafile=state.folder("pki", "ca.crt"))
    with contextlib.suppress(httpx.HTTPError, OSError):
        return httpx.get(url, verify=context, timeout=timeout_seconds, trust_env=False).status_code == 200
    return False


def resolve(server: IPv4Address, name: str, timeout_seconds: float = 1) -> list[IPv4Address]:
    """Ask a DNS server for the IPv4 addresses of a name; empty if it does not answer or does not know.

    A query of our own, because the host's resolver must not be asked about the cluster's names.
    """
    number = secrets.randbelow(1 << 16)
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.rstrip(".").split("."))
    # RFC 1035: header (id, flags with "recursion desired" off, one question), the name, type A, class IN.
    query = struct.pack("!6H", number, 0, 1, 0, 0, 0) + labels + b"\0" + struct.pack("!2H", 1, 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as channel, contextlib.suppress(OSError):
        channel.settimeout(timeout_seconds)
        channel.connect((str(server), 53))
        channel.send(query)
        answer = channel.recv(4096)
        return _addresses(answer, len(query)) if answer[:2] == query[:2] else []
    return []


def _addresses(answer: bytes, offset: int) -> list[IPv4Address]:
    (count,) = struct.unpack_from("!H", answer, 6)
    addresses: list[IPv4Address] = []
    for _ in range(count):
        while answer[offset] and answer[offset] < 0xC0:
            offset += answer[offset] + 1
        offset += 2 if answer[offset] >= 0xC0 else 1
        kind, _class, _ttl, length = struct.unpack_from("!2HIH", answer, offset)
        offset += 10
        if kind == 1:
            addresses.append(IPv4Address(answer[offset : offset + 4]))
        offset += length
    return addresses
