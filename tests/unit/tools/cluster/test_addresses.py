"""The address plan: derived from the number, disjoint between instances."""

from ipaddress import IPv4Address, IPv4Interface, IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.cluster.addresses import HIGHEST_NUMBER, AddressPlan, validate_name
from tools.cluster.checks import describe_conflict
from tools.cluster.errors import ClusterError

NUMBERS = st.integers(0, HIGHEST_NUMBER)


def test_plan_of_the_first_instance():
    plan = AddressPlan(0)
    assert plan.host_link == "yard0"
    assert plan.host == IPv4Interface("10.89.0.1/30")
    assert plan.node == IPv4Interface("10.89.0.2/30")
    assert plan.pods == IPv4Network("10.244.0.0/24")
    assert plan.services == IPv4Network("10.96.0.0/24")
    assert plan.api_service == IPv4Address("10.96.0.1")
    assert plan.dns_service == IPv4Address("10.96.0.10")
    assert plan.api_url == "https://10.89.0.2:6443"


@given(NUMBERS, NUMBERS)
def test_plans_of_two_instances_are_disjoint(first, second):
    overlaps = [a.overlaps(b) for a in AddressPlan(first).ranges for b in AddressPlan(second).ranges]
    assert any(overlaps) == (first == second)


@given(NUMBERS)
def test_link_names_fit_the_kernel(number):
    assert len(AddressPlan(number).host_link) <= 15  # IFNAMSIZ less its final zero


@pytest.mark.parametrize("number", [-1, 255])
def test_number_without_addresses_is_refused(number):
    with pytest.raises(ClusterError, match="outside 0 to 254"):
        AddressPlan(number)


@pytest.mark.parametrize("name", ["local", "a", "test-cluster", "a" * 40])
def test_names_that_are_allowed(name):
    assert validate_name(name) == name


@pytest.mark.parametrize("name", ["", "Local", "-a", "a-", "1a", "a_b", "a/b", "../a", "a" * 41, "local\n"])
def test_names_that_are_refused(name):
    with pytest.raises(ClusterError, match="is not allowed: use 1 to 40"):
        validate_name(name)


@pytest.mark.parametrize(
    ("network", "owner", "refused"),
    [
        ("192.0.2.0/24", "eth0", None),
        ("10.96.0.0/24", "yard0", None),  # the instance's own route of an earlier `up`
        ("10.96.1.0/24", "yard1", None),
        ("10.96.0.0/12", "tun0", "10.96.0.0/24"),
        ("10.0.0.0/8", "tun0", "10.89.0.0/30"),
        ("10.244.0.7/32", "eth0", "10.244.0.0/24"),
    ],
)
def test_overlap_with_the_host_is_named(network, owner, refused):
    complaint = describe_conflict(AddressPlan(0), [(IPv4Network(network), owner)])
    if refused is None:
        assert complaint is None
    else:
        assert complaint is not None
        assert f"the address range {refused}" in complaint
        assert f"{network} on {owner}" in complaint
