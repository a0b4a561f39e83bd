"""A cluster of that name that somebody else made: refused, never overwritten, never deleted."""

import pytest

from simulator.clouds import settings
from tests.engine.clouds.program import Program

pytestmark = pytest.mark.engine

THEIRS = """
from pulumi_azure_native import containerservice, resources

group = resources.ResourceGroup("shared", resource_group_name="shared", location="westeurope")
containerservice.ManagedCluster(
    "gpu", resource_group_name=group.name, resource_name_="gpu", location="westeurope", dns_prefix="gpu",
    tags={"team": "theirs"}, agent_pool_profiles=[{"name": "system", "mode": "System", "count": 1, "vm_size": "D8"}],
)
"""
OURS = """
from modelyard.components.azure.cluster.component import AksCluster

AksCluster("gpu", {
    "ownership": {"team": "ours", "owner": "o", "cost_center": "c", "environment": "dev"},
    "location": "westeurope", "kubernetes_version": "1.33", "resource_group": "shared",
    "admin_groups": ["11111111-2222-3333-4444-555555555555"],
    "registry": False, "vault": False, "monitoring": False,
})
"""


def test_existing_cluster_is_refused_and_unchanged(tmp_path):
    for folder in ("theirs", "ours"):
        (tmp_path / folder).mkdir()
    theirs, ours = Program(tmp_path / "theirs", THEIRS), Program(tmp_path / "ours", OURS)
    ours.extra_environment[settings.FOLDER] = str(theirs.clouds)
    theirs.go()
    before = theirs.in_cloud("azure-native")["gpu"]

    failed = ours.go(fails=True)
    ours.destroy()

    assert "cannot create already existing resource" in failed.text
    assert "adopt it with `pulumi import`" in failed.text
    assert theirs.in_cloud("azure-native")["gpu"] == before
    assert before["inputs"]["tags"] == {"team": "theirs"}
