"""validate_cluster: defaults are filled in, and each broken rule is refused with its whole message."""

from typing import Any, NamedTuple

import pytest
from modelyard.components.azure.cluster.component import AksCluster
from modelyard.components.azure.cluster.managed_cluster import cluster_identifier
from modelyard.components.azure.cluster.spec import has_local_disk, validate_cluster
from modelyard.components.common.errors import ArgumentError

from tests.components.azure.recorded import azure_engine
from tests.components.azure.samples import CLUSTER


class Refusal(NamedTuple):
    """Arguments that replace those of `CLUSTER`, and the message after the cluster's name."""

    id: str
    args: dict[str, Any]
    message: str


BUDGET = {"amount_per_month": 1, "emails": ["a@b"], "from_month": "2026-12"}
API = "AKS, API server authorized IP ranges; checkov CKV_AZURE_6"
ZONES = "Azure reliability, list of regions"

REFUSALS = [
    Refusal(
        "unknown region",
        {"location": "West Europe"},
        "location = 'West Europe': must be a region of Azure's public cloud; did you mean 'westeurope' or "
        f"'northeurope' or 'westus'? ({ZONES})",
    ),
    Refusal(
        "patch beside a channel of patches",
        {"kubernetes_version": "1.33.2"},
        "kubernetes_version = '1.33.2': must not name a patch, because channel 'patch' raises it; write '1.33', or "
        "take channel 'none' (AKS, automatically upgrade a cluster)",
    ),
    Refusal(
        "no administrators",
        {"admin_groups": []},
        "admin_groups = []: must name at least one group, because local accounts are off (AKS, Microsoft Entra "
        "integration)",
    ),
    Refusal(
        "name of a group instead of its id",
        {"admin_groups": ["gpu-admins"]},
        "admin_groups[0] = 'gpu-admins': must be the object id of a group, a GUID, instead of its name (AKS, Microsoft "
        "Entra integration)",
    ),
    Refusal(
        "public API without ranges",
        {"api": {"private": False}},
        "api.private = False: must be true, or api.authorized_ranges must name the ranges that may reach the public "
        f"API server ({API})",
    ),
    Refusal(
        "private API with ranges",
        {"api": {"authorized_ranges": ["10.0.0.0/8"]}},
        "api.authorized_ranges = ['10.0.0.0/8']: must be left out, because no public address reaches a private API "
        f"server; or set api.private to false ({API})",
    ),
    Refusal(
        "API open to the internet",
        {"api": {"private": False, "authorized_ranges": ["192.0.2.0/28", "0.0.0.0/0"]}},
        f"api.authorized_ranges[1] = '0.0.0.0/0': must not be the whole internet; name your networks ({API})",
    ),
    Refusal(
        "one system node",
        {"system_pool": {"min_nodes": 1}},
        "system_pool.min_nodes = 1: must be 2 or more, or an upgrade takes DNS away (AKS, system node pools)",
    ),
    Refusal(
        "unknown VM size",
        {"system_pool": {"vm_size": "D8ds"}},
        "system_pool.vm_size = 'D8ds': must be the name of a VM size, such as 'Standard_D8ds_v5' (Azure, VM size "
        "naming conventions)",
    ),
    Refusal(
        "too many nodes in a pool",
        {"general_pool": {"max_nodes": 1001}},
        "general_pool.max_nodes = 1001: must be 1 to 1000 (AKS, cluster autoscaler)",
    ),
    Refusal(
        "too many nodes in the network",
        {"general_pool": {"max_nodes": 96}},
        "max_nodes = 100: must be 102 or more for the pools, nodes of an upgrade included (system 5, general 97); "
        "raise it or lower theirs (AKS, IP address planning)",
    ),
    Refusal(
        "zones in a region without",
        {"location": "westus", "system_pool": {"zones": ["1"]}},
        f"system_pool.zones = ['1']: must be left out: region westus has no availability zones ({ZONES})",
    ),
    Refusal(
        "auto-provisioning with a pod subnet",
        {"node_auto_provisioning": True, "network": {"pod_subnet": "10.224.64.0/18"}},
        "node_auto_provisioning = True: needs Azure CNI overlay; leave network.pod_subnet out (AKS, node "
        "auto-provisioning networking)",
    ),
    Refusal(
        "auto-provisioning with an autoscaled pool",
        {"node_auto_provisioning": True, "general_pool": {"max_nodes": 3}},
        "general_pool.max_nodes = 3: must be min_nodes beside node auto-provisioning, which AKS refuses together with "
        "the cluster autoscaler (AKS, node auto-provisioning limitations)",
    ),
    Refusal(
        "existing subnet without its range",
        {"network": {"existing_subnet": "/subscriptions/s"}},
        "network.nodes: must be given beside network.existing_subnet: the range of that subnet (AKS, IP address "
        "planning)",
    ),
    Refusal(
        "existing subnet without that of the pods",
        {"network": {"existing_subnet": "/subscriptions/s", "nodes": "10.9.0.0/22", "pod_subnet": "10.8.0.0/17"}},
        "network.pod_subnet = '10.8.0.0/17': needs network.existing_pod_subnet where the subnet of the nodes exists "
        "(AKS, IP address planning)",
    ),
    Refusal(
        "route table without a subnet",
        {"network": {"outbound": "userDefinedRouting"}},
        "network.outbound = 'userDefinedRouting': needs a subnet with a route table: give network.existing_subnet "
        "(AKS, outbound types)",
    ),
    Refusal(
        "gateway beside an existing subnet",
        {"network": {"existing_subnet": "/s", "nodes": "10.9.0.0/22", "outbound": "managedNATGateway"}},
        "network.outbound = 'managedNATGateway': must not be given beside network.existing_subnet, which brings its "
        "own gateway (AKS, outbound types)",
    ),
    Refusal(
        "no way out",
        {"network": {"outbound": "none"}},
        "network.outbound = 'none': needs a registry that caches Microsoft's images for new nodes, which AksCluster "
        "does not create (AKS, network isolated clusters)",
    ),
    Refusal(
        "unknown way out",
        {"network": {"outbound": "nat"}},
        "network.outbound = 'nat': must be one of loadBalancer, managedNATGateway, userDefinedRouting (AKS, outbound "
        "types)",
    ),
    Refusal(
        "DNS that is no address",
        {"network": {"dns": "ten"}},
        "network.dns = 'ten': must be an IPv4 address (AKS, IP address planning)",
    ),
    Refusal(
        "too few days of logs",
        {"log_days": 7},
        "log_days = 7: must be 30 to 730 (Azure Monitor, Log Analytics retention)",
    ),
    Refusal(
        "unknown login",
        {"login": "password"},
        "login = 'password': must be one of azurecli, workloadidentity, msi, spn, devicecode, interactive (AKS, "
        "kubelogin authentication)",
    ),
    Refusal(
        "budget of nothing",
        {"budget": {**BUDGET, "amount_per_month": 0}},
        "budget.amount_per_month = 0: must be more than 0 (Azure, budgets)",
    ),
    Refusal(
        "budget without addresses",
        {"budget": {**BUDGET, "emails": []}},
        "budget.emails = []: must be 1 to 50 addresses (Azure, budgets)",
    ),
    Refusal(
        "budget from no month",
        {"budget": {**BUDGET, "from_month": "12/26"}},
        "budget.from_month = '12/26': must be YYYY-MM (Azure, budgets)",
    ),
    Refusal(
        "name that is no DNS prefix",
        {"cluster_name": "gpu_dev"},
        "cluster_name = 'gpu_dev': must be a cluster name: 1 to 54 letters, digits and '-', with a letter or digit at "
        "both ends, because it is the DNS prefix as well (Azure, naming rules and restrictions for Azure resources)",
    ),
]


