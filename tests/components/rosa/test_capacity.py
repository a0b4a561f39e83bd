"""What pools take of an AWS account's quota and of a cluster's network, added up before anything is made."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from modelyard.components.rosa import capacity
from modelyard.components.rosa.capacity import Demand
from modelyard.components.rosa.cluster.rules import RosaRuleError
from modelyard.workloads.hardware import catalogue


def demand(pool: str = "l4", nodes: int = 4, zone: str = "us-east-1a", quota: str | None = "L-DB2E81BA") -> Demand:
    return Demand(pool=pool, zone=zone, nodes=nodes, vcpus_per_node=16, quota=quota)


@pytest.mark.parametrize(
    ("instance", "on_demand", "spot"),
    [
        ("g6.4xlarge", "L-DB2E81BA", "L-3819A6DF"),
        ("gr6.4xlarge", "L-DB2E81BA", "L-3819A6DF"),
        ("p4d.24xlarge", "L-417A185B", "L-7212CCBC"),
        ("p5en.48xlarge", "L-417A185B", "L-C4BD4855"),
        ("p6-b200.48xlarge", "L-417A185B", None),
        ("m5.2xlarge", None, None),
        ("Standard_NC24ads_A100_v4", None, None),
    ],
)
def test_a_family_counts_in_its_quota(instance, on_demand, spot):
    assert capacity.quota_code(instance, spot=False) == on_demand
    assert capacity.quota_code(instance, spot=True) == spot


def test_every_gpu_machine_of_aws_counts_in_some_quota():
    missing = [one.name for one in catalogue.instance_types("aws") if capacity.quota_code(one.name, spot=False) is None]
    assert missing == []


@given(st.lists(st.integers(0, 50), min_size=1, max_size=5), st.integers(0, 4000))
def test_pools_fit_a_quota_exactly_when_their_sum_does(nodes, quota):
    demands = [demand(f"p{index}", one) for index, one in enumerate(nodes)]
    with contextlib.nullcontext() if sum(nodes) * 16 <= quota else pytest.raises(RosaRuleError, match=f"= {quota}: "):
        capacity.within_quota(demands, {"L-DB2E81BA": quota})


def test_each_pool_is_named_with_its_share():
    with pytest.raises(RosaRuleError, match=r"take 128 vCPUs at most \(l4 4 \* 16, l40s 4 \* 16\)"):
        capacity.within_quota([demand(), demand("l40s"), demand("x", quota=None)], {"L-DB2E81BA": 127})
    capacity.within_quota([demand(nodes=500)], {"L-417A185B": 0})


def test_all_nodes_together_stay_within_the_plan():
    capacity.within_nodes([demand(), demand("b", 4)], 10, 2)
    with pytest.raises(RosaRuleError, match=r"all pools have 11 nodes at most \(first nodes 2, l4 4, b 5\)"):
        capacity.within_nodes([demand(), demand("b", 5)], 10, 2)


def test_each_zones_subnet_holds_its_pools():
    capacity.within_subnets([demand(nodes=10), demand("b", 10, zone="us-east-1b")], 28, 1)
    capacity.within_subnets([demand(nodes=1000)], None)
    with pytest.raises(
        RosaRuleError, match=r"us-east-1a \(/28\) has 11 addresses, and its pools take 12 \(l4 6, b 5\)"
    ):
        capacity.within_subnets([demand(nodes=6), demand("b", 5)], 28, 1)
