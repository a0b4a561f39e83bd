"""Rules of AKS: each refuses what Azure would refuse later, and says the rule and where it is written."""

from ipaddress import IPv4Address, IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st
from modelyard.components.azure import capacity, naming, regions, versions
from modelyard.components.azure.capacity import Demand
from modelyard.components.azure.cluster import maintenance, network
from modelyard.components.azure.cluster.network import Addresses
from modelyard.components.azure.versions import Version
from modelyard.components.common.errors import ArgumentError

GOOD = {
    "network": "10.224.0.0/16",
    "nodes": "10.224.0.0/22",
    "api_server": "10.224.4.0/28",
    "pods": "10.244.0.0/16",
    "services": "10.0.0.0/16",
}


def addresses(**changes: str | None) -> Addresses:
    given = {name: IPv4Network(one) for name, one in {**GOOD, **changes}.items() if one is not None and name != "dns"}
    dns = changes.get("dns")
    return Addresses(**given, dns=IPv4Address(dns) if dns else network.default_dns(given["services"]))


def check(count: int = 100, pods_each: int = 110, **changes: str | None) -> Addresses:
    return network.checked("dev", addresses(**changes), nodes=count, pods_per_node=pods_each)


def test_a_plan_that_keeps_every_rule_is_taken_as_it_is():
    assert check() == addresses()


NETWORKS = [
    ({"pods": "172.16.0.0/12"}, "pods = '172.16.0.0/12': overlaps 172.30.0.0/16, which AKS uses itself"),
    ({"nodes": "10.225.0.0/22"}, "nodes = '10.225.0.0/22': must lie in the virtual network 10.224.0.0/16"),
    ({"api_server": "10.224.3.0/28"}, "api_server = '10.224.3.0/28': overlaps nodes = 10.224.0.0/22"),
    ({"pods": "10.224.128.0/17"}, "pods = '10.224.128.0/17': overlaps the virtual network 10.224.0.0/16"),
    ({"network": None, "api_server": None, "pods": "10.224.0.0/16"}, "pods = '10.224.0.0/16': overlaps nodes"),
    ({"services": "10.244.128.0/17"}, "services = '10.244.128.0/17': overlaps pods = 10.244.0.0/16"),
    ({"services": "11.0.0.0/12"}, "services = '11.0.0.0/12': must be smaller than /12"),
    ({"services": "10.0.0.0/30", "dns": "10.0.0.2"}, "leaves no room for services; take /28 or larger"),
    ({"dns": "10.1.0.10"}, "dns = '10.1.0.10': must lie in the range of services, 10.0.0.0/16"),
    ({"dns": "10.0.0.1"}, "must not be the first address (10.0.0.1 is the API's own service)"),
    ({"nodes": "10.224.0.0/26"}, "has 64 addresses; 100 nodes need 113"),
    ({"pods": "10.244.0.0/18"}, "has room for 64 nodes, each of which takes a /24; 100 need /17 or larger"),
    ({"pods": None, "pod_subnet": "10.224.8.0/22"}, "100 nodes with 110 pods each need 11005: take /18 or larger"),
    ({"api_server": "10.224.4.0/29"}, "the API server's subnet is /28 or larger"),
]


@pytest.mark.parametrize(("changes", "message"), NETWORKS, ids=[case[1] for case in NETWORKS])
def test_addresses_that_cannot_work_are_refused(changes, message):
    with pytest.raises(ArgumentError) as refused:
        check(**changes)
    assert message in str(refused.value)
    assert refused.value.source.startswith("AKS")


@pytest.mark.parametrize("pods", [9, 251])
def test_pods_per_node_have_limits(pods: int):
    with pytest.raises(ArgumentError, match="must be 10 to 250"):
        check(pods_each=pods)


@pytest.mark.parametrize(
    ("text", "hint"),
    [("10.0.0.1/16", "the range that holds it is 10.0.0.0/16"), ("fd00::/64", "IPv6"), ("ten", "such as 10.0.0.0/16")],
)
def test_a_range_that_is_none_is_refused_with_the_nearest(text: str, hint: str):
    with pytest.raises(ArgumentError, match=hint):
        network.parsed("dev", "nodes", text)


networks = st.builds(
    lambda address, prefix: IPv4Network((address, prefix), strict=False),
    st.integers(0, 2**32 - 1),
    st.integers(8, 30),
)


