"""The change tables agree with the decisions of Cluster Manager's providers."""

import functools
from typing import Any

import pytest
from modelyard.components.common.change import ArgumentChange, Effect
from modelyard.components.rosa.cluster.changes import ROSA_CLUSTER_CHANGES
from modelyard.components.rosa.cluster.component import RosaCluster
from modelyard.components.rosa.machine_pool.changes import ROSA_GPU_POOL_CHANGES
from modelyard.components.rosa.machine_pool.component import RosaGpuMachinePool
from modelyard.components.rosa.ocm.resources.cluster import HcpClusterProvider
from modelyard.components.rosa.ocm.resources.node_pool import HcpNodePoolProvider

from tests.components.aws.engine import aws_engine

OWNERSHIP = {"team": "team-a", "owner": "ml-platform", "cost_center": "42", "environment": "rosa-test"}
CLUSTER: dict[str, Any] = {
    "ownership": OWNERSHIP,
    "region": "us-east-1",
    "zones": ["us-east-1a", "us-east-1b"],
    "account_id": "123456789012",
    "creator_arn": "arn:aws:iam::123456789012:user/platform",
    "version": "4.20.1",
    "existing_subnets": {"private": {"us-east-1a": "subnet-a", "us-east-1b": "subnet-b", "us-east-1c": "subnet-c"}},
}
CHANGED: dict[str, Any] = {
    "ownership": {**OWNERSHIP, "cost_center": "43"},
    "cluster_name": "gpu2",
    "domain_prefix": "other",
    "region": {"region": "us-east-2", "zones": ["us-east-2a"], "existing_subnets": {"private": {"us-east-2a": "s"}}},
    "zones": ["us-east-1a", "us-east-1c"],
    "account_id": {"account_id": "210987654321", "creator_arn": "arn:aws:iam::210987654321:user/platform"},
    "creator_arn": "arn:aws:iam::123456789012:role/other",
    "billing_account_id": "210987654321",
    "version": "4.21.3",
    "channel_group": "eus",
    "acknowledge_gates_for": "4.21",
    "upgrade_schedule": "0 3 * * 6",
    "production": True,
    "private": {
        "private": False,
        "existing_subnets": {
            "private": CLUSTER["existing_subnets"]["private"],
            "public": {"us-east-1a": "subnet-d", "us-east-1b": "subnet-e"},
        },
    },
    "existing_subnets": {"private": {"us-east-1a": "subnet-f", "us-east-1b": "subnet-b"}},
    "nat_per_zone": True,
    "machine_cidr": "10.1.0.0/16",
    "service_cidr": "172.31.0.0/16",
    "pod_cidr": "10.64.0.0/14",
    "host_prefix": 24,
    "compute_machine_type": "m6i.4xlarge",
    "compute_nodes": 4,
    "max_nodes": 50,
    "kms_key_arn": "arn:aws:kms:us-east-1:123456789012:key/other",
    "oidc_config_id": "other",
    "delete_protection": True,
    "spot_queue_url": "https://sqs.us-east-1.amazonaws.com/123456789012/q",
    "spot_queue": True,
    "identity_providers": [{"name": "a", "users": [{"username": "ada", "password": "Very-secret-password-1"}]}],
    "admins": {
        "admins": ["ada"],
        "identity_providers": [{"name": "a", "users": [{"username": "ada", "password": "Very-secret-password-1"}]}],
    },
    "repositories": ["train", "serve"],
    "budget": {"amount_per_month": 5000, "emails": ["a@example.com"]},
    "vcpu_quota": {"L-DB2E81BA": 64},
}
POOL: dict[str, Any] = {
    "ownership": OWNERSHIP,
    "instance_type": "g6.4xlarge",
    "max_nodes": 4,
    "cluster": {
        "cluster_id": "c1",
        "region": "us-east-1",
        "zones": ["us-east-1a", "us-east-1b"],
        "version": "4.20.1",
        "subnets": {"us-east-1a": "subnet-a", "us-east-1b": "subnet-b"},
        "spot_drains": True,
    },
}
CHANGED_POOL: dict[str, Any] = {
    "cluster": {**POOL["cluster"], "cluster_id": "c2"},
    "ownership": {**OWNERSHIP, "cost_center": "43"},
    "instance_type": "g6.8xlarge",
    "min_nodes": 1,
    "max_nodes": 5,
    "spot": True,
    "zones": ["us-east-1b"],
    "labels": {"example.com/tier": "a"},
    "taints": ["example.com/tier=a:NoSchedule"],
    "mig_profile": {"instance_type": "p4d.24xlarge", "mig_profile": "1g.5gb"},
    "version": "4.19.9",
    "disk_gib": 400,
    "max_price": {"spot": True, "max_price": 0.5},
    "capacity_reservation": "cr-1",
    "capacity_blocks": {"capacity_reservation": "cr-1", "capacity_blocks": True},
    "security_groups": ["sg-1"],
    "drain_minutes": 60,
    "pod_pids_limit": 8192,
    "tuned": {"profile": [], "recommend": []},
}
BEFORE: dict[str, dict[str, Any]] = {
    "mig_profile": {"instance_type": "p4d.24xlarge"},
    "max_price": {"spot": True},
    "capacity_blocks": {"capacity_reservation": "cr-1"},
}
"""Further arguments of the pool before the change, where the argument needs another."""
WITHOUT_CHANGE = {"for_preset", "task", "driver"}
"""The planner picks another machine, or nothing can be changed."""


