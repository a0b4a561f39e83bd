"""Sums of pools, compared with an AWS account's quotas and a cluster's network before anything is created."""

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from modelyard.components.common.errors import ArgumentError
from modelyard.components.rosa import capacity
from modelyard.components.rosa.capacity import PoolDemand
from modelyard.workloads.hardware import catalogue


def demand(pool: str = "l4", nodes: int = 4, zone: str = "us-east-1a", quota: str | None = "L-DB2E81BA") -> PoolDemand:
    return PoolDemand(pool=pool, zone=zone, nodes=nodes, vcpus_per_node=16, quota=quota)


def validate(*demands: PoolDemand, **limits: Any) -> None:
    capacity.validate_capacity("gpu1", demands, **{"vcpu_quota": {}, "max_nodes": None, **limits})


@pytest.mark.parametrize(
    ("instance_type", "on_demand", "spot"),
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
def test_instance_family_determines_the_quota(instance_type: str, on_demand: str | None, spot: str | None):
    assert capacity.quota_code(instance_type, spot=False) == on_demand
    assert capacity.quota_code(instance_type, spot=True) == spot


def test_every_gpu_machine_of_aws_has_a_quota():
    names = [machine.name for machine in catalogue.list_instance_types("aws")]
    assert [name for name in names if capacity.quota_code(name, spot=False) is None] == []


@given(st.lists(st.integers(0, 50), min_size=1, max_size=5), st.integers(0, 4000))
def test_quota_is_compared_with_the_sum_of_the_pools(nodes: list[int], quota: int):
    demands = [demand(f"p{index}", count) for index, count in enumerate(nodes)]
    fits = sum(nodes) * 16 <= quota
    with contextlib.nullcontext() if fits else pytest.raises(ArgumentError, match=rf"= {quota}: must be"):
        validate(*demands, vcpu_quota={"L-DB2E81BA": quota})


def test_quota_error_names_each_pool_with_its_share():
    with pytest.raises(ArgumentError) as error:
        validate(demand(), demand("l40s"), demand("x", quota=None), vcpu_quota={"L-DB2E81BA": 127})

    assert str(error.value) == (
        "gpu1: vcpu_quota[L-DB2E81BA] = 127: must be 128 or more for the pools (l4 4 * 16, l40s 4 * 16); "
        "ask AWS for more quota or lower their max_nodes (AWS, Service Quotas of EC2)"
    )


def test_quota_of_other_families_is_not_compared():
    validate(demand(nodes=500), vcpu_quota={"L-417A185B": 0})


def test_nodes_of_all_pools_stay_within_the_limit():
    validate(demand("first nodes", 2), demand(), demand("b", 4), max_nodes=10)

    with pytest.raises(ArgumentError) as error:
        validate(demand("first nodes", 2), demand(), demand("b", 5), max_nodes=10)

    assert (error.value.argument, error.value.value) == ("max_nodes", 10)
    assert error.value.rule == (
        "must be 11 or more for the pools (first nodes 2, l4 4, b 5); lower their max_nodes or raise it"
    )


def test_subnet_of_each_zone_has_addresses_for_its_pools():
    validate(demand(nodes=10), demand("b", 10, zone="us-east-1b"), subnet_prefix=28)
    validate(demand(nodes=1000), subnet_prefix=None)

    with pytest.raises(ArgumentError) as error:
        validate(demand(nodes=7), demand("b", 5), subnet_prefix=28)

    assert error.value.argument == "machine_cidr"
    assert error.value.rule == (
        "must give the subnet of us-east-1a 12 addresses or more for the pools (l4 7, b 5); its /28 has 11"
    )


def test_path_leads_to_the_arguments_of_a_reference():
    with pytest.raises(ArgumentError) as error:
        validate(demand(nodes=12), subnet_prefix=28, path="cluster.")

    assert error.value.argument == "cluster.subnet_prefix"
