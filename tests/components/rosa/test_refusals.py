"""Arguments that ROSA, AWS or Kubernetes would refuse are refused before anything is registered."""

from typing import Any, NamedTuple

import pytest
from modelyard.components.common.errors import ArgumentError
from modelyard.components.rosa.cluster.component import RosaCluster
from modelyard.components.rosa.cluster.spec import validate_cluster
from modelyard.components.rosa.machine_pool.component import RosaGpuMachinePool
from modelyard.components.rosa.machine_pool.spec import validate_node_pool
from modelyard.components.testing import Recorder

OWNERSHIP = {"team": "team-a", "owner": "ml-platform", "cost_center": "42", "environment": "rosa-test"}
CLUSTER: dict[str, Any] = {
    "ownership": OWNERSHIP,
    "region": "us-east-1",
    "zones": ["us-east-1a", "us-east-1b"],
    "account_id": "123456789012",
    "creator_arn": "arn:aws:iam::123456789012:user/platform",
    "version": "4.20.1",
}
USER = {"username": "ada", "password": "Very-secret-password-1"}
OPEN_ID = {"issuer": "https://login.example/", "client_id": "openshift", "client_secret": "very-secret"}


class Refusal(NamedTuple):
    """Changed arguments, and the error that they lead to."""

    changes: dict[str, Any]
    argument: str
    rule: str
    name: str = "l4"


def provider(**values: Any) -> dict[str, Any]:
    return {"identity_providers": [{"name": "a", **values}]}


NAME_RULE = "must be at most {} lower-case letters, digits and '-', from a letter to a letter or digit"

