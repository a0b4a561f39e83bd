"""The tables of changes: every argument has its line, what is said to be replaced is, and the page shows the same."""

from pathlib import Path

from modelyard.components.change import Change, Effect, table
from modelyard.components.clusters.aks_arguments import (
    AksApiArgs,
    AksClusterArgs,
    AksNetworkArgs,
    AksPoolArgs,
)
from modelyard.components.clusters.aks_changes import AKS_CLUSTER_CHANGES
from modelyard.components.node_pools.aks_gpu_changes import AKS_GPU_POOL_CHANGES
from modelyard.components.node_pools.aks_gpu_rules import AksGpuNodePoolArgs

NESTED = {"network": AksNetworkArgs, "api": AksApiArgs, "system_pool": AksPoolArgs, "general_pool": AksPoolArgs}
PAGE = Path(__file__).resolve().parents[2] / "docs" / "components" / "aks.md"


def test_every_argument_of_the_cluster_has_its_line():
    wanted = set()
    for name in AksClusterArgs.__annotations__:
        wanted |= {f"{name}.{inner}" for inner in NESTED[name].__annotations__} if name in NESTED else {name}
    assert set(AKS_CLUSTER_CHANGES) == wanted


def test_every_argument_of_a_pool_has_its_line():
    assert set(AKS_GPU_POOL_CHANGES) == set(AksGpuNodePoolArgs.__annotations__)


def test_the_page_shows_both_tables():
    page = PAGE.read_text()
    assert table(AKS_CLUSTER_CHANGES) in page
    assert table(AKS_GPU_POOL_CHANGES) in page


def test_a_table_is_markdown():
    assert table({"a": Change(Effect.REPLACE, "why")}).splitlines()[-1] == "| `a` | replace | why |"
