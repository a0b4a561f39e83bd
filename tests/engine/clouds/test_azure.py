"""The simulated Azure: a resource group, a network, a cluster and a GPU pool, through the real engine."""

import base64

import pytest
import yaml

from simulator.clouds import settings
from simulator.clouds.account import Account
from tests.engine.clouds.program import Program

pytestmark = pytest.mark.engine

CODE = """
import pulumi_azure_native as azure
from pulumi_azure_native import containerservice, network, resources

group = resources.ResourceGroup("rg", resource_group_name="platform", location="westeurope")
net = network.VirtualNetwork(
    "net",
    resource_group_name=group.name,
    virtual_network_name="net",
    address_space={"address_prefixes": ["10.0.0.0/16"]},
)
subnet = network.Subnet(
    "nodes",
    resource_group_name=group.name,
    virtual_network_name=net.name,
    subnet_name="nodes",
    address_prefix=given.get("prefix", "10.0.0.0/20"),
)
cluster = containerservice.ManagedCluster(
    "aks",
    resource_group_name=group.name,
    resource_name_="aks",
    dns_prefix="gpu",
    identity={"type": "SystemAssigned"},
    oidc_issuer_profile={"enabled": True},
    tags=given.get("tags"),
    agent_pool_profiles=[
        {"name": "system", "mode": "System", "count": 2, "vm_size": "Standard_D4s_v5", "vnet_subnet_id": subnet.id}
    ],
)
previous = []
for name, size in given.get("pools", {"gpu": "Standard_NC24ads_A100_v4"}).items():
    pool = containerservice.AgentPool(
        name,
        resource_group_name=group.name,
        resource_name_=cluster.name,
        agent_pool_name=name,
        vm_size=size,
        mode="User",
        enable_auto_scaling=True,
        min_count=0,
        max_count=given.get("max", 4),
        node_taints=["nvidia.com/gpu=present:NoSchedule"],
        vnet_subnet_id=subnet.id,
        **given.get("more", {}),
        opts=pulumi.ResourceOptions(depends_on=previous),
    )
    previous = [pool] if given.get("chained", True) else []
credentials = containerservice.list_managed_cluster_user_credentials_output(
    resource_group_name=group.name, resource_name=cluster.name.apply(lambda name: name)
)
pulumi.export("id", cluster.id)
pulumi.export("issuer", cluster.oidc_issuer_profile.issuer_url)
pulumi.export("kubelet", cluster.identity_profile["kubeletidentity"].object_id)
pulumi.export("nodes", cluster.node_resource_group)
pulumi.export("kubeconfig", pulumi.Output.secret(credentials.kubeconfigs[0].value))
"""

SUBSCRIPTION = "/subscriptions/00000000-0000-4000-8000-000000000001"


@pytest.fixture
def program(tmp_path):
    return Program(tmp_path, CODE)


def test_cluster_and_pool_live_and_die(program):
    planned = program.plan()
    empty = program.in_cloud("azure-native")
    program.go()
    outputs = program.outputs()
    unchanged = program.go()
    grown = program.go(max=6)
    replaced = program.go(max=6, pools={"gpu": "Standard_NC48ads_A100_v4"})
    program.destroy()

    assert planned.changes == {"create": 6}
    assert "SIMULATED" in planned.text
    assert empty == {}
    assert outputs["id"].startswith(f"{SUBSCRIPTION}/resourceGroups/platform/providers/Microsoft.ContainerService/")
    assert outputs["issuer"].startswith("https://westeurope.oic.prod-aks.azure.com/")
    assert outputs["nodes"] == "MC_platform_aks_westeurope"
    assert yaml.safe_load(base64.b64decode(outputs["kubeconfig"]))["kind"] == "Config"
    assert unchanged.changes == {}
    assert grown.differences("gpu") == {"maxCount": "update"}
    assert replaced.operations("gpu") == ["delete-replaced", "replace", "create-replacement"]
    assert program.in_cloud("azure-native") == {}


def test_unknown_property_is_refused_before_any_creation(program):
    run = program.plan(fails=True, more={"gpu_profile": {"driver": "None", "driverTyp": "CUDA"}})

    assert "unknown property 'gpuProfile.driverTyp'" in run.text
    assert program.in_cloud("azure-native") == {}


def test_rule_of_the_cloud_stops_the_pool_and_keeps_the_rest(program):
    run = program.go(fails=True, pools={"Gpu_Pool": "Standard_NC24ads_A100_v4"})

    assert "lowercase letters and digits" in run.text
    assert "aks" in program.state
    assert "Gpu_Pool" not in program.state


def test_subnet_outside_of_its_network_is_refused(program):
    run = program.go(fails=True, prefix="10.9.0.0/20")

    assert "NetcfgInvalidSubnet" in run.text


