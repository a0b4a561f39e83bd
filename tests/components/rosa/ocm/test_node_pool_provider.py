"""Provider of node pools, against a Cluster Manager that is strict, slow, and loses answers."""

from datetime import timedelta

import pytest
from modelyard.components.rosa.ocm.errors import ForeignError, OcmError
from modelyard.components.rosa.ocm.resources import node_pool
from modelyard.components.rosa.ocm.resources.node_pool import HcpNodePoolProvider, HcpNodePoolReadyProvider

from tests.components.rosa.ocm.conftest import pool, ready_cluster
from tests.components.rosa.ocm.server import FakeOcm


def test_pool_is_created_once_changed_refreshed_and_drained(ocm: FakeOcm):
    cluster_id, _ = ready_cluster(ocm)
    provider = HcpNodePoolProvider()
    ocm.fault("POST", "/node_pools", status=502, after=True)
    first = provider.create(pool(cluster_id))
    assert provider.create(pool(cluster_id)).id == first.id == f"{cluster_id}/l4"
    [sent] = ocm.bodies("POST", "/node_pools")
    assert sent["autoscaling"] == {"min_replica": 0, "max_replica": 4}
    assert sent["aws_node_pool"]["tags"] == {"modelyard-owner": "pulumi:modelyard:test:l4"}

    fixed = pool(cluster_id, replicas=2.0, labels={})
    del fixed["autoscaling"]
    old = dict(first.outs or {})
    assert provider.diff(first.id, old, fixed).replaces == []
    provider.update(first.id, old, fixed)
    assert ocm.bodies("PATCH", "/l4") == [{"labels": {}, "replicas": 2}]
    HcpNodePoolReadyProvider().create({"pool": first.id, "nodes": 2.0})

    ocm.children[cluster_id]["node_pools"]["l4"]["replicas"] = 7  # somebody in the console
    drifted = provider.read(first.id, {**fixed, "state": ""})
    assert provider.diff(first.id, drifted.outs or {}, fixed).changes
    provider.delete(first.id, {})
    assert ocm.children[cluster_id]["node_pools"] == {}
    assert provider.read(first.id, fixed).id is None


def test_foreign_pool_is_refused(ocm: FakeOcm):
    cluster_id, _ = ready_cluster(ocm)
    HcpNodePoolProvider().create(pool(cluster_id))
    with pytest.raises(ForeignError, match="node pool 'l4' exists and belongs to"):
        HcpNodePoolProvider().create(pool(cluster_id, owner="pulumi:modelyard:prod:l4"))


def test_missing_nodes_are_reported_and_the_pool_is_kept(ocm: FakeOcm, monkeypatch):

    monkeypatch.setattr(node_pool, "READY_LIMIT", timedelta(seconds=0.05))
    cluster_id, _ = ready_cluster(ocm)
    created = HcpNodePoolProvider().create(pool(cluster_id))
    ocm.nodes_stuck = "InsufficientInstanceCapacity"
    with pytest.raises(OcmError, match="0 of 1 nodes InsufficientInstanceCapacity"):
        HcpNodePoolReadyProvider().create({"pool": created.id, "nodes": 1})
    ocm.nodes_stuck = None
    ocm.children[cluster_id]["node_pools"]["l4"]["replicas"] = 1
    HcpNodePoolReadyProvider().create({"pool": created.id, "nodes": 1})  # the next up


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"replicas": 1.0}, "give either replicas or autoscaling"),
        ({"autoscaling": {"min_replica": 5, "max_replica": 4}}, "min_replica is above"),
        ({"id": "GPU"}, "String should match pattern"),
        ({"autoscaling": {"min_replica": 0.5, "max_replica": 4}}, "fractional part"),
        ({"autoscaling": {"min_replicas": 1, "max_replica": 4}}, "Extra inputs are not permitted"),
        ({"aws_node_pool": {"instance_type": "x", "root_volume": {"size": 50}}}, "greater than or equal to 75"),
        (
            {
                "aws_node_pool": {
                    "instance_type": "x",
                    "spot_market_options": {"max_price": "1"},
                    "capacity_reservation": {"id": "cr-1"},
                }
            },
            "exclude each other",
        ),
    ],
    ids=str,
)
def test_invalid_pool_is_refused_without_a_request(ocm: FakeOcm, changes, message):
    failures = HcpNodePoolProvider().check({}, pool("c1", **changes)).failures
    assert message in " ".join(f"{failure.property} {failure.reason}" for failure in failures)
    assert ocm.requests == []
