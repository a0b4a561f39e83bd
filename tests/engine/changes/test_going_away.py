"""Removal of parts: pools are drained first, protected data stays, renamed components keep their resources.

The cloud is the simulated Azure, Kubernetes a real API without kubelets, the engine the real one.
"""

import json
from typing import Any

import pytest

from simulator.clouds import settings
from tests.engine.api_server import ApiServer
from tests.engine.clouds.program import Program
from tests.engine.plugins.stack import Run

pytestmark = pytest.mark.engine

CODE = """
from modelyard.components.azure.cluster.component import AksCluster
from modelyard.components.azure.identity import AzureWorkloadIdentity
from modelyard.components.azure.node_pool.component import AksGpuNodePool
from modelyard.components.azure.storage import AzureModelContainers

owned = {"team": "platform", "owner": "platform-team", "cost_center": "cc-1", "environment": "dev"}
old = given.get("formerly", {})

def called(name, **more):
    aliases = [pulumi.Alias(name=old[name])] if name in old else None
    return pulumi.ResourceOptions(aliases=aliases, **more)

cluster = None
for name, args in given.get("clusters", {}).items():
    plain = {"ownership": owned, "location": "westeurope", "kubernetes_version": "1.33", "registry": False,
             "vault": False, "monitoring": False, "admin_groups": ["11111111-2222-3333-4444-555555555555"]}
    cluster = AksCluster(name, {**plain, **args}, called(name))
for name, args in given.get("pools", {}).items():
    # AKS works on one pool of a cluster at a time
    AksGpuNodePool(name, {"cluster": cluster.reference, "ownership": owned, "max_nodes": 2, "drain_minutes": 1, **args},
                   called(name, deleted_with=cluster.managed, depends_on=[cluster.general_pool]))
for name, args in given.get("containers", {}).items():
    from pulumi_azure_native import resources
    keep = args.get("keep", True)
    group = resources.ResourceGroup("data", resource_group_name="data", location="westeurope",
                                    opts=pulumi.ResourceOptions(protect=keep, retain_on_delete=keep))
    models = AzureModelContainers(
        name, {"ownership": owned, "resource_group": group.name, "location": "westeurope", **args}, called(name))
    for who, more in given.get("identities", {}).items():
        AzureWorkloadIdentity(who, {"ownership": owned, "resource_group": group.name, "location": "westeurope",
                                    "oidc_issuer": "https://issuer.example", "service_account": "trainer",
                                    "container": models.containers["models"].id, **more}, called(who))
"""

A100 = {"instance_type": "Standard_NC24ads_A100_v4"}
T4 = {"instance_type": "Standard_NC4as_T4_v3"}


@pytest.fixture
def program(tmp_path, api_server: ApiServer) -> Program:
    stack = Program(tmp_path, CODE)
    stack.extra_environment[settings.KUBECONFIG] = str(api_server.kubeconfig)
    return stack


def busy_node(api: ApiServer, pool: str) -> tuple[str, str]:
    """A node of the pool with a pod on it, which leaves at once; there is no kubelet that would let it end."""
    node, pod = f"/api/v1/nodes/{pool}-0", f"/api/v1/namespaces/default/pods/{pool}-trainer"
    labels = {"kubernetes.azure.com/agentpool": pool}
    send(api, "/api/v1/nodes", {"kind": "Node", "metadata": {"name": f"{pool}-0", "labels": labels}})
    spec = {
        "nodeName": f"{pool}-0",
        "terminationGracePeriodSeconds": 0,
        "containers": [{"name": "main", "image": "localhost/train:1"}],
    }
    body = {"kind": "Pod", "metadata": {"name": f"{pool}-trainer"}, "spec": spec}
    send(api, "/api/v1/namespaces/default/pods", body)
    return node, pod


def send(api: ApiServer, path: str, body: dict[str, Any]) -> None:
    answer = api.client.post(path, json={"apiVersion": "v1", **body})
    assert answer.status_code == 201, answer.text