CLUSTERS = {
    "name in capitals": Refusal({"cluster_name": "Gpu"}, "cluster_name", NAME_RULE.format(54)),
    "name of 55": Refusal({"cluster_name": "g" * 55}, "cluster_name", NAME_RULE.format(54)),
    "domain prefix of 16": Refusal({"domain_prefix": "g" * 16}, "domain_prefix", NAME_RULE.format(15)),
    "region of another cloud": Refusal(
        {"region": "westeurope"}, "region", "must be the name of an AWS region, such as us-east-1"
    ),
    "zone of another region": Refusal(
        {"zones": ["us-east-2a"]}, "zones[0]", "must be a zone of us-east-1, such as us-east-1a"
    ),
    "zone twice": Refusal({"zones": ["us-east-1a", "us-east-1a"]}, "zones", "must be one or more, each named once"),
    "first nodes unevenly": Refusal(
        {"compute_nodes": 3}, "compute_nodes", "must be a multiple of the number of zones, which is 2"
    ),
    "one first node": Refusal(
        {"compute_nodes": 1, "zones": ["us-east-1a"]}, "compute_nodes", "must be 2 or more in a hosted cluster"
    ),
    "ranges that overlap": Refusal(
        {"service_cidr": "10.0.128.0/20"}, "machine_cidr", "must not overlap service_cidr = 10.0.128.0/20"
    ),
    "machine range of /8": Refusal(
        {"machine_cidr": "10.0.0.0/8", "pod_cidr": "192.168.0.0/16"}, "machine_cidr", "must be between /16 and /25"
    ),
    "machine range of /24": Refusal(
        {"machine_cidr": "10.0.0.0/24"},
        "machine_cidr",
        "must be /22 or larger to be divided into subnets; or give existing_subnets",
    ),
    "range with host bits": Refusal(
        {"machine_cidr": "10.0.0.1/16"}, "machine_cidr", "must be a range: 10.0.0.1/16 has host bits set"
    ),
    "pod range of 32 nodes": Refusal(
        {"pod_cidr": "192.168.0.0/18"},
        "pod_cidr",
        "must have room for max_nodes = 100, but has it for 32 nodes with host_prefix 23",
    ),
    "501 nodes": Refusal({"max_nodes": 501}, "max_nodes", "must be at most 500, the nodes of a hosted cluster"),
    "host prefix of 22": Refusal({"host_prefix": 22}, "host_prefix", "must be between 23 and 26"),
    "budget of nothing": Refusal(
        {"budget": {"amount_per_month": 0, "emails": ["a@example.com"]}},
        "budget.amount_per_month",
        "must be more than 0, in USD",
    ),
    "budget without readers": Refusal(
        {"budget": {"amount_per_month": 5, "emails": []}}, "budget.emails", "must be one to ten mail addresses"
    ),
    "two queues": Refusal(
        {"spot_queue": True, "spot_queue_url": "https://sqs.example/q"},
        "spot_queue",
        "must not be true beside spot_queue_url, which names an existing queue",
    ),
    "provider named -a": Refusal(
        provider(name="-a", users=[USER]),
        "identity_providers[0].name",
        "must be letters, digits, '-', '_' and '.', with a letter or digit at both ends",
    ),
    "providers of one name": Refusal(
        {"identity_providers": [{"name": "a", "users": [USER]}] * 2},
        "identity_providers[1].name",
        "must be given to one provider only",
    ),
    "provider of nothing": Refusal(provider(), "identity_providers[0]", "must have exactly one of users and open_id"),
    "provider without users": Refusal(
        provider(users=[]), "identity_providers[0].users", "must be one or more, each named once"
    ),
    "user twice": Refusal(
        provider(users=[USER, USER]), "identity_providers[0].users", "must be one or more, each named once"
    ),
    "user with a slash": Refusal(
        provider(users=[{**USER, "username": "a/b"}]),
        "identity_providers[0].users[0].username",
        "must not be empty, has no '/', ':' or '%', and begins with neither '~' nor '.'",
    ),
    "user of Red Hat's": Refusal(
        provider(users=[{**USER, "username": "cluster-admin"}]),
        "identity_providers[0].users[0].username",
        "must not be 'cluster-admin', which `rosa create admin` makes",
    ),
    "weak password": Refusal(
        provider(users=[{**USER, "password": "secret"}]),
        "identity_providers[0].users[0].password",
        "must have at least 14 characters of ASCII, without spaces",
    ),
    "issuer without TLS": Refusal(
        provider(open_id={**OPEN_ID, "issuer": "http://a"}),
        "identity_providers[0].open_id.issuer",
        "must be an address that begins with https:// and has neither '?' nor '#'",
    ),
    "administrator without a login": Refusal(
        {"admins": ["ada"]}, "admins", "cannot log in: give identity_providers as well"
    ),
    "administrator twice": Refusal(
        {"admins": ["ada", "ada"], **provider(users=[USER])}, "admins", "must name each user once"
    ),
    "administrator who is no user": Refusal(
        {"admins": ["eve"], **provider(users=[USER])}, "admins[0]", "must be one of the users: ada"
    ),
    "repository in capitals": Refusal(
        {"repositories": ["Train"]},
        "repositories[0]",
        "must be lower-case letters and digits, joined by single '-', '_', '.' or '/', at most 256 in all",
    ),
    "repository twice": Refusal({"repositories": ["a", "a"]}, "repositories", "must name each repository once"),
    "account of 5 digits": Refusal(
        {"account_id": "12345"}, "account_id", "must be the id of an AWS account: twelve digits, as text"
    ),
    "creator of another account": Refusal(
        {"creator_arn": "arn:aws:iam::210987654321:user/x"},
        "creator_arn",
        "must be an identity of account_id = '123456789012'",
    ),
    "creator without an ARN": Refusal(
        {"creator_arn": "platform"},
        "creator_arn",
        "must be the ARN of a user or role: arn:aws:iam::<account>:user/<name>",
    ),
    "misspelt channel group": Refusal(
        {"channel_group": "stabel"},
        "channel_group",
        "must be one of stable, eus, fast, candidate, nightly; did you mean 'stable'?",
    ),
    "version without a patch": Refusal(
        {"version": "4.20"}, "version", "must be an OpenShift version in full, such as '4.20.1'"
    ),
    "public cluster without public subnets": Refusal(
        {"private": False, "existing_subnets": {"private": {"us-east-1a": "a", "us-east-1b": "b"}}},
        "existing_subnets.public",
        "must have a public subnet in us-east-1a, us-east-1b for a public cluster",
    ),
}

QUOTA_RULE = "must be 144 or more for the pools (l4 9 * 16); ask AWS for more quota or lower their max_nodes"