@pytest.mark.parametrize("refusal", REFUSALS, ids=[refusal.id for refusal in REFUSALS])
def test_a_broken_rule_is_refused_before_registering(refusal: Refusal):
    args: Any = {**CLUSTER, **refusal.args}
    with pytest.raises(ArgumentError) as error:
        validate_cluster("gpu-dev", args)
    assert str(error.value) == f"gpu-dev: {refusal.message}"

    engine = azure_engine()
    with pytest.raises(ArgumentError) as same_error:
        AksCluster("gpu-dev", args)
    assert same_error.value.argument == error.value.argument
    assert engine.registered == []


def test_only_a_replaced_cluster_has_another_identifier():
    changes: list[Any] = [{}, {"location": "northeurope"}, {"cluster_name": "b"}, {"max_nodes": 200}]
    specs = [validate_cluster("gpu-dev", {**CLUSTER, **change}) for change in changes]  # type: ignore[typeddict-item]
    first, *replaced, unchanged = [cluster_identifier(spec) for spec in specs]
    assert first == unchanged
    assert len({first, *replaced}) == 3


@pytest.mark.parametrize(
    ("vm_size", "local_disk"),
    [("Standard_D8ds_v5", True), ("Standard_E4-2ads_v5", True), ("Standard_D8s_v5", False), ("D8ds", False)],
)
def test_the_name_of_a_size_tells_its_local_disk(vm_size: str, *, local_disk: bool):
    assert has_local_disk(vm_size) is local_disk
