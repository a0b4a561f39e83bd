"""AksCluster: its registered inputs in whole, and the options that its resources carry."""

from pathlib import Path
from typing import Any

import pulumi
import pytest
from modelyard.components.azure.cluster.component import AksCluster
from modelyard.components.azure.cluster.managed_cluster import FIXED
from modelyard.components.azure.cluster.spec import validate_cluster
from modelyard.components.testing import compare
from pulumi import _types
from pulumi_azure_native import containerservice

from tests.components.azure.recorded import (
    SUBSCRIPTION,
    args_class,
    azure_engine,
    golden,
    inputs,
    record,
    unknown_inputs,
    unknown_properties,
)
from tests.components.azure.samples import CLUSTER, OWNERSHIP

GOLDENS = Path(__file__).parent / "goldens"

DEV: dict[str, Any] = {
    **CLUSTER,
    "api": {"private": False, "authorized_ranges": ["192.0.2.0/28", "198.51.100.7/32"]},
}
PROD: dict[str, Any] = {
    **CLUSTER,
    "ownership": {**OWNERSHIP, "environment": "prod"},
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
EXISTING_SUBNETS: dict[str, Any] = {
    **CLUSTER,
    "network": {
        "existing_subnet": f"{SUBSCRIPTION}/subnets/nodes",
        "nodes": "10.9.0.0/22",
        "existing_pod_subnet": f"{SUBSCRIPTION}/subnets/pods",
        "pod_subnet": "10.8.0.0/17",
        "outbound": "userDefinedRouting",
    },
    "resource_group": "theirs",
    "max_nodes": 60,
}
BARE: dict[str, Any] = {
    **CLUSTER,
    "registry": False,
    "vault": False,
    "monitoring": False,
    "maintenance": {"channel": "none"},
}


@pytest.mark.parametrize(("name", "args"), [("aks-cluster-dev", DEV), ("aks-cluster-prod", PROD)])
def test_registered_inputs_are_the_golden_file(name: str, args: dict[str, Any]):
    compare(golden(record(AksCluster, "gpu-dev", args)), GOLDENS / f"{name}.json")


def test_a_given_spec_is_not_validated_again(monkeypatch: pytest.MonkeyPatch):
    spec = validate_cluster("gpu-dev", DEV)  # type: ignore[arg-type]
    monkeypatch.setattr("modelyard.components.azure.cluster.component.validate_cluster", None)
    engine = azure_engine()
    cluster = AksCluster("gpu-dev", DEV, spec=spec)  # type: ignore[arg-type]
    engine.finish()
    assert cluster.spec is spec
    compare(golden(engine), GOLDENS / "aks-cluster-dev.json")


@pytest.mark.parametrize(
    "args",
    [
        pytest.param(DEV, id="dev"),
        pytest.param(PROD, id="prod"),
        pytest.param({**CLUSTER, "node_auto_provisioning": True, "cilium": True}, id="karpenter"),
        pytest.param(
            {**CLUSTER, "cilium": False, "network": {"outbound": "managedNATGateway"}}, id="azure-network-policy"
        ),
        pytest.param(EXISTING_SUBNETS, id="existing-subnets"),
        pytest.param(BARE, id="bare"),
    ],
)
def test_every_sent_property_exists_in_the_sdk(args: dict[str, Any]):
    unknown = unknown_inputs(record(AksCluster, "gpu-dev", args))
    assert len(unknown) >= 10
    assert unknown == {name: [] for name in unknown}


def test_an_unknown_property_is_found_at_any_depth():
    sent = {"networkProfile": {"networkPlugn": "azure"}, "agentPoolProfiles": [{"vmsize": "x"}], "tagz": {}}
    assert unknown_properties(args_class("azure-native:containerservice:ManagedCluster"), sent) == [
        "networkProfile.networkPlugn",
        "agentPoolProfiles[0].vmsize",
        "tagz",
    ]


def test_the_provider_hides_credentials_and_keeps_its_identity():
    changed = {**DEV, "kubernetes_version": "1.34", "max_nodes": 200}
    before, after = (inputs(record(AksCluster, "gpu-dev", args), "kubernetes") for args in (DEV, changed))
    assert before["kubeconfig"] == "<secret>"
    assert before["clusterIdentifier"] == after["clusterIdentifier"]


def test_pools_have_a_fixed_size_beside_auto_provisioning():
    engine = record(AksCluster, "gpu-dev", {**DEV, "node_auto_provisioning": True, "general_pool": {"min_nodes": 3}})
    cluster, general_pool = inputs(engine, "ManagedCluster"), inputs(engine, "AgentPool")
    assert cluster["nodeProvisioningProfile"] == {"mode": "Auto", "defaultNodePools": "None"}
    assert "autoScalerProfile" not in cluster
    for pool, nodes in ((cluster["agentPoolProfiles"][0], 2), (general_pool, 3)):
        assert (pool["count"], pool["enableAutoScaling"], "maxCount" in pool) == (nodes, False, False)


def test_values_that_only_azure_knows_may_be_unknown():
    engine = record(AksCluster, "gpu-dev", DEV, preview=True)
    assert engine.names("azure-native:containerservice:ManagedCluster") == ["gpu-dev"]


def test_an_existing_subnet_is_used_and_no_network_created():
    engine = record(AksCluster, "gpu-dev", EXISTING_SUBNETS)
    assert engine.names("azure-native:network:VirtualNetwork") == []
    assert engine.names("azure-native:resources:ResourceGroup") == []
    assert inputs(engine, "ManagedCluster")["agentPoolProfiles"][0]["vnetSubnetID"] == f"{SUBSCRIPTION}/subnets/nodes"


def test_components_inside_go_with_the_cluster():
    azure_engine()
    cluster = AksCluster("gpu-dev", DEV)  # type: ignore[arg-type]
    child = cluster.child_options()
    assert child.deleted_with is cluster.managed
    assert child.providers == [cluster.provider]
    assert child.depends_on == [cluster.general_pool]
    assert isinstance(cluster.managed, containerservice.ManagedCluster)
    assert isinstance(cluster.general_pool, containerservice.AgentPool)


def test_production_protects_resources_that_cannot_be_recreated(options: dict[str, pulumi.ResourceOptions]):
    record(AksCluster, "gpu", {**CLUSTER, "production": True})
    assert {name for name, opts in options.items() if opts.protect} == {
        "ManagedCluster gpu",
        "Registry gpu-registry",
        "ResourceGroup gpu-group",
        "Vault gpu-vault",
        "VirtualNetwork gpu-network",
    }


def test_other_environments_can_be_destroyed(options: dict[str, pulumi.ResourceOptions]):
    record(AksCluster, "gpu", CLUSTER)
    assert [name for name, opts in options.items() if opts.protect or opts.retain_on_delete] == []


def test_aks_may_change_counts_and_node_versions(options: dict[str, pulumi.ResourceOptions]):
    record(AksCluster, "gpu", CLUSTER)
    assert sorted(options["ManagedCluster gpu"].ignore_changes or []) == [
        "agentPoolProfiles[0].count",
        "agentPoolProfiles[0].orchestratorVersion",
    ]
    assert options["ManagedCluster gpu"].replace_on_changes == list(FIXED)


def test_replacing_inputs_are_inputs_of_the_sdk():
    known = _types.input_type_types(args_class("azure-native:containerservice:ManagedCluster"))
    assert [path for path in FIXED if path.partition(".")[0] not in known] == []
