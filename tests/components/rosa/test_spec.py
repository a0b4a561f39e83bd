"""Validated forms of ROSA's arguments, and the notations that they use."""

import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from modelyard.components.rosa import roles as rosa_roles
from modelyard.components.rosa.cluster import address_ranges
from modelyard.components.rosa.cluster.spec import validate_cluster
from modelyard.components.rosa.machine_pool.spec import validate_node_pool
from modelyard.components.rosa.ocm import passwords, versions

OWNERSHIP = {"team": "team-a", "owner": "ml-platform", "cost_center": "42", "environment": "rosa-test"}
CLUSTER: dict[str, Any] = {
    "ownership": OWNERSHIP,
    "region": "us-east-1",
    "zones": ["us-east-1a", "us-east-1b"],
    "account_id": "123456789012",
    "creator_arn": "arn:aws:iam::123456789012:user/platform",
    "version": "4.20.1",
}
POOL: dict[str, Any] = {"ownership": OWNERSHIP, "instance_type": "g6.4xlarge", "max_nodes": 4}


def test_pool_is_validated_before_its_cluster_exists():
    reference: Any = {
        "cluster_id": "",
        "region": "us-east-1",
        "zones": ["us-east-1a"],
        "version": "4.20.1",
        "subnets": {},
    }
    spec = validate_node_pool("l4", {**POOL, "cluster": reference})  # type: ignore[typeddict-item]
    assert (spec.zone, spec.version, spec.pool.instance.name) == ("us-east-1a", "4.20.1", "g6.4xlarge")


@given(st.text(max_size=40))
def test_accepted_password_is_strong(password):
    strong = (
        len(password) >= 14
        and password.isascii()
        and not any(letter.isspace() or not letter.isprintable() for letter in password)
        and any(letter.isupper() for letter in password)
        and any(letter.islower() for letter in password)
        and any(not letter.isalpha() for letter in password)
    )
    assert (passwords.password_problem(password) is None) == strong


@given(st.integers(16, 22), st.integers(1, 3))
def test_subnet_ranges_lie_in_the_network_and_apart(prefix, count):
    texts = {"machine_cidr": f"10.0.0.0/{prefix}", "service_cidr": "172.30.0.0/16", "pod_cidr": "10.128.0.0/14"}
    machine = address_ranges.validate_ranges("gpu1", texts, 23, 10).machine_cidr
    subnets = address_ranges.divide_into_subnets("gpu1", machine, [f"us-east-1{zone}" for zone in "abc"[:count]])
    ranges = [network for pair in subnets.values() for network in pair]
    assert all(network.subnet_of(machine) for network in ranges)
    assert not [1 for index, network in enumerate(ranges) for other in ranges[index + 1 :] if network.overlaps(other)]


@given(st.integers(4, 5), st.integers(0, 40), st.integers(0, 99))
def test_version_survives_a_round_trip(major, minor, patch):
    text = f"{major}.{minor}.{patch}"
    assert str(versions.parse_release(versions.version_id(text))) == text
    assert str(versions.parse_release(versions.version_id(text, "candidate"))) == text
    assert versions.parse_release(f"{text}-rc.1") < versions.parse_release(text)


def test_names_of_roles_have_at_most_64_characters():
    assert all(len(role.name("p" * 60)) == 64 for role in (*rosa_roles.OPERATORS, *rosa_roles.ACCOUNT))


def test_validation_loads_neither_sdk_nor_http_client():
    code = (
        "import sys; from modelyard.components.rosa.cluster.spec import validate_cluster; "
        "print([one for one in ('pulumi_aws', 'httpx', 'pydantic') if one in sys.modules])"
    )
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert process.stdout.strip() == "[]"


@pytest.mark.parametrize("production", [False, True])
def test_production_sets_the_default_of_protection_and_gateways(production):
    spec = validate_cluster("gpu1", {**CLUSTER, "production": production})  # type: ignore[typeddict-item]
    assert (spec.delete_protection, spec.nat_per_zone) == (production, production)

    spec = validate_cluster("gpu1", {**CLUSTER, "production": production, "delete_protection": not production})  # type: ignore[typeddict-item]
    assert (spec.delete_protection, spec.nat_per_zone) == (not production, production)
