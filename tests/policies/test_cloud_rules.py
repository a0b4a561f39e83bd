"""Every rule about clouds through the real servicer: good resources pass, one change breaks one rule and says so."""

# ruff: noqa: FBT003 - true and false are values of properties here

from collections import Counter

import pytest
from modelyard.policies.rules import EXEMPT_TAG, RULES

from tests.policies import cloud_resources as c
from tests.policies import manifests as m
from tests.policies.broken_clusters import BROKEN_CLUSTERS, PRODUCTION
from tests.policies.broken_pools import BROKEN_POOLS, LISTED
from tests.policies.broken_storage import BROKEN_STORAGE
from tests.policies.case import rule_of
from tests.policies.servicer import UNKNOWN, Pack

SPOT_TAKEN = {"scaleSetPriority": "Spot", "capacityReservationGroupID": "/subscriptions/s/capacityReservationGroups/g"}


BROKEN = [*BROKEN_POOLS, *BROKEN_CLUSTERS, *BROKEN_STORAGE]
UNDECIDED = {
    "gpu-pool-taint": (c.AGENT_POOL, "nodeTaints"),
    "machine-types": (c.AGENT_POOL, "vmSize"),
    "pool-maximum": (c.AGENT_POOL, "maxCount"),
    "spot-without-reservation": (c.AGENT_POOL, "capacityReservationGroupID"),
    "private-nodes": (c.AGENT_POOL, "enableNodePublicIP"),
    "api-access": (c.MANAGED_CLUSTER, "apiServerAccessProfile"),
    "cluster-logins": (c.MANAGED_CLUSTER, "aadProfile"),
    "network-policy-engine": (c.MANAGED_CLUSTER, "networkProfile|networkPolicy"),
    "storage-access": (c.BLOB_CONTAINER, "publicAccess"),
    "registry-access": (c.REGISTRY, "adminUserEnabled"),
    "vault-purge-protection": (c.VAULT, "properties"),
    "protected-in-production": (c.STORAGE_ACCOUNT, "tags"),
    "cloud-tags": (c.STORAGE_ACCOUNT, "tags"),
    "role-trust": (c.ROLE, "assumeRolePolicy"),
    "role-actions": (c.POLICY, "policy"),
    "log-retention": (c.WORKSPACE, "retentionInDays"),
}


@pytest.mark.parametrize("token", c.GOOD)
def test_good_resources_pass_every_rule(token):
    assert Pack().resource(token, c.GOOD[token]) == []
    assert Pack(PRODUCTION).resource(token, c.GOOD[token], protect=True) == []


@pytest.mark.parametrize("case", BROKEN, ids=str)
def test_one_change_breaks_exactly_one_rule(case):
    body = m.changed(c.GOOD[case.token], case.path, case.value)

    diagnostics = Pack(case.config).resource(case.token, body, name="broken", protect=True)

    assert Counter(rule_of(line.message) for line in diagnostics) == {case.rule: 1}, [
        line.message for line in diagnostics
    ]
    kind = case.token.rsplit(":", 1)[1]
    assert diagnostics[0].level == RULES[case.rule].level
    assert f"{kind} {'gpu-l4' if 'metadata' in body else 'broken'}, " in diagnostics[0].message
    assert case.where in diagnostics[0].message
    assert case.says in diagnostics[0].message
    assert f"Fix: {RULES[case.rule].fix}" in diagnostics[0].message


@pytest.mark.parametrize("token", [c.STORAGE_ACCOUNT, c.BUCKET, c.MANAGED_CLUSTER, c.HCP_CLUSTER, c.VAULT, c.REGISTRY])
def test_the_environment_tag_demands_protection(token):
    inner = {c.HCP_CLUSTER: "aws|tags|env"}.get(token, "tags|env")
    body = m.changed(c.GOOD[token], inner, "aks-prod")

    [diagnostic] = Pack().resource(token, body)

    assert "[protected-in-production, high]" in diagnostic.message
    assert "the option protect: the resource may be deleted by any plan. Allowed: true." in diagnostic.message
    assert Pack().resource(token, body, protect=True) == []
    assert Pack({"productionEnvironments": ["live"]}).resource(token, body) == []


