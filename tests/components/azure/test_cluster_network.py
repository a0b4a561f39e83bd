"""Address ranges of a cluster: rules, their whole messages, and properties over random ranges."""

from ipaddress import IPv4Address, IPv4Network
from itertools import combinations
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from modelyard.components.azure.cluster import network
from modelyard.components.azure.cluster.network import Addresses
from modelyard.components.common.errors import ArgumentError

VALID = {
    "virtual_network": "10.224.0.0/16",
    "nodes": "10.224.0.0/22",
    "pods": "10.244.0.0/16",
    "services": "10.0.0.0/16",
}


def addresses(**changes: str | None) -> Addresses:
    """`VALID` with changes; None leaves a range out."""
    texts = {name: text for name, text in {**VALID, **changes}.items() if text is not None and name != "dns"}
    ranges = {name: IPv4Network(text) for name, text in texts.items()}
    dns = changes.get("dns")
    return Addresses(**ranges, dns=IPv4Address(dns) if dns else network.default_dns(ranges["services"]))


def validate(max_nodes: int = 100, pods_per_node: int = 110, **changes: str | None) -> Addresses:
    return network.validate_addresses("dev", addresses(**changes), max_nodes=max_nodes, pods_per_node=pods_per_node)


def test_valid_addresses_are_returned_unchanged():
    assert validate() == addresses()


class Refusal(NamedTuple):
    """Ranges that replace those of `VALID`, and the message after `dev: network.`."""

    id: str
    changes: dict[str, str | None]
    message: str


PLANNING = "AKS, IP address planning"

REFUSALS = [
    Refusal(
        "range that AKS uses",
        {"pods": "172.16.0.0/12"},
        "pods = '172.16.0.0/12': must not overlap 172.30.0.0/16: AKS itself uses 169.254.0.0/16, 192.0.2.0/24, "
        "172.30.0.0/16, 172.31.0.0/16 (AKS, CNI networking overview)",
    ),
    Refusal(
        "subnet outside of the network",
        {"nodes": "10.225.0.0/22"},
        f"nodes = '10.225.0.0/22': must lie in network.virtual_network, which is 10.224.0.0/16 ({PLANNING})",
    ),
    Refusal(
        "subnets that overlap",
        {"pods": None, "pod_subnet": "10.224.0.0/17"},
        f"pod_subnet = '10.224.0.0/17': must not overlap network.nodes, which is 10.224.0.0/22 ({PLANNING})",
    ),
    Refusal(
        "overlay inside the network",
        {"pods": "10.224.128.0/17"},
        f"pods = '10.224.128.0/17': must not overlap network.virtual_network, which is 10.224.0.0/16 ({PLANNING})",
    ),
    Refusal(
        "overlay over an existing subnet",
        {"virtual_network": None, "pods": "10.224.0.0/16"},
        f"pods = '10.224.0.0/16': must not overlap network.nodes, which is 10.224.0.0/22 ({PLANNING})",
    ),
    Refusal(
        "services inside the overlay",
        {"services": "10.244.128.0/17"},
        f"services = '10.244.128.0/17': must not overlap network.pods, which is 10.244.0.0/16 ({PLANNING})",
    ),
    Refusal(
        "services too large",
        {"services": "11.0.0.0/12"},
        f"services = '11.0.0.0/12': must be smaller than /12 ({PLANNING})",
    ),
    Refusal(
        "services too small",
        {"services": "10.0.0.0/30", "dns": "10.0.0.2"},
        f"services = '10.0.0.0/30': must be /28 or larger, or there is no room for services ({PLANNING})",
    ),
    Refusal(
        "DNS outside of the services",
        {"dns": "10.1.0.10"},
        f"dns = '10.1.0.10': must lie in network.services, which is 10.0.0.0/16 ({PLANNING})",
    ),
    Refusal(
        "DNS at the API's address",
        {"dns": "10.0.0.1"},
        "dns = '10.0.0.1': must not be the first address, which is the API's own service 10.0.0.1, nor an end of "
        f"10.0.0.0/16 ({PLANNING})",
    ),
    Refusal(
        "subnet too small for the nodes",
        {"nodes": "10.224.0.0/26"},
        "nodes = '10.224.0.0/26': must be /25 or larger: it has 64 addresses, 100 nodes need 113 (5 are Azure's, 8 for "
        f"internal load balancers) ({PLANNING})",
    ),
    Refusal(
        "overlay too small for the nodes",
        {"pods": "10.244.0.0/18"},
        "pods = '10.244.0.0/18': must be /17 or larger: it has room for 64 nodes, each of which takes a /24, and "
        "max_nodes is 100 (AKS, Azure CNI Overlay)",
    ),
    Refusal(
        "subnet too small for the pods",
        {"pods": None, "pod_subnet": "10.224.8.0/22"},
        "pod_subnet = '10.224.8.0/22': must be /18 or larger: it has 1024 addresses, 100 nodes with 110 pods each need "
        f"11005; or take the overlay, where pods need none ({PLANNING})",
    ),
]