@given(networks, networks, networks, networks, st.integers(1, 3000))
def test_what_is_accepted_overlaps_nowhere_and_has_room(nodes, pods, services, api_server, count):
    plan = Addresses(
        nodes=nodes,
        pods=pods,
        services=services,
        api_server=api_server,
        dns=network.default_dns(services),
    )
    try:
        network.checked("dev", plan, nodes=count, pods_per_node=110)
    except ArgumentError:
        return
    members = [nodes, pods, services, api_server]
    for at, one in enumerate(members):
        for other in [*members[:at], *members[at + 1 :], *network.RESERVED]:
            assert int(one[-1]) < int(other[0]) or int(other[-1]) < int(one[0])
    assert nodes.num_addresses - 5 >= count
    assert pods.num_addresses // 256 >= count


@given(st.integers(1, 100_000))
def test_the_prefix_that_an_error_proposes_is_the_longest_that_works(count: int):
    prefix = network.smallest_prefix(count)
    assert 2 ** (32 - prefix) >= count
    assert prefix == 32 or 2 ** (32 - prefix - 1) < count


@given(st.integers(1, 256))
def test_a_pod_range_is_refused_exactly_when_the_nodes_do_not_fit(count: int):
    refused = False
    try:
        check(count, pods="10.244.0.0/17")
    except ArgumentError as error:
        refused = "has room for 128 nodes" in str(error)
    assert refused == (count > 128)


@pytest.mark.parametrize(
    ("rule", "good", "bad"),
    [
        (naming.CLUSTER, ["a", "gpu-dev", "a" * 54], ["", "-a", "a-", "a_b", "a" * 55]),
        (naming.POOL, ["a", "a100", "a" * 12], ["", "1a", "A100", "a-b", "a" * 13]),
        (naming.RESOURCE_GROUP, ["a", "a.b", "(x)_-", "a" * 90], ["", "a.", "a/b", "ä", "a" * 91]),
        (naming.REGISTRY, ["abcde", "A1" * 25], ["abcd", "a-bcde", "a" * 51]),
        (naming.STORAGE_ACCOUNT, ["abc", "a1" * 12], ["ab", "Abc", "a-b", "a" * 25]),
        (naming.CONTAINER, ["abc", "a-b", "a" * 63], ["ab", "a--b", "-ab", "ab-", "Abc", "a" * 64]),
        (naming.VAULT, ["abc", "a-b-1"], ["ab", "1ab", "a--b", "ab-", "a" * 25]),
        (naming.IDENTITY, ["abc", "a-_b"], ["ab", "-ab", "a b"]),
    ],
    ids=lambda one: one.kind if isinstance(one, naming.NameRule) else None,
)
def test_names_are_those_that_azure_accepts(rule, good, bad):
    assert [rule.checked("dev", "name", one) for one in good] == good
    for one in bad:
        with pytest.raises(ArgumentError) as refused:
            rule.checked("dev", "name", one)
        assert rule.text in str(refused.value)


@given(st.text(min_size=1, max_size=60, alphabet="abcXYZ019-"), st.text(max_size=8))
def test_names_that_are_made_keep_the_rules_and_tell_salts_apart(stem: str, salt: str):
    account = naming.unique(stem, 24, salt)
    assert naming.STORAGE_ACCOUNT.checked("dev", "account", account) == account
    assert account == naming.unique(stem, 24, salt)
    assert account != naming.unique(stem, 24, f"{salt}-other")
    vault = naming.unique(f"k{stem}".replace("--", "-").strip("-"), 24, salt, separator="-")
    assert "--" in stem or naming.VAULT.checked("dev", "vault", vault) == vault


@pytest.mark.parametrize(
    ("control", "pool", "refused"),
    [
        ("1.33", "1.33", None),
        ("1.33", "1.31", None),
        ("1.33.2", "1.33.2", None),
        ("1.33.2", "1.33", None),
        ("1.33", "1.34", "cannot be newer than its control plane, which is 1.33"),
        ("1.33.2", "1.33.3", "cannot be newer than its control plane, which is 1.33.2"),
        ("1.33", "1.30.9", "may be 2 minor versions behind"),
    ],
)
def test_a_pool_follows_its_control_plane(control: str, pool: str, refused: str | None):
    of_cluster = versions.version("dev", "kubernetes_version", control)
    of_pool = versions.version("dev", "kubernetes_version", pool)
    if refused is None:
        assert versions.within_skew("dev", of_cluster, "a100", of_pool) == of_pool
        return
    with pytest.raises(ArgumentError, match=refused):
        versions.within_skew("dev", of_cluster, "a100", of_pool)


@pytest.mark.parametrize("text", ["1", "v1.33", "1.33.x", "2.1", ""])
def test_a_version_that_is_none_is_refused(text: str):
    with pytest.raises(ArgumentError, match=r"is written '1\.33'"):
        versions.version("dev", "kubernetes_version", text)