@pytest.mark.parametrize("name", ["prod", "aks-prod", "prod-eu", "eu-production"])
def test_names_of_production(name):
    assert Pack().resource(c.STORAGE_ACCOUNT, m.changed(c.GOOD[c.STORAGE_ACCOUNT], "tags|env", name))


@pytest.mark.parametrize("name", ["dev", "preprod", "products", "reproduction", "aks-prod-test"])
def test_names_that_are_not_of_production(name):
    assert Pack().resource(c.STORAGE_ACCOUNT, m.changed(c.GOOD[c.STORAGE_ACCOUNT], "tags|env", name)) == []


@pytest.mark.parametrize(
    ("token", "path", "size"),
    [
        (c.AGENT_POOL, "vmSize", "Standard_D8ds_v5"),
        (c.AGENT_POOL, "vmSize", "Standard_NP10s"),
        (c.HCP_POOL, "aws_node_pool|instance_type", "m5.2xlarge"),
        (c.HCP_POOL, "aws_node_pool|instance_type", "inf2.xlarge"),
    ],
)
def test_nodes_without_gpus_need_no_taint(token, path, size):
    taints = "nodeTaints" if token == c.AGENT_POOL else "taints"
    assert Pack().resource(token, m.changed(m.changed(c.GOOD[token], path, size), taints, [])) == []


def test_a_pool_of_fixed_size_needs_no_autoscaler():
    body = m.changed(m.changed(c.GOOD[c.AGENT_POOL], "enableAutoScaling", False), "count", 4)

    assert Pack().resource(c.AGENT_POOL, m.changed(body, "maxCount", m.GONE)) == []


def test_spot_nodes_of_aks_are_not_taken_from_a_reservation():
    [diagnostic] = Pack().resource(c.AGENT_POOL, {**c.GOOD[c.AGENT_POOL], **SPOT_TAKEN})

    assert "[spot-without-reservation, medium] AgentPool thing, capacityReservationGroupID" in diagnostic.message


@pytest.mark.parametrize("rule", sorted(UNDECIDED))
def test_an_unknown_value_is_an_advisory(rule):
    token, path = UNDECIDED[rule]

    diagnostics = Pack(LISTED).resource(token, m.changed(c.GOOD[token], path, UNKNOWN))

    assert {line.level for line in diagnostics} == {"advisory"}, diagnostics
    assert any(f"{rule} needs " in line.message for line in diagnostics), diagnostics


def test_a_tag_exempts_a_resource_and_is_listed():
    body = m.changed(c.GOOD[c.REGISTRY], "adminUserEnabled", True)
    body = m.changed(body, f"tags|{EXEMPT_TAG}", "registry-access=old build server, gone by June")

    [diagnostic] = Pack().resource(c.REGISTRY, body)

    assert diagnostic.level == "advisory"
    assert "is exempt from `registry-access`: old build server, gone by June" in diagnostic.message


SPOT_POOL = {
    **c.GOOD[c.AGENT_POOL],
    "scaleSetPriority": "Spot",
    "nodeLabels": {"modelyard.dev/pool": "trial"},
    "tags": {**c.TAGS, "env": "aks-prod"},
}
SERVER = "kubernetes:ray.io/v1:RayService"
FLAVOR = "kubernetes:kueue.x-k8s.io/v1beta2:ResourceFlavor"
DRAWS = [
    (c.AGENT_POOL, SPOT_POOL),
    (FLAVOR, {"metadata": {"name": "flavor"}, "spec": {"nodeLabels": {"modelyard.dev/pool": "trial"}}}),
    (
        m.CLUSTER_QUEUE,
        {"metadata": {"name": "cq"}, "spec": {"resourceGroups": [{"flavors": [{"name": "flavor", "resources": []}]}]}},
    ),
    (m.LOCAL_QUEUE, {"metadata": {"name": "team-b", "namespace": "team-b"}, "spec": {"clusterQueue": "cq"}}),
    (
        SERVER,
        {
            "metadata": {
                "name": "assistant",
                "namespace": "team-b",
                "labels": {"kueue.x-k8s.io/queue-name": "team-b"},
            },
            "spec": {},
        },
    ),
    (c.AZURE_BUDGET, {}),
]