@pytest.mark.parametrize("refusal", REFUSALS, ids=[refusal.id for refusal in REFUSALS])
def test_addresses_that_cannot_work_are_refused(refusal: Refusal):
    with pytest.raises(ArgumentError) as error:
        network.validate_addresses("dev", addresses(**refusal.changes), max_nodes=100, pods_per_node=110)
    assert str(error.value) == f"dev: network.{refusal.message}"


@pytest.mark.parametrize("pods", [9, 251])
def test_pods_per_node_have_limits(pods: int):
    with pytest.raises(ArgumentError) as error:
        validate(pods_per_node=pods)
    assert str(error.value) == f"dev: pods_per_node = {pods}: must be 10 to 250 ({PLANNING})"


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("10.0.0.1/16", "; the range that holds it is 10.0.0.0/16"),
        ("fd00::/64", ", because IPv6 is not supported"),
        ("ten", ""),
    ],
)
def test_a_text_that_is_no_range_is_refused(text: str, hint: str):
    with pytest.raises(ArgumentError) as error:
        network.parse_range("dev", "network.nodes", text)
    rule = f"must be an IPv4 range such as 10.0.0.0/16{hint} (RFC 4632)"
    assert str(error.value) == f"dev: network.nodes = {text!r}: {rule}"


ranges = st.builds(
    lambda address, prefix: IPv4Network((address, prefix), strict=False),
    st.integers(0, 2**32 - 1),
    st.integers(8, 30),
)


@given(ranges, ranges, ranges, ranges, st.integers(1, 3000))
def test_accepted_ranges_are_disjoint_and_large_enough(nodes, pods, services, pod_subnet, max_nodes):
    accepted = Addresses(
        nodes=nodes, pods=pods, services=services, pod_subnet=pod_subnet, dns=network.default_dns(services)
    )
    try:
        network.validate_addresses("dev", accepted, max_nodes=max_nodes, pods_per_node=110)
    except ArgumentError:
        return
    own = [nodes, pods, services, pod_subnet]
    for first, second in [*combinations(own, 2), *((one, other) for one in own for other in network.RESERVED)]:
        assert int(first[-1]) < int(second[0]) or int(second[-1]) < int(first[0])
    assert nodes.num_addresses - 5 >= max_nodes
    assert pods.num_addresses // 256 >= max_nodes
    assert pod_subnet.num_addresses - 5 >= max_nodes * 110


@given(st.integers(1, 100_000))
def test_the_proposed_prefix_is_the_longest_that_works(addresses: int):
    prefix = network.smallest_prefix(addresses)
    assert 2 ** (32 - prefix) >= addresses
    assert prefix == 32 or 2 ** (32 - prefix - 1) < addresses


@given(st.integers(1, 256))
def test_an_overlay_is_refused_exactly_beyond_its_nodes(max_nodes: int):
    refused = False
    try:
        validate(max_nodes, pods="10.244.0.0/17")
    except ArgumentError as error:
        refused = "has room for 128 nodes" in str(error)
    assert refused == (max_nodes > 128)