def inputs(kind: str, make: Any, args: dict[str, Any], name: str) -> dict[str, Any]:
    engine = aws_engine()
    make(name, args)
    engine.finish()
    [registered] = [resource.inputs for resource in engine.registered if resource.type.endswith(f"rosa:{kind}")]
    return registered


@functools.cache
def cluster_before() -> dict[str, Any]:
    return inputs("HcpCluster", RosaCluster, CLUSTER, "gpu1")


def over(base: dict[str, Any], argument: str, change: Any) -> dict[str, Any]:
    several = isinstance(change, dict) and argument in change
    return {**base, **(change if several else {argument: change})}


def check(change: ArgumentChange, replaces: list[str] | None) -> None:
    assert bool(replaces) == (change.effect is Effect.REPLACE), replaces


def test_every_argument_has_a_changed_value():
    assert set(CHANGED) == set(ROSA_CLUSTER_CHANGES)
    assert set(CHANGED_POOL) | WITHOUT_CHANGE == set(ROSA_GPU_POOL_CHANGES)


@pytest.mark.parametrize("argument", CHANGED)
def test_cluster_is_replaced_as_the_change_table_says(argument: str):
    old = cluster_before()
    new = inputs("HcpCluster", RosaCluster, over(CLUSTER, argument, CHANGED[argument]), "gpu1")
    difference = HcpClusterProvider().diff("c1", old, new)
    check(ROSA_CLUSTER_CHANGES[argument], difference.replaces)
    if ROSA_CLUSTER_CHANGES[argument].effect is Effect.REFUSED:
        assert old != new
        assert not difference.changes


@pytest.mark.parametrize("argument", CHANGED_POOL)
def test_machine_pool_is_replaced_as_the_change_table_says(argument: str):
    before = {**POOL, **BEFORE.get(argument, {})}
    old = inputs("HcpNodePool", RosaGpuMachinePool, before, "l4")
    new = inputs("HcpNodePool", RosaGpuMachinePool, over(before, argument, CHANGED_POOL[argument]), "l4")
    difference = HcpNodePoolProvider().diff("c1/l4", old, new)
    check(ROSA_GPU_POOL_CHANGES[argument], difference.replaces)
    assert difference.changes


def test_new_cost_center_replaces_no_machine_pool():
    after = {**POOL, "ownership": {**OWNERSHIP, "cost_center": "43"}}
    old, new = (inputs("HcpNodePool", RosaGpuMachinePool, args, "l4") for args in (POOL, after))
    assert new["aws_node_pool"]["tags"]["cost-center"] == "43"
    difference = HcpNodePoolProvider().compare(old, new)
    assert [field.path for field in difference.fields] == ["labels"]


def test_renamed_component_keeps_its_cluster():
    kept = {**CLUSTER, "kms_key_arn": CHANGED["kms_key_arn"], "oidc_config_id": "oidc1"}
    old = inputs("HcpCluster", RosaCluster, kept, "gpu1")
    new = inputs("HcpCluster", RosaCluster, {**kept, "cluster_name": "gpu1"}, "gpu")
    assert {field.path for field in HcpClusterProvider().compare(old, new).fields} == set()
