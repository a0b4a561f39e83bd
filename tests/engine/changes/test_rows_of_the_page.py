"""Rows of docs/change-behaviour.md against the real engine and the simulated Azure: what a row says is what is planned.

One program makes one resource for each row, one `up` brings all of them, and one preview changes one argument of each.
"""

# ruff: noqa: FBT003 - true is a value of arguments here

import copy
from dataclasses import dataclass
from typing import Any

import pytest
from modelyard.components.azure.changes import AZURE_MODEL_CONTAINERS_CHANGES, AZURE_WORKLOAD_IDENTITY_CHANGES
from modelyard.components.azure.cluster.changes import AKS_CLUSTER_CHANGES
from modelyard.components.azure.node_pool.changes import AKS_GPU_POOL_CHANGES
from modelyard.components.common.change import Effect

from tests.engine.clouds.program import Program
from tests.engine.plugins.stack import Run

pytestmark = pytest.mark.engine

OWNED = {"team": "platform", "owner": "platform-team", "cost_center": "cc-1", "environment": "dev"}
GROUP = "11111111-2222-3333-4444-555555555555"

CODE = """
from pulumi_azure_native import resources
from modelyard.components.azure.cluster.component import AksCluster
from modelyard.components.azure.identity import AzureWorkloadIdentity
from modelyard.components.azure.node_pool.component import AksGpuNodePool
from modelyard.components.azure.storage import AzureModelContainers

group = resources.ResourceGroup("data", resource_group_name="data", location="westeurope")
made = pulumi.ResourceOptions(depends_on=[group])
clusters = {name: AksCluster(name, args) for name, args in given["clusters"].items()}
home = clusters["home"]
before = [home]
for name, args in given["pools"].items():
    # AKS works on one pool of a cluster at a time
    pool = AksGpuNodePool(name, {"cluster": home.reference, **args}, pulumi.ResourceOptions(depends_on=before))
    before = [pool]
for name, args in given["containers"].items():
    AzureModelContainers(name, args, made)
for name, args in given["identities"].items():
    AzureWorkloadIdentity(name, {"oidc_issuer": home.oidc_issuer, "container": group.id, **args}, made)
"""

CLUSTER: dict[str, Any] = {
    "ownership": OWNED,
    "location": "westeurope",
    "kubernetes_version": "1.33",
    "admin_groups": [GROUP],
    "registry": False,
    "vault": False,
    "monitoring": False,
    "budget": {"amount_per_month": 100, "emails": ["gpu-costs@example.com"], "from_month": "2026-12"},
}
POOL: dict[str, Any] = {"ownership": OWNED, "instance_type": "Standard_NC24ads_A100_v4", "max_nodes": 2}
SPOT = {**POOL, "spot": True}
CUT = {**POOL, "driver": "cloud", "mig_profile": "1g.10gb"}
LARGE = {**POOL, "instance_type": "Standard_ND96isr_H100_v5", "zones": ["1"]}
CONTAINERS: dict[str, Any] = {"ownership": OWNED, "resource_group": "data", "location": "westeurope", "keep": False}
IDENTITY: dict[str, Any] = {
    "ownership": OWNED,
    "resource_group": "data",
    "location": "westeurope",
    "service_account": "trainer",
}


@dataclass(frozen=True)
class Row:
    """An argument that changes, and the resource on which it is seen: `{}` stands for the component's name."""

    kind: str
    base: dict[str, Any]
    argument: str
    value: Any
    seen_on: str = "{}"
    shares: str = ""
    """Rows of one cluster may change together, where they are seen on different resources."""

    def __str__(self) -> str:
        return f"{self.kind}-{self.argument}"


ROWS = [
    Row("clusters", CLUSTER, "kubernetes_version", "1.34", shares="home"),
    Row("clusters", CLUSTER, "general_pool.vm_size", "Standard_D16ds_v5", "{}-general", shares="home"),
    Row("clusters", CLUSTER, "maintenance.day", "Saturday", "{}-default", shares="home"),
    Row("clusters", CLUSTER, "budget.from_month", "2027-01", "{}-budget", shares="home"),
    Row("clusters", CLUSTER, "network.services", "10.1.0.0/16", shares="second"),
    Row("pools", POOL, "instance_type", "Standard_NC4as_T4_v3"),
    Row("pools", POOL, "max_nodes", 4),
    Row("pools", POOL, "spot", True),
    Row("pools", POOL, "labels", {"example.com/tier": "dev"}),
    Row("pools", CUT, "mig_profile", "2g.20gb"),
    Row("pools", SPOT, "eviction_policy", "Deallocate"),
    Row("pools", POOL, "os_sku", "AzureLinux"),
    Row("pools", POOL, "max_pods", 50),
    Row("pools", LARGE, "fabric", True),
    Row("containers", CONTAINERS, "account_name", "somethingelse", "{}-account"),
    Row("containers", CONTAINERS, "ownership.environment", "test", "{}-account"),
    Row("containers", CONTAINERS, "ownership.owner", "somebody-else", "{}-account"),
    Row("containers", CONTAINERS, "deleted_days", 30, "{}-blobs"),
    Row("identities", IDENTITY, "ownership.owner", "somebody-else"),
    Row("identities", IDENTITY, "ownership.team", "team-b", "{}-trust"),
    Row("identities", IDENTITY, "ownership.environment", "test", "{}-container"),
    Row("identities", IDENTITY, "service_account", "server", "{}-trust"),
    Row("identities", IDENTITY, "read_only", True, "{}-container"),
]

TABLES = {
    "clusters": AKS_CLUSTER_CHANGES,
    "pools": AKS_GPU_POOL_CHANGES,
    "containers": AZURE_MODEL_CONTAINERS_CHANGES,
    "identities": AZURE_WORKLOAD_IDENTITY_CHANGES,
}
PREFIXES = {"pools": "pool", "containers": "data", "identities": "who"}


def name_of(row: Row) -> str:
    return row.shares or f"{PREFIXES[row.kind]}{ROWS.index(row)}"


def changed(args: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """A copy of `args` with one value set; `a.b` goes into a nested object."""
    copied = copy.deepcopy(args)
    *outer, last = path.split(".")
    target = copied
    for key in outer:
        target = target.setdefault(key, {})
    target[last] = value
    return copied


def given(*, after: bool) -> dict[str, Any]:
    """Input of the program: all rows unchanged, or each with its change."""
    components: dict[str, Any] = {kind: {} for kind in TABLES}
    for row in ROWS:
        args = components[row.kind].setdefault(name_of(row), row.base)
        if after:
            components[row.kind][name_of(row)] = changed(args, row.argument, row.value)
    return components


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The preview of all changes at once, after an `up` without them."""
    program = Program(tmp_path_factory.mktemp("changes"), CODE)
    program.go(**given(after=False))
    return program.plan(**given(after=True))


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_change_table_matches_the_engines_plan(row: Row, planned: Run):
    effect = TABLES[row.kind][row.argument].effect
    operations = [one for one in planned.operations(row.seen_on.format(name_of(row))) if one != "same"]
    if effect is Effect.REPLACE:
        assert "replace" in operations, operations
    else:
        assert effect in (Effect.IN_PLACE, Effect.ROLLING)
        assert operations == ["update"], operations
