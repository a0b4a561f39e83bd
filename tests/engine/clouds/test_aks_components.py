"""The components for AKS on the simulated Azure: created, unchanged, repaired, destroyed by the real engine."""

import pytest

from tests.engine.clouds.program import Program
from tools.plugins.clouds import settings

pytestmark = pytest.mark.engine

CODE = """
from modelyard.components.clusters.aks_cluster import AksCluster
from modelyard.components.node_pools.aks_gpu_node_pool import AksGpuNodePool

owned = {"team": "platform", "owner": "platform-team", "cost_center": "cc-1", "environment": given["environment"]}
args = {
    "ownership": owned,
    "location": "westeurope",
    "kubernetes_version": "1.33",
    "admin_groups": ["11111111-2222-3333-4444-555555555555"],
}
cluster = AksCluster("gpu-dev", {**args, **given["cluster"]})
after = pulumi.ResourceOptions(depends_on=[cluster])
for name, pool in given["pools"].items():
    AksGpuNodePool(name, {"cluster": cluster.reference, "ownership": owned, "min_nodes": 0, **pool}, after)
pulumi.export("kubeconfig", cluster.kubeconfig)
"""

GIVEN = {
    "environment": "dev",
    "cluster": {"api": {"private": False, "authorized_ranges": ["192.0.2.0/28"]}},
    "pools": {"a100": {"instance_type": "Standard_NC24ads_A100_v4", "max_nodes": 2}},
}


@pytest.fixture
def program(tmp_path, api_server):
    program = Program(tmp_path, CODE)
    program.extra_environment[settings.KUBECONFIG] = str(api_server.kubeconfig)
    return program


def test_cluster_and_gpu_pool_are_planned_made_and_removed(program):
    planned = program.plan(**GIVEN)
    made = program.go(**GIVEN)
    unchanged = program.go(**GIVEN)
    program.destroy()

    assert planned.changes == made.changes
    assert unchanged.changes == {}
    assert program.in_cloud("azure-native") == {}


def test_pool_without_capacity_leaves_a_state_that_the_next_up_completes(program):
    program.go_wrong({"type": "*:AgentPool", "name": "a100", "fault": "capacity"})

    failed = program.go(fails=True, **GIVEN)
    repaired = program.go(**GIVEN)

    assert "AllocationFailed" in failed.text
    assert repaired.changes == {"update": 1}