def test_a_patch_that_the_channel_would_raise_is_refused():
    with pytest.raises(ArgumentError, match=r"raises the patch by itself; write 1\.33,"):
        versions.beside_channel("dev", Version(33, 2), "patch")
    assert versions.beside_channel("dev", Version(33, 2), "none") == Version(33, 2)
    assert versions.beside_channel("dev", Version(33), "stable") == Version(33)


def test_regions_and_zones():
    assert regions.region("dev", "westeurope") == "westeurope"
    assert regions.zones("dev", "zones", "westeurope", ["1", "3"]) == ("1", "3")
    assert regions.zones("dev", "zones", "westus", []) == ()
    assert not regions.WITH_ZONES & regions.WITHOUT_ZONES
    with pytest.raises(ArgumentError, match="did you mean 'westeurope'"):
        regions.region("dev", "West Europe")
    with pytest.raises(ArgumentError, match="region westus has no availability zones"):
        regions.zones("dev", "zones", "westus", ["1"])
    with pytest.raises(ArgumentError, match="zones of a region are 1, 2, 3"):
        regions.zones("dev", "zones", "westeurope", ["a"])


A100 = Demand(pool="a100", nodes=4, vcpus_per_node=24, family="StandardNCADSA100v4Family")
SPOT = Demand(pool="cheap", nodes=2, vcpus_per_node=24, family=capacity.SPOT)


def test_quota_is_added_up_by_family_and_spot_apart():
    assert capacity.vcpus_by_family([A100, A100, SPOT]) == {
        "StandardNCADSA100v4Family": 192,
        "lowPriorityCores": 48,
    }
    capacity.within_quota("dev", [A100, SPOT], {"StandardNCADSA100v4Family": 96})
    with pytest.raises(ArgumentError) as refused:
        capacity.within_quota("dev", [A100, SPOT], {"StandardNCADSA100v4Family": 95})
    assert "the pools take 96 vCPUs at most (a100 4 * 24)" in str(refused.value)


def test_pools_together_stay_within_the_nodes_that_the_network_was_planned_for():
    capacity.within_nodes("dev", [A100, SPOT], 6)
    with pytest.raises(ArgumentError, match="the pools have 6 nodes at most, surge included"):
        capacity.within_nodes("dev", [A100, SPOT], 5)


@given(st.integers(0, 100), st.integers(0, 1000))
def test_surge_is_rounded_up(percent: int, nodes: int):
    made = capacity.surge(f"{percent}%", nodes)
    assert (made - 1) * 100 < percent * nodes <= made * 100 or made == percent * nodes == 0
    assert capacity.surge(str(percent), nodes) == percent


@pytest.mark.parametrize("text", ["", "x", "-1", "101%", "1.5"])
def test_a_surge_that_is_none_is_refused(text: str):
    with pytest.raises(ValueError, match="max_surge"):
        capacity.surge(text, 3)


def test_a_maintenance_window_is_what_the_service_takes():
    assert maintenance.window("dev", {}) == {
        "schedule": {"weekly": {"day_of_week": "Sunday", "interval_weeks": 1}},
        "start_time": "01:00",
        "duration_hours": 6,
        "utc_offset": "+00:00",
    }
    quiet = maintenance.window("dev", {"quiet_times": [{"start": "2026-12-20", "end": "2027-01-03"}]})
    assert quiet["not_allowed_dates"] == [{"start": "2026-12-20", "end": "2027-01-03"}]


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({"day": "sunday"}, "is one of Monday"),
        ({"start": "24:00"}, "is written HH:MM"),
        ({"hours": 3}, "is 4 to 24"),
        ({"utc_offset": "2"}, r"is written \+HH:MM"),
        ({"quiet_times": [{"start": "20.12.", "end": "2027-01-03"}]}, "is written YYYY-MM-DD"),
        ({"quiet_times": [{"start": "2027-01-03", "end": "2026-12-20"}]}, "ends before it starts"),
    ],
)
def test_a_window_that_aks_would_refuse(args, message):
    with pytest.raises(ArgumentError, match=message):
        maintenance.window("dev", args)


def test_channels_that_would_both_upgrade_node_images():
    assert maintenance.channels("dev", {}) == ("patch", "NodeImage")
    with pytest.raises(ArgumentError, match="goes only with node_channel 'NodeImage'"):
        maintenance.channels("dev", {"channel": "node-image", "node_channel": "None"})
    for args in ({"channel": "fast"}, {"node_channel": "nodeimage"}):
        with pytest.raises(ArgumentError, match="is one of"):
            maintenance.channels("dev", args)  # type: ignore[arg-type]
