"""AksCluster: what it registers, whole, in development and production."""

import json
from pathlib import Path
from typing import Any

import pulumi
import pytest
from modelyard.components.azure.cluster import kubeconfig, managed_cluster
from modelyard.components.azure.cluster.component import AksCluster
from modelyard.components.azure.cluster.plain_pool import has_local_disk
from modelyard.components.azure.cluster.spec import planned
from modelyard.components.common.errors import ArgumentError
from modelyard.components.testing import Recorder, compare

from tests.components.azure.recorded import (
    CREDENTIALS,
    KUBECONFIG,
    args_class,
    azure_engine,
    encoded,
    unknown_properties,
)

GOLDENS = Path(__file__).parent / "goldens"
OWNERSHIP = {"team": "platform", "owner": "platform-team", "cost_center": "cc-1", "environment": "dev"}
GROUP = "11111111-2222-3333-4444-555555555555"

DEV: dict[str, Any] = {
    "ownership": OWNERSHIP,
    "location": "westeurope",
    "kubernetes_version": "1.33",
    "admin_groups": [GROUP],
    "api": {"private": False, "authorized_ranges": ["192.0.2.0/28", "198.51.100.7/32"]},
}
PROD: dict[str, Any] = {
    "ownership": {**OWNERSHIP, "environment": "prod"},
    "location": "westeurope",
    "kubernetes_version": "1.33",
    "admin_groups": [GROUP],
    "production": True,
    "network": {
        "virtual_network": "10.64.0.0/16",
        "nodes": "10.64.0.0/22",
        "pod_subnet": "10.64.64.0/18",
        "outbound": "managedNATGateway",
    },
    "maintenance": {"day": "Saturday", "quiet_times": [{"start": "2026-12-20", "end": "2027-01-03"}]},
    "local_nvme": True,
    "log_days": 90,
    "budget": {"amount_per_month": 50000, "emails": ["gpu-costs@example.com"], "from_month": "2026-12"},
}


def registered(args: dict[str, Any], name: str = "gpu-dev", **options: Any) -> Recorder:
    engine = azure_engine(**options)
    AksCluster(name, args)  # type: ignore[arg-type]
    engine.finish()
    return engine


def as_golden(engine: Recorder) -> dict[str, Any]:
    return {f"{one.type} {one.name}": one.inputs for one in engine.registered}


@pytest.mark.parametrize(("case", "args"), [("aks-cluster-dev", DEV), ("aks-cluster-prod", PROD)])
def test_what_is_registered_is_the_golden_file(case: str, args: dict[str, Any]):
    compare(as_golden(registered(args)), GOLDENS / f"{case}.json")


@pytest.mark.parametrize("args", [DEV, PROD], ids=["dev", "prod"])
def test_every_property_that_is_sent_exists_in_the_type_of_the_sdk(args: dict[str, Any]):
    checked = 0
    for one in registered(args).registered:
        if one.type.startswith("azure-native:"):
            assert unknown_properties(args_class(one.type), one.inputs) == [], one.type
            checked += 1
    assert checked > 15


def test_the_check_of_properties_notices_a_wrong_name_at_any_depth():
    from pulumi_azure_native.containerservice import ManagedClusterArgs  # noqa: PLC0415 - imported with the SDK

    sent = {"networkProfile": {"networkPlugn": "azure"}, "agentPoolProfiles": [{"vmsize": "x"}], "tagz": {}}
    assert unknown_properties(ManagedClusterArgs, sent) == [
        "networkProfile.networkPlugn",
        "agentPoolProfiles[0].vmsize",
        "tagz",
    ]


def test_no_credentials_are_shown_and_the_provider_keeps_its_identity_when_the_cluster_changes():
    changed = {**DEV, "kubernetes_version": "1.34", "max_nodes": 200}
    one, other = (
        next(each.inputs for each in registered(args).registered if each.type == "pulumi:providers:kubernetes")
        for args in (DEV, changed)
    )
    assert one["kubeconfig"] == "<secret>"
    assert one["clusterIdentifier"] == other["clusterIdentifier"]


def test_a_cluster_that_must_be_made_again_is_another_one_for_its_objects():
    plans = [planned("gpu-dev", {**DEV, **more}) for more in ({}, {"location": "northeurope"}, {"cluster_name": "b"})]  # type: ignore[typeddict-item]
    assert len({managed_cluster.generation(plan) for plan in plans}) == 3


def test_beside_node_auto_provisioning_every_pool_has_a_fixed_size():
    engine = registered({**DEV, "node_auto_provisioning": True, "general_pool": {"min_nodes": 3}})
    [cluster] = [one.inputs for one in engine.registered if one.type.endswith(":ManagedCluster")]
    [general] = [one.inputs for one in engine.registered if one.type.endswith(":AgentPool")]
    assert cluster["nodeProvisioningProfile"] == {"mode": "Auto", "defaultNodePools": "None"}
    assert "autoScalerProfile" not in cluster
    for pool, nodes in ((cluster["agentPoolProfiles"][0], 2), (general, 3)):
        assert (pool["count"], pool["enableAutoScaling"], "maxCount" in pool) == (nodes, False, False)


def test_values_that_only_azure_knows_may_be_unknown():
    engine = registered(DEV, preview=True)
    assert engine.names("azure-native:containerservice:ManagedCluster") == ["gpu-dev"]


