"""AksGpuNodePool: its registered inputs in whole, its options, and the example of the page."""

import re
from pathlib import Path
from typing import Any

import pulumi
import pytest
from modelyard.components.azure.cluster.component import AksCluster
from modelyard.components.azure.node_pool.component import FIXED, AksGpuNodePool
from modelyard.components.azure.node_pool.spec import validate_node_pool
from modelyard.components.testing import compare
from pulumi import _types

from tests.components.azure.recorded import (
    SUBSCRIPTION,
    args_class,
    azure_engine,
    golden,
    inputs,
    record,
    unknown_inputs,
)
from tests.components.azure.samples import A100, CLUSTER, H100, POOL, REFERENCE, RESERVATION, T4

GOLDENS = Path(__file__).parent / "goldens"
PAGE = Path(__file__).resolve().parents[3] / "docs" / "components" / "aks.md"

POOLS: dict[str, dict[str, Any]] = {
    "aks-pool-spot-from-zero": {**A100, "spot": True, "labels": {"example.com/tier": "dev"}},
    "aks-pool-infiniband": {**H100, "fabric": True, "zones": ["2"], "min_nodes": 2},
    "aks-pool-mig-by-aks": {**A100, "mig_profile": "3g.40gb", "driver": "cloud", "max_surge": "33%"},
    "aks-pool-mig-by-operator": {**A100, "mig_profile": "1g.10gb", "taints": ["example.com/team=a:NoSchedule"]},
    "aks-pool-reserved": {**H100, "capacity_reservation": RESERVATION, "min_nodes": 4, "kubernetes_version": "1.32"},
}


@pytest.mark.parametrize("name", POOLS)
def test_registered_inputs_are_the_golden_file(name: str):
    engine = record(AksGpuNodePool, "gpupool", POOLS[name])
    compare(golden(engine), GOLDENS / f"{name}.json")
    unknown = unknown_inputs(engine)
    assert unknown == {resource: [] for resource in unknown} != {}


def test_a_given_spec_is_not_validated_again(monkeypatch: pytest.MonkeyPatch):
    args: Any = POOLS["aks-pool-reserved"]
    spec = validate_node_pool("gpupool", args)
    monkeypatch.setattr("modelyard.components.azure.node_pool.component.validate_node_pool", None)
    engine = azure_engine()
    pool = AksGpuNodePool("gpupool", args, spec=spec)
    engine.finish()
    assert pool.spec is spec
    compare(golden(engine), GOLDENS / "aks-pool-reserved.json")


def test_former_names_of_arguments_register_the_same():
    spot = {**A100, "spot": True}
    for former, today in (
        ({**spot, "spot_max_price": 2.5}, {**spot, "max_price": 2.5}),
        ({**H100, "zones": ["2"], "infiniband": True}, {**H100, "zones": ["2"], "fabric": True}),
    ):
        first, second = (record(AksGpuNodePool, "gpupool", args) for args in (former, today))
        assert golden(first) == golden(second)


def test_the_autoscaler_owns_the_count_and_aks_the_version(options: dict[str, pulumi.ResourceOptions]):
    engine = azure_engine()
    cluster = AksCluster("gpu", CLUSTER)  # type: ignore[arg-type]
    args: Any = {**T4, "cluster": cluster.reference}
    AksGpuNodePool("t4", args, pulumi.ResourceOptions(deleted_with=cluster.managed))
    engine.finish()
    assert options["AgentPool t4"].ignore_changes == ["count", "orchestratorVersion"]
    assert options["AgentPool t4"].replace_on_changes == list(FIXED)
    assert options["AgentPool t4"].delete_before_replace is True
    assert options["AgentPool t4"].deleted_with is cluster.managed
    assert options["AgentPool gpu-general"].deleted_with is cluster.managed


def test_a_pool_of_fixed_size_keeps_count_and_version(options: dict[str, pulumi.ResourceOptions]):
    engine = record(AksGpuNodePool, "t4", {**T4, "min_nodes": 2, "max_nodes": 2, "kubernetes_version": "1.32"})
    assert options["AgentPool t4"].ignore_changes == []
    pool = inputs(engine, "AgentPool")
    assert (pool["count"], pool["enableAutoScaling"], "minCount" in pool) == (2, False, False)


def test_replacing_inputs_are_inputs_of_the_sdk():
    known = _types.input_type_types(args_class("azure-native:containerservice:AgentPool"))
    assert [path for path in FIXED if path.partition(".")[0] not in known] == []


def test_the_example_of_the_page_runs():
    engine = azure_engine()
    example = re.search(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert example is not None
    code = example[1].replace("<object id of an Entra group>", "11111111-2222-3333-4444-555555555555")
    exec(compile(code, str(PAGE), "exec"), {})  # noqa: S102 - the text is ours
    engine.finish()
    assert engine.names("azure-native:containerservice:AgentPool") == ["a100", "gpu-dev-general"]


ATTACHED: dict[str, Any] = {
    **POOL,
    "cluster": {
        **REFERENCE,
        "pod_subnet": f"{SUBSCRIPTION}/subnets/pods",
        "kubeconfig": "{}",
        "pods_per_node": 110,
        "node_channel": "NodeImage",
        "node_auto_provisioning": False,
        "vcpu_quota": {},
    },
    "zones": ["1"],
    "pool_name": "gpus",
}
"""Pool of a cluster whose reference has every key."""

FABRIC = {**ATTACHED, "instance_type": "Standard_ND96isr_H100_v5", "fabric": True, "driver": "operator"}
EVERY_ARGUMENT: dict[str, dict[str, Any]] = {
    "spot": {
        **ATTACHED,
        "instance_type": "Standard_NC24ads_A100_v4",
        "spot": True,
        "eviction_policy": "Deallocate",
        "max_price": 2.5,
        "labels": {"example.com/tier": "dev"},
        "taints": ["example.com/team=a:NoSchedule"],
        "os_sku": "AzureLinux",
        "disk_gib": 512,
        "ephemeral_disk": False,
        "max_pods": 50,
    },
    "mig": {**ATTACHED, "instance_type": "Standard_NC24ads_A100_v4", "driver": "cloud", "mig_profile": "1g.10gb"},
    "placed": {
        **FABRIC,
        "placement_group": f"{SUBSCRIPTION}/proximityPlacementGroups/near",
        "kubernetes_version": "1.32",
    },
    "reserved": {
        **FABRIC,
        "capacity_reservation": RESERVATION,
        "min_nodes": 2,
        "max_surge": "33%",
        "drain_minutes": 30,
    },
    "preset": {**ATTACHED, "for_preset": "gpt2", "task": "lora"},
    "former names": {
        **ATTACHED,
        "instance_type": "Standard_ND96isr_H100_v5",
        "spot": True,
        "infiniband": True,
        "spot_max_price": 9.0,
    },
}


def test_the_samples_name_every_argument():
    named = {key for args in EVERY_ARGUMENT.values() for key in args}
    assert named == set(AksGpuNodePool.__init__.__annotations__["args"].__annotations__)


@pytest.mark.parametrize("name", EVERY_ARGUMENT)
def test_every_argument_becomes_a_property_of_the_sdk(name: str):
    unknown = unknown_inputs(record(AksGpuNodePool, "gpupool", EVERY_ARGUMENT[name]))
    assert unknown == {resource: [] for resource in unknown} != {}