def destroyed(program: Program, *, fails: bool = False) -> Run:
    """With the preview that comes first: without it, Pulumi 3.259 goes past what is protected."""
    return program.command("destroy", "--yes", fails=fails)


def in_state(program: Program) -> set[str]:
    """URNs of what the stack holds."""
    exported = json.loads(program.command("stack", "export").text)
    return {one["urn"] for one in exported["deployment"]["resources"]}


def deletions(events: list[dict[str, Any]]) -> list[str]:
    """Types of what was deleted, in the order in which that ended."""
    ended = [event["resOutputsEvent"]["metadata"] for event in events if "resOutputsEvent" in event]
    return [one["type"].rpartition(":")[2] for one in ended if one["op"] in ("delete", "delete-replaced")]


def test_removed_pool_is_drained_before_its_deletion(program, api_server):
    program.go(clusters={"gpu": {}}, pools={"leaves": A100})
    node, pod = busy_node(api_server, "leaves")

    run = program.go(clusters={"gpu": {}})

    assert deletions(run.events)[:2] == ["PoolDrain", "AgentPool"]
    assert api_server.client.get(pod).status_code == 404
    assert api_server.client.get(node).json()["spec"]["unschedulable"] is True
    assert "leaves" not in program.in_cloud("azure-native")


def test_replaced_pool_is_drained_first(program, api_server):
    program.go(clusters={"gpu": {}}, pools={"another": A100})
    _, pod = busy_node(api_server, "another")

    run = program.go(clusters={"gpu": {}}, pools={"another": T4})

    assert deletions(run.events)[:2] == ["PoolDrain", "AgentPool"]
    assert api_server.client.get(pod).status_code == 404
    assert program.in_cloud("azure-native")["another"]["inputs"]["vmSize"] == T4["instance_type"]


def test_pools_of_a_deleted_cluster_are_not_drained(program, api_server):
    program.go(clusters={"gpu": {}}, pools={"together": A100})
    _, pod = busy_node(api_server, "together")

    program.destroy()

    assert api_server.client.get(pod).status_code == 200
    assert program.in_cloud("azure-native") == {}


def test_destroy_of_a_production_cluster_touches_nothing(program):
    program.go(clusters={"gpu": {"production": True}})
    before = in_state(program), set(program.in_cloud("azure-native"))

    failed = destroyed(program, fails=True)

    assert "protected" in failed.text
    assert "gpu-network" in before[1]
    assert (in_state(program), set(program.in_cloud("azure-native"))) == before


def test_protected_models_outlive_their_stack(program):
    program.go(containers={"models": {"account_name": "keptmodels"}})
    failed = program.go(fails=True, containers={"models": {"account_name": "othermodels"}})
    assert "protected" in failed.text
    refused = destroyed(program, fails=True)
    assert "protected" in refused.text

    program.command("state", "unprotect", "--all", "--yes")
    destroyed(program)

    assert {"keptmodels", "models", "checkpoints"} <= set(program.in_cloud("azure-native"))


def test_unprotected_models_are_deleted_with_their_stack(program):
    program.go(containers={"models": {"keep": False}})

    program.destroy()

    assert program.in_cloud("azure-native") == {}


def test_renamed_components_keep_their_resources(program):
    data = {"keep": False}
    program.go(clusters={"gpu": {}}, pools={"t4": T4}, containers={"models": data}, identities={"trainer": {}})
    account = next(one["name"] for one in program.in_cloud("azure-native").values() if "StorageAccount" in one["type"])

    run = program.go(
        formerly={"platform": "gpu", "small": "t4", "weights": "models", "training": "trainer"},
        clusters={"platform": {"cluster_name": "gpu"}},
        pools={"small": {**T4, "pool_name": "t4", "labels": {}}},
        containers={"weights": {**data, "account_name": account}},
        identities={"training": {"identity_name": "trainer"}},
    )

    allowed = {"update"}  # the label with the pool's name on its nodes
    assert set(run.changes) <= allowed, json.dumps(run.changes)