def test_pool_without_capacity_is_repaired_by_the_next_up(program):
    program.go_wrong({"type": "*:AgentPool", "fault": "capacity"})
    failed = program.go(fails=True)
    left = program.in_cloud("azure-native")["gpu"]["state"]
    repaired = program.go()

    assert "AllocationFailed" in failed.text
    assert left == "Failed"
    assert repaired.operations("gpu") == ["update"]
    assert program.in_cloud("azure-native")["gpu"]["state"] == "Succeeded"


def test_pool_beyond_its_quota_is_created_by_the_next_up(program):
    program.go_wrong({"type": "*:AgentPool", "fault": "quota"})
    failed = program.go(fails=True)
    missing = "gpu" not in program.in_cloud("azure-native")
    repaired = program.go()

    assert "QuotaExceeded" in failed.text
    assert missing
    assert repaired.operations("gpu") == ["create"]


def test_throttled_request_is_repeated_a_few_times(program):
    program.go_wrong(
        {"type": "*:ManagedCluster", "fault": "throttled", "times": 2},
        {"type": "*:AgentPool", "fault": "throttled", "times": 9},
    )

    run = program.go(fails=True)

    assert any("throttled" in status for status in run.statuses)
    assert "aks" in program.state
    assert "TooManyRequests" in run.text


def test_existing_cluster_is_never_overwritten(program):
    program.go()
    with Account(program.clouds, "azure-native").open() as contents:
        stranger = next(one for one in contents.records.values() if one["name"] == "gpu" and "agentPools" in one["id"])
        contents.put({**stranger, "id": stranger["id"] + "2", "name": "gpu2", "inputs": {"owner": "somebody"}})

    run = program.go(fails=True, pools={"gpu": "Standard_NC24ads_A100_v4", "gpu2": "Standard_NC24ads_A100_v4"})

    assert "cannot create already existing resource gpu2" in run.text
    assert program.in_cloud("azure-native")["gpu2"]["inputs"] == {"owner": "somebody"}


def test_refresh_finds_outside_changes_and_deletions(program):
    program.go(tags={"owner": "us"})
    with Account(program.clouds, "azure-native").open() as contents:
        cluster = next(one for one in contents.records.values() if one["name"] == "aks")
        cluster["inputs"]["tags"] = {"owner": "them"}
        contents.remove(f"{cluster['id']}/agentPools/gpu")

    program.refresh()
    planned = program.plan(tags={"owner": "us"})

    assert planned.operations("gpu") == ["create"]
    assert planned.differences("aks") == {"tags.owner": "update"}


def test_two_operations_on_one_cluster_exclude_each_other(program):
    program.go_wrong(speed=0.002)
    pools = {"one": "Standard_NC24ads_A100_v4", "two": "Standard_NC24ads_A100_v4"}
    program.go(pools={})

    clash = program.go(fails=True, pools=pools, chained=False)
    in_turn = program.go(pools=pools)

    assert "another operation (Creating) is in progress" in clash.text
    assert in_turn.code == 0


def test_deletion_of_the_group_deletes_its_contents(program):
    program.go()
    with Account(program.clouds, "azure-native").open() as contents:
        below = contents.below(f"{SUBSCRIPTION}/resourceGroups/platform")

    program.destroy()

    assert len(below) == 4
    assert program.in_cloud("azure-native") == {}


def test_simulation_runs_only_on_request(program):
    del program.extra_environment["MODELYARD_SIMULATED_CLOUDS"]

    run = program.plan(fails=True)

    assert "only simulates its cloud" in run.text
    assert "MODELYARD_SIMULATED_CLOUDS" in run.text


def test_objects_in_a_cluster_reach_a_real_api(tmp_path, api_server):
    inside = """
import pulumi_kubernetes as kubernetes
text = credentials.kubeconfigs[0].value.apply(lambda encoded: __import__("base64").b64decode(encoded).decode())
known = pulumi.Output.all(text, cluster.id).apply(lambda values: values[0])
provider = kubernetes.Provider("inside", kubeconfig=pulumi.Output.secret(known), cluster_identifier="aks")
kubernetes.core.v1.Namespace(
    "team",
    metadata={"name": "simulated-team"},
    opts=pulumi.ResourceOptions(provider=provider, deleted_with=cluster),
)
"""
    program = Program(tmp_path, CODE + inside)
    planned = program.plan()
    program.extra_environment[settings.KUBECONFIG] = str(api_server.kubeconfig)
    program.go()
    found = api_server.client.get("/api/v1/namespaces/simulated-team").status_code
    unchanged = program.go()
    program.destroy()

    # Nobody was dialled: the cluster that would be reached does not exist.
    assert planned.operations("team") == ["create"]
    assert found == 200
    assert unchanged.changes == {}
    api_server.client.delete("/api/v1/namespaces/simulated-team")
