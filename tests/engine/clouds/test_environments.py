"""Each environment's life: fails half-way, is completed by the next `up`, stays as it is, changes, and goes.

Engine, program, and everything inside the cluster are the real ones; the clouds are simulated. One test goes through
all of a life, because every part of it needs what the parts before have left.
"""

import pytest

from tests.engine.clouds import in_cluster
from tests.engine.clouds.environment import Environment
from tests.engine.clouds.rosa import RosaCloud

pytestmark = pytest.mark.engine

#: Types of the resources that production keeps on purpose.
KEPT_IN_AZURE = {
    "azure-native:resources:ResourceGroup",
    "azure-native:storage:StorageAccount",
    "azure-native:storage:BlobContainer",
    "azure-native:storage:BlobServiceProperties",
}
KEPT_IN_AWS = {
    "aws:kms/key:Key",  # without it nobody reads what is in the buckets
    "aws:s3/bucket:Bucket",
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
    "aws:s3/bucketPolicy:BucketPolicy",
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    "aws:s3/bucketVersioning:BucketVersioning",
}

AGENT_POOL = "azure-native:containerservice:AgentPool"


@pytest.fixture
def server():
    """A cluster of the test's own: what an environment leaves in it is what goes with a real one."""
    with in_cluster.cluster() as server:
        yield server


def test_aks_dev_gets_its_spot_nodes_once_capacity_returns(tmp_path, server):
    stack = Environment(tmp_path, "aks-dev", server.kubeconfig)
    stack.go_wrong({"type": AGENT_POOL, "name": "t4", "fault": "capacity"})

    failed = stack.go(fails=True)
    completed = stack.go()
    state = stack.state
    unchanged = stack.refreshed()
    grown = stack.go(node_pools=stack.pools(max_nodes=3))
    stack.destroy()

    assert "AllocationFailed" in failed.text
    assert stack.names(completed, "update") == {"t4"}
    assert "prose-job" in state
    assert unchanged.changes == {}
    assert grown.differences("t4") == {"maxCount": "update"}
    assert stack.in_cloud("azure-native") == {}


def test_aks_prod_survives_faults_and_an_accidental_destroy(tmp_path, server):
    stack = Environment(tmp_path, "aks-prod", server.kubeconfig)
    stack.go_wrong(
        {"type": AGENT_POOL, "name": "serve", "fault": "throttled", "times": 2},
        {"type": AGENT_POOL, "name": "train", "fault": "quota"},
        {"type": AGENT_POOL, "name": "trial", "fault": "timeout"},
    )

    first = stack.go(fails=True)
    second = stack.go(fails=True)
    completed = stack.go()
    unchanged = stack.refreshed()
    charged = stack.go(cluster={"cost_center": "product"})
    before = stack.state, stack.in_cloud("azure-native")
    refused = stack.refused_destroy()
    after = stack.state, stack.in_cloud("azure-native")
    stack.unprotect()
    stack.destroy()
    kept = stack.types_in_cloud("azure-native")

    assert any("throttled" in status for status in first.statuses)
    assert "QuotaExceeded" in first.text
    assert stack.names(second, "create") >= {"train", "trial"}
    assert stack.names(completed, "update") == {"trial"}
    assert unchanged.changes == {}
    # Tags and labels of what belongs to the platform; nothing is made anew for them.
    assert set(charged.changes) == {"update"}
    assert {"serve", "train", "trial", "aks-prod-network"} <= stack.names(charged, "update")
    assert "protected" in refused.text
    assert after == before
    # Models and checkpoints stay, with the group that they are in.
    assert kept == KEPT_IN_AZURE


def test_openshift_onprem_is_completed_once_a_host_is_free(tmp_path, server):
    for kind in in_cluster.MACHINE_KINDS:
        in_cluster.define(server, in_cluster.machine_kind(kind))
    in_cluster.make(server, "/api/v1/namespaces", {"metadata": {"name": "openshift-machine-api"}})
    few = "object.metadata.name != 'serve-a100'"
    in_cluster.refuse(server, "machine.openshift.io", "machinesets", few, "no host with a free A100")
    stack = Environment(tmp_path, "openshift-onprem", server.kubeconfig)

    failed = stack.go(fails=True)
    in_cluster.relent(server)
    completed = stack.go()
    unchanged = stack.refreshed()
    grown = stack.go(node_pools=stack.pools(max_nodes=5), cluster={"max_nodes": 16})
    machines = in_cluster.names(server, "machine.openshift.io/v1beta1", "machinesets")
    stack.destroy()

    assert "no host with a free A100" in failed.text
    assert {"serve-a100-machines", "serve-a100-autoscaler"} <= stack.names(completed, "create")
    assert unchanged.changes == {}
    assert stack.names(grown, "update") == {"train-l40s-autoscaler", "autoscaler-autoscaler"}
    assert machines == {"train-l40s", "serve-a100"}
    assert in_cluster.names(server, "machine.openshift.io/v1beta1", "machinesets") == set()
    assert in_cluster.names(server, "kueue.x-k8s.io/v1beta2", "clusterqueues") == set()


def test_rosa_dev_survives_lost_answers_and_a_refused_pool(tmp_path, server):
    with RosaCloud(server) as ocm:
        stack = Environment(tmp_path, "rosa-dev", server.kubeconfig)
        stack.extra_environment |= ocm.environment()
        stack.go_wrong({"type": "aws:iam/role:Role", "fault": "throttled", "times": 2})
        ocm.fault("POST", "/oidc_configs", status=429)
        ocm.fault("POST", "/clusters", status=502, after=True)
        ocm.fault("POST", "/node_pools", status=403)

        failed = stack.go(fails=True)
        completed = stack.go()
        unchanged = stack.refreshed()
        grown = stack.go(node_pools=stack.pools(max_nodes=3))
        stack.destroy()

        created = [body["name"] for body in ocm.bodies("POST", "/clusters")]
        remaining = ocm.clusters
    assert "403" in failed.text
    assert "rosa-dev" in stack.names(failed, "create")
    assert created == ["rosa-dev"]
    assert "t4" in stack.names(completed, "create")
    assert unchanged.changes == {}
    assert stack.names(grown, "update") == {"t4"}
    assert remaining == {}
    assert stack.in_cloud("aws") == {}


def test_rosa_prod_survives_late_nodes_and_a_destroy(tmp_path, server):
    with RosaCloud(server) as ocm:
        stack = Environment(tmp_path, "rosa-prod", server.kubeconfig)
        stack.extra_environment |= ocm.environment()
        ocm.short_of = "serve"

        failed = stack.go(fails=True)
        ocm.short_of = None
        completed = stack.go()
        unchanged = stack.refreshed()
        charged = stack.go(cluster={"cost_center": "product"})
        before = stack.state, stack.in_cloud("aws")
        refused = stack.refused_destroy()
        after = stack.state, stack.in_cloud("aws")
        stack.go(cluster={"cost_center": "product", "rosa": {"production": False}})
        stack.unprotect()
        stack.destroy()

        remaining = ocm.clusters
        kept = stack.types_in_cloud("aws")
    assert "node pool 'serve' failed: InsufficientInstanceCapacity" in failed.text
    assert "serve-ready" in stack.names(completed, "create")
    assert unchanged.changes == {}
    assert set(charged.changes) == {"update"}
    assert "protected" in refused.text
    assert after == before
    assert remaining == {}
    assert kept == KEPT_IN_AWS
