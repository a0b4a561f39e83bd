"""What Pulumi is told besides the inputs: what is protected, replaced, or AKS' own; and the example of the page."""

import re
from pathlib import Path
from typing import Any

import pulumi
import pytest
from modelyard.components.azure.cluster.component import AksCluster
from modelyard.components.azure.cluster.managed_cluster import FIXED as CLUSTER_FIXED
from modelyard.components.azure.node_pool.component import FIXED as POOL_FIXED
from modelyard.components.azure.node_pool.component import AksGpuNodePool
from pulumi import _types

from tests.components.azure.recorded import args_class, azure_engine

PAGE = Path(__file__).resolve().parents[3] / "docs" / "components" / "aks.md"
OWNERSHIP = {"team": "platform", "owner": "platform-team", "cost_center": "cc-1", "environment": "dev"}
CLUSTER: dict[str, Any] = {
    "ownership": OWNERSHIP,
    "location": "westeurope",
    "kubernetes_version": "1.33",
    "admin_groups": ["11111111-2222-3333-4444-555555555555"],
}


@pytest.fixture
def options(monkeypatch: pytest.MonkeyPatch) -> dict[str, pulumi.ResourceOptions]:
    """The options of each resource that is registered, by `Kind name`."""
    seen: dict[str, pulumi.ResourceOptions] = {}
    original = pulumi.CustomResource.__init__

    def noting(self: Any, token: str, name: str, *rest: Any, **more: Any) -> None:
        seen[f"{token.rpartition(':')[2]} {name}"] = next(
            one for one in (*rest, *more.values()) if isinstance(one, pulumi.ResourceOptions)
        )
        original(self, token, name, *rest, **more)

    monkeypatch.setattr(pulumi.CustomResource, "__init__", noting)
    return seen


def test_a_production_cluster_is_protected_with_all_that_cannot_be_made_again(options):
    engine = azure_engine()
    AksCluster("gpu", {**CLUSTER, "production": True})  # type: ignore[arg-type]
    engine.finish()
    assert {name for name, one in options.items() if one.protect} == {
        "ManagedCluster gpu",
        "Registry gpu-registry",
        "ResourceGroup gpu-group",
        "Vault gpu-vault",
        "VirtualNetwork gpu-network",
    }


def test_outside_production_nothing_stands_in_the_way_of_a_destroy(options):
    engine = azure_engine()
    AksCluster("gpu", CLUSTER)  # type: ignore[arg-type]
    engine.finish()
    assert [name for name, one in options.items() if one.protect or one.retain_on_delete] == []


def test_node_counts_belong_to_the_autoscaler_and_fixed_inputs_replace(options):
    engine = azure_engine()
    cluster = AksCluster("gpu", CLUSTER)  # type: ignore[arg-type]
    pool: Any = {
        "cluster": cluster.reference,
        "ownership": OWNERSHIP,
        "max_nodes": 2,
        "instance_type": "Standard_NC4as_T4_v3",
    }
    AksGpuNodePool(
        "t4",
        pool,
        pulumi.ResourceOptions(deleted_with=cluster.managed),
    )
    engine.finish()
    assert sorted(options["ManagedCluster gpu"].ignore_changes or []) == [
        "agentPoolProfiles[0].count",
        "agentPoolProfiles[0].orchestratorVersion",
    ]
    assert options["ManagedCluster gpu"].replace_on_changes == list(CLUSTER_FIXED)
    assert options["AgentPool t4"].ignore_changes == ["count", "orchestratorVersion"]
    assert options["AgentPool t4"].replace_on_changes == list(POOL_FIXED)
    assert options["AgentPool t4"].delete_before_replace is True
    assert options["AgentPool t4"].deleted_with is cluster.managed
    assert options["AgentPool gpu-general"].deleted_with is cluster.managed


def test_a_pool_of_fixed_size_keeps_its_count(options):
    engine = azure_engine()
    cluster: Any = {
        "name": "gpu",
        "resource_group": "gpu",
        "location": "westeurope",
        "kubernetes_version": "1.33",
        "node_subnet": "subnet",
    }
    args: Any = {"cluster": cluster, "ownership": OWNERSHIP, "min_nodes": 2, "max_nodes": 2}
    args |= {"instance_type": "Standard_NC4as_T4_v3", "kubernetes_version": "1.32"}
    AksGpuNodePool("t4", args)
    engine.finish()
    assert options["AgentPool t4"].ignore_changes == []
    [made] = [one.inputs for one in engine.registered if one.type.endswith(":AgentPool")]
    assert (made["count"], made["enableAutoScaling"], "minCount" in made) == (2, False, False)


@pytest.mark.parametrize(("token", "fixed"), [("ManagedCluster", CLUSTER_FIXED), ("AgentPool", POOL_FIXED)])
def test_inputs_that_replace_are_inputs_of_the_sdk(token: str, fixed: tuple[str, ...]):
    known = _types.input_type_types(args_class(f"azure-native:containerservice:{token}"))
    assert [one for one in fixed if one.partition(".")[0] not in known] == []


def test_the_example_of_the_page_runs():
    engine = azure_engine()
    found = re.search(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert found is not None
    code = found[1].replace("<object id of an Entra group>", "11111111-2222-3333-4444-555555555555")
    exec(compile(code, str(PAGE), "exec"), {})  # noqa: S102 - the text is ours
    engine.finish()
    assert engine.names("azure-native:containerservice:AgentPool") == ["a100", "gpu-dev-general"]