def test_an_existing_subnet_is_used_as_it_is():
    subnet = "/subscriptions/s/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/v/subnets/gpu"
    engine = registered(
        {**DEV, "resource_group": "theirs", "network": {"existing_subnet": subnet, "nodes": "10.9.0.0/22"}}
    )
    assert engine.names("azure-native:network:VirtualNetwork") == []
    assert engine.names("azure-native:resources:ResourceGroup") == []
    [cluster] = [one.inputs for one in engine.registered if one.type.endswith(":ManagedCluster")]
    assert cluster["agentPoolProfiles"][0]["vnetSubnetID"] == subnet


def test_the_kubeconfig_logs_in_with_kubelogin_and_keeps_certificates():
    made = json.loads(kubeconfig.with_login(encoded(KUBECONFIG), "workloadidentity"))
    login = made["users"][0]["user"]["exec"]
    assert login["args"] == ["get-token", "--login", "workloadidentity", "--server-id", kubeconfig.SERVER_ID]
    assert login["interactiveMode"] == "Never"
    assert made["clusters"] == KUBECONFIG["clusters"]
    local = {**KUBECONFIG, "users": [{"name": "a", "user": {"client-certificate-data": "x"}}]}
    assert json.loads(kubeconfig.with_login(encoded(local), "azurecli"))["users"] == local["users"]


@pytest.mark.parametrize("answer", ["not base64!", encoded(["very-secret"]), encoded("very-secret: [")])
def test_an_answer_that_is_no_kubeconfig_is_not_shown(answer: str):
    with pytest.raises(ValueError, match="no kubeconfig") as refused:
        kubeconfig.with_login(answer, "azurecli")
    assert "very-secret" not in str(refused.value)


REFUSED = [
    ({"location": "West Europe"}, "location = 'West Europe': is no region"),
    ({"kubernetes_version": "1.33.2"}, "channel 'patch' raises the patch by itself"),
    ({"admin_groups": []}, "names at least one group: local accounts are off"),
    ({"admin_groups": ["gpu-admins"]}, "is the object id of a group, a GUID"),
    ({"api": {"private": False}}, "a public API server needs authorized_ranges"),
    ({"api": {"authorized_ranges": ["10.0.0.0/8"]}}, "does not go with a private API server"),
    ({"api": {"private": False, "authorized_ranges": ["0.0.0.0/0"]}}, "lets the whole internet in"),
    ({"system_pool": {"min_nodes": 1}}, "must be 2 or more, or an upgrade takes DNS away"),
    ({"system_pool": {"vm_size": "D8ds"}}, "is no name of a VM size"),
    ({"general_pool": {"max_nodes": 1001}}, "must be 1 to 1000"),
    ({"general_pool": {"max_nodes": 96}}, "the pools have 102 nodes at most"),
    ({"location": "westus", "system_pool": {"zones": ["1"]}}, "region westus has no availability zones"),
    ({"node_auto_provisioning": True, "network": {"pod_subnet": "10.224.64.0/18"}}, "needs Azure CNI overlay"),
    ({"network": {"existing_subnet": "/subscriptions/s"}}, "is needed with existing_subnet"),
    ({"network": {"outbound": "userDefinedRouting"}}, "needs a subnet with a route table"),
    ({"network": {"dns": "ten"}}, "must be an IPv4 address"),
    ({"network": {"outbound": "none"}}, "needs a registry that caches Microsoft's images"),
    ({"network": {"outbound": "nat"}}, "is one of loadBalancer, managedNATGateway, userDefinedRouting"),
    (
        {"node_auto_provisioning": True, "general_pool": {"max_nodes": 3}},
        "general_pool.max_nodes = 3: is min_nodes in a cluster with node auto-provisioning",
    ),
    ({"log_days": 7}, "is 30 to 730"),
    ({"login": "password"}, "is one of azurecli"),
    ({"budget": {"amount_per_month": 0, "emails": ["a@b"], "from_month": "2026-12"}}, "is more than 0"),
    ({"budget": {"amount_per_month": 1, "emails": [], "from_month": "2026-12"}}, "are 1 to 50 addresses"),
    ({"budget": {"amount_per_month": 1, "emails": ["a@b"], "from_month": "12/26"}}, "is written YYYY-MM"),
    ({"cluster_name": "gpu_dev"}, "the name of a cluster is 1 to 54 letters"),
]


@pytest.mark.parametrize(("change", "message"), REFUSED, ids=[case[1] for case in REFUSED])
def test_a_cluster_that_breaks_a_rule_is_refused_before_anything_is_registered(change, message):
    engine = azure_engine()
    with pytest.raises(ArgumentError) as refused:
        AksCluster("gpu-dev", {**DEV, **change})  # type: ignore[arg-type]
    assert message in str(refused.value)
    assert refused.value.source in str(refused.value)
    assert engine.registered == []


def test_local_disks_are_read_from_the_name_of_a_size():
    assert has_local_disk("Standard_D8ds_v5")
    assert has_local_disk("Standard_E4-2ads_v5")
    assert not has_local_disk("Standard_D8s_v5")


def test_objects_inside_go_with_the_cluster():
    azure_engine()
    cluster = AksCluster("gpu-dev", DEV)  # type: ignore[arg-type]
    inside = cluster.inside()
    assert inside.deleted_with is cluster.managed
    assert inside.providers == [cluster.provider]
    assert isinstance(cluster.managed, pulumi.CustomResource)
    assert CREDENTIALS.startswith("azure-native:")
