"""Capacity of all pools together: quota by family, nodes of the network, nodes of an upgrade."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from modelyard.components.azure.capacity import (
    SPOT_FAMILY,
    PoolDemand,
    surge_nodes,
    validate_capacity,
    vcpus_by_family,
)
from modelyard.components.common.errors import ArgumentError

FAMILY = "StandardNCADSA100v4Family"
A100 = PoolDemand(pool="a100", nodes=4, vcpus_per_node=24, family=FAMILY)
SPOT = PoolDemand(pool="cheap", nodes=2, vcpus_per_node=24, family=SPOT_FAMILY)
SYSTEM = PoolDemand(pool="system", nodes=5)


def test_spot_nodes_have_a_quota_of_their_own():
    assert vcpus_by_family([A100, A100, SPOT]) == {FAMILY: 192, "lowPriorityCores": 48}


def test_pools_may_use_their_quota_and_network_in_full():
    validate_capacity("dev", [SYSTEM, A100, SPOT], vcpu_quota={FAMILY: 96, SPOT_FAMILY: 48}, max_nodes=11)
    validate_capacity("dev", [SYSTEM, A100, SPOT], vcpu_quota={}, max_nodes=None)


def test_pools_beyond_a_quota_are_named_with_their_shares():
    with pytest.raises(ArgumentError) as error:
        validate_capacity("dev", [SYSTEM, A100, SPOT], vcpu_quota={FAMILY: 95}, max_nodes=None)
    assert str(error.value) == (
        f"dev: vcpu_quota[{FAMILY}] = 95: must be 96 or more for the pools (a100 4 * 24); ask Azure for more quota or "
        "lower max_nodes (Azure, vCPU quotas)"
    )


def test_pools_beyond_the_network_are_named_with_their_nodes():
    with pytest.raises(ArgumentError) as error:
        validate_capacity("a100", [SYSTEM, A100, SPOT], vcpu_quota={}, max_nodes=10, path="cluster.")
    assert str(error.value) == (
        "a100: cluster.max_nodes = 10: must be 11 or more for the pools, nodes of an upgrade included (system 5, a100 "
        "4, cheap 2); raise it or lower theirs (AKS, IP address planning)"
    )


@given(st.integers(0, 100), st.integers(0, 1000))
def test_a_surge_in_percent_is_rounded_up(percent: int, nodes: int):
    surge = surge_nodes("dev", f"{percent}%", nodes)
    assert (surge - 1) * 100 < percent * nodes <= surge * 100 or surge == percent * nodes == 0
    assert surge_nodes("dev", str(percent), nodes) == percent


@pytest.mark.parametrize("text", ["", "x", "-1", "101%", "1.5"])
def test_a_surge_that_is_neither_number_nor_share_is_refused(text: str):
    with pytest.raises(ArgumentError) as error:
        surge_nodes("dev", text, 3)
    assert str(error.value) == (
        f"dev: max_surge = {text!r}: must be a number of nodes such as '1', or a share of them such as '33%' (AKS, "
        "upgrade settings)"
    )