POOLS = {
    "name of a first pool": Refusal(
        {}, "name", "must not be worker, workers or workers-N, the pools that a cluster starts with", "workers-1"
    ),
    "name in capitals": Refusal({}, "name", NAME_RULE.format(54), "L4"),
    "two zones": Refusal(
        {"zones": ["us-east-1a", "us-east-1b"]},
        "zones",
        "must be one zone, because a machine pool lies in one subnet; create one pool per zone",
    ),
    "zone without the cluster": Refusal(
        {"zones": ["us-east-1c"]}, "zones", "must be one of the cluster's: us-east-1a, us-east-1b"
    ),
    "newer version": Refusal(
        {"version": "4.21.0"},
        "version",
        "must not be newer than the control plane's 4.20.1; upgrade the cluster first",
    ),
    "version three minors older": Refusal(
        {"version": "4.17.9"}, "version", "must be at most 2 minor versions older than the control plane's 4.20.1"
    ),
    "price on demand": Refusal({"max_price": 1.0}, "max_price", "must be given with spot only"),
    "reserved spot": Refusal(
        {"spot": True, "max_price": 1.0, "capacity_reservation": "cr-1"},
        "capacity_reservation",
        "must not be given beside spot: spot capacity and a capacity reservation exclude each other",
    ),
    "spot without a queue": Refusal(
        {"spot": True},
        "spot",
        "must be false: the cluster has neither spot_queue nor spot_queue_url to drain spot nodes before they go",
    ),
    "blocks without a reservation": Refusal(
        {"capacity_blocks": True},
        "capacity_blocks",
        "must be given with capacity_reservation, the id of the block",
    ),
    "100 processes": Refusal({"pod_pids_limit": 100}, "pod_pids_limit", "must be 4096 to 16384"),
    "drain of more than a week": Refusal({"drain_minutes": 10081}, "drain_minutes", "must be 0 to 10080"),
    "machine that the region does not sell": Refusal(
        {"instance_type": "p5e.48xlarge"},
        "instance_type",
        "is not sold in 'us-east-1'; it is in ap-southeast-2, ap-southeast-3, eu-north-1, eu-west-2, sa-east-1, "
        "us-east-2, us-west-2",
    ),
    "more vCPUs than the quota": Refusal({"max_nodes": 9}, "cluster.vcpu_quota[L-DB2E81BA]", QUOTA_RULE),
    "driver of the cloud": Refusal(
        {"driver": "cloud"}, "driver", "must be 'operator', because ROSA's node image has no NVIDIA driver"
    ),
    "disk of 50 GiB": Refusal({"disk_gib": 50}, "disk_gib", "must be 75 to 16384 GiB"),
}


@pytest.mark.parametrize("refusal", CLUSTERS.values(), ids=CLUSTERS)
def test_refused_cluster(refusal: Refusal):
    engine = Recorder.installed()

    with pytest.raises(ArgumentError) as error:
        RosaCluster("gpu1", {**CLUSTER, **refusal.changes})  # type: ignore[typeddict-item]

    assert (error.value.argument, error.value.rule) == (refusal.argument, refusal.rule)
    assert engine.registered == []
    assert "secret" not in str(error.value)


@pytest.mark.parametrize("refusal", POOLS.values(), ids=POOLS)
def test_refused_machine_pool(refusal: Refusal):
    engine = Recorder.installed()
    cluster = validate_cluster("gpu1", {**CLUSTER, "vcpu_quota": {"L-DB2E81BA": 128}}).reference()  # type: ignore[typeddict-item]
    pool: Any = {"ownership": OWNERSHIP, "instance_type": "g6.4xlarge", "max_nodes": 4, "cluster": cluster}

    with pytest.raises(ArgumentError) as error:
        RosaGpuMachinePool(refusal.name, {**pool, **refusal.changes})  # type: ignore[typeddict-item]

    assert (error.value.argument, error.value.rule) == (refusal.argument, refusal.rule)
    assert engine.registered == []


def test_machine_pool_stays_within_the_clusters_limit():
    cluster = validate_cluster("gpu1", CLUSTER).reference()  # type: ignore[arg-type]
    pool: Any = {"ownership": OWNERSHIP, "instance_type": "g6.4xlarge", "max_nodes": 101, "cluster": cluster}

    with pytest.raises(ArgumentError) as error:
        validate_node_pool("l4", pool)

    assert (error.value.argument, error.value.value) == ("cluster.max_nodes", 100)
    assert error.value.rule == "must be 101 or more for the pools (l4 101); lower their max_nodes or raise it"


def test_error_names_component_argument_value_rule_and_source():
    with pytest.raises(ArgumentError) as error:
        validate_cluster("gpu1", {**CLUSTER, "host_prefix": 22})  # type: ignore[typeddict-item]

    assert str(error.value) == "gpu1: host_prefix = 22: must be between 23 and 26 (rosa, hostPrefixValidator)"