def test_a_server_of_production_does_not_draw_on_spot_nodes():
    [diagnostic] = Pack().stack(DRAWS)

    assert diagnostic.level == "mandatory"
    assert "[no-spot-serving, high] RayService team-b/assistant" in diagnostic.message
    assert "the queue of this server draws on the spot pool `trial`" in diagnostic.message


@pytest.mark.parametrize(
    ("place", "path", "value"),
    [
        (0, "scaleSetPriority", "Regular"),
        (0, "tags|env", "aks-dev"),
        (1, "spec|nodeLabels", {"modelyard.dev/pool": "serve"}),
        (4, "metadata|labels", {}),
        (4, "metadata|namespace", "team-a"),
    ],
)
def test_other_servers_pools_and_environments_may(place, path, value):
    stack = [(token, m.changed(body, path, value) if at == place else body) for at, (token, body) in enumerate(DRAWS)]

    assert [line.message for line in Pack({"levels": {"queue-exists": "disabled"}}).stack(stack)] == []


def test_a_bucket_without_its_settings_is_refused():
    whole = [
        (c.BUCKET, c.GOOD[c.BUCKET]),
        (c.PUBLIC_ACCESS, c.GOOD[c.PUBLIC_ACCESS]),
        (c.ENCRYPTION, {"bucket": "models"}),
    ]
    assert Pack().stack(whole) == []

    diagnostics = Pack().stack(whole[:1])

    assert [line.level for line in diagnostics] == ["mandatory"] * 2
    assert "no encryption is set for this bucket" in diagnostics[0].message
    assert "nothing blocks public access to this bucket" in diagnostics[1].message
    assert all("[bucket-settings, high] Bucket r0" in line.message for line in diagnostics)


def test_settings_refer_to_a_bucket_of_unknown_name():
    stack = [
        (c.BUCKET, {"tags": c.TAGS}),
        (c.PUBLIC_ACCESS, {**c.GOOD[c.PUBLIC_ACCESS], "bucket": UNKNOWN}),
        (c.ENCRYPTION, {"bucket": UNKNOWN}),
        (c.BUCKET, {"tags": c.TAGS}),
    ]

    diagnostics = Pack().stack(stack, refers={(1, "bucket"): 0, (2, "bucket"): 0})

    assert {line.urn.rpartition("::")[2] for line in diagnostics} == {"r3"}


def test_a_cluster_whose_logs_go_nowhere_is_refused():
    stack = [(c.MANAGED_CLUSTER, c.GOOD[c.MANAGED_CLUSTER]), (c.DIAGNOSTICS, {"resourceUri": UNKNOWN})]

    [diagnostic] = Pack().stack(stack[:1])
    assert diagnostic.level == "mandatory"
    assert "[cluster-logs, medium] ManagedCluster r0" in diagnostic.message

    assert Pack().stack(stack, refers={(1, "resourceUri"): 0}) == []
    [undecided] = Pack().stack(stack)
    assert "cluster-logs needs resourceUri" in undecided.message


def test_container_metadata_is_not_object_metadata():
    stack = [
        (m.LOCAL_QUEUE, {"metadata": {"name": "team-a", "namespace": "team-a"}, "spec": {"clusterQueue": "cq"}}),
        (c.BLOB_CONTAINER, {"publicAccess": "None", "metadata": UNKNOWN}),
    ]

    assert Pack().stack(stack) == []


def test_gpu_nodes_without_a_budget_are_told_once():
    stack = [(c.AGENT_POOL, c.GOOD[c.AGENT_POOL])] * 2

    [diagnostic] = Pack().stack(stack)

    assert diagnostic.level == "advisory"
    assert "[budget-alert, low] AgentPool r0" in diagnostic.message
    assert Pack().stack([*stack, (c.AZURE_BUDGET, {})]) == []


def test_every_rule_about_clouds_has_a_broken_and_an_unknown_case():
    shown = {case.rule for case in BROKEN} | {"protected-in-production"}

    assert shown == c.CLOUD_RULES == set(UNDECIDED)
