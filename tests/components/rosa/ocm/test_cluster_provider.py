"""Provider of clusters, against a Cluster Manager that is strict, slow, and loses answers."""

import json
from datetime import timedelta

import pytest
from modelyard.components.rosa.ocm import waiting
from modelyard.components.rosa.ocm.errors import ApiError, DifferentError, ForeignError, OcmError, ProvisionError
from modelyard.components.rosa.ocm.resources.cluster import HcpClusterProvider, HcpClusterReadyProvider
from modelyard.components.rosa.ocm.upgrades import GateError

from tests.components.rosa.ocm.conftest import accepted_cluster, cluster, ready_cluster
from tests.components.rosa.ocm.server import FakeOcm


def test_cluster_is_created_awaited_refreshed_and_deleted(ocm: FakeOcm):
    cluster_id, outs = accepted_cluster(ocm)
    assert outs["state"] == "pending"
    waited = HcpClusterReadyProvider().create({"cluster_id": cluster_id, "version": "4.20.1"})
    assert waited.outs == {
        "cluster_id": cluster_id,
        "version": "4.20.1",
        "api_url": f"{ocm.url}/kube/{cluster_id}",
        "console_url": "https://console.gpu1.example",
        "base_domain": "gpu1.p3.openshiftapps.com",
        "running_version": "4.20.1",
    }
    read = HcpClusterProvider().read(cluster_id, outs)
    assert (
        not HcpClusterProvider()
        .diff(cluster_id, read.outs or {}, cluster(ocm.clusters[cluster_id]["aws"]["sts"]["oidc_config"]["id"]))
        .changes
    )
    HcpClusterProvider().delete(cluster_id, outs)
    assert ocm.clusters == {}
    assert HcpClusterProvider().read(cluster_id, outs).id is None
    HcpClusterProvider().delete(cluster_id, outs)


@pytest.mark.parametrize("hang_up", [False, True])
def test_lost_answer_creates_no_second_cluster(ocm: FakeOcm, hang_up):
    ocm.fault("POST", "/clusters", status=500, after=True, hang_up=hang_up)
    cluster_id, _ = accepted_cluster(ocm)
    assert list(ocm.clusters) == [cluster_id]
    assert len(ocm.bodies("POST", "/clusters")) == 1


def test_cluster_of_a_killed_run_is_adopted(ocm: FakeOcm):
    cluster_id, outs = accepted_cluster(ocm)  # and then the process dies: the state has nothing
    again = HcpClusterProvider().create(outs)
    assert again.id == cluster_id
    assert list(ocm.clusters) == [cluster_id]


def test_adopted_cluster_gets_changed_settings(ocm: FakeOcm):
    cluster_id, outs = ready_cluster(ocm)
    queue = "https://sqs.us-east-1.amazonaws.com/123456789012/q"
    again = HcpClusterProvider().create({**outs, "aws": {**outs["aws"], "termination_handler_queue_url": queue}})
    assert again.id == cluster_id
    assert HcpClusterProvider().read(cluster_id, again.outs or {}).outs["aws"]["termination_handler_queue_url"] == queue  # type: ignore[index]


def test_foreign_cluster_is_refused_and_left_alone(ocm: FakeOcm):
    cluster_id, outs = accepted_cluster(ocm)
    before = json.dumps(ocm.clusters[cluster_id]["properties"])
    with pytest.raises(ForeignError, match="cluster 'gpu1' exists and belongs to 'pulumi:modelyard:test:gpu1'"):
        HcpClusterProvider().create({**outs, "owner": "pulumi:other:prod:gpu1"})
    del ocm.clusters[cluster_id]["properties"]["modelyard_owner"]
    with pytest.raises(ForeignError, match="was made by somebody else"):
        HcpClusterProvider().create(outs)
    assert json.loads(before).keys() - ocm.clusters[cluster_id]["properties"].keys() == {"modelyard_owner"}
    assert not [request for request in ocm.requests if request[0] in ("PATCH", "DELETE")]


def test_cluster_with_fixed_differences_is_not_adopted(ocm: FakeOcm):
    _, outs = accepted_cluster(ocm)
    with pytest.raises(DifferentError, match=r"region\.id is 'us-east-1', wanted 'eu-west-1'"):
        HcpClusterProvider().create({**outs, "region": {"id": "eu-west-1"}})


def test_failed_installation_is_reported_with_its_reason(ocm: FakeOcm):
    ocm.install_fails = ("OCM3055", "subnets do not reach the internet")
    cluster_id, outs = accepted_cluster(ocm)
    with pytest.raises(ProvisionError, match="OCM3055: subnets do not reach the internet"):
        HcpClusterReadyProvider().create({"cluster_id": cluster_id, "version": "4.20.1"})
    HcpClusterProvider().delete(cluster_id, outs)
    assert ocm.clusters == {}


def test_delete_protection_prevents_a_deletion(ocm: FakeOcm):
    cluster_id, outs = ready_cluster(ocm, delete_protection={"enabled": True})
    with pytest.raises(ApiError, match="protected from deletion"):
        HcpClusterProvider().delete(cluster_id, outs)
    HcpClusterProvider().update(cluster_id, outs, {**outs, "delete_protection": {"enabled": False}})
    HcpClusterProvider().delete(cluster_id, outs)
    assert ocm.clusters == {}


def test_upgrade_needs_acknowledged_gates_and_goes_only_up(ocm: FakeOcm):
    cluster_id, outs = ready_cluster(ocm)
    ocm.gates = [{"kind": "VersionGate", "id": "g1", "warning_message": "APIs are removed"}]
    newer = {**outs, "version": {"id": "openshift-v4.21.3", "channel_group": "stable"}}
    with pytest.raises(GateError, match=r"APIs are removed.*acknowledge_gates_for to '4\.21'"):
        HcpClusterProvider().update(cluster_id, outs, newer)
    upgraded = HcpClusterProvider().update(cluster_id, outs, {**newer, "acknowledge_gates_for": "4.21"})
    assert (upgraded.outs or {})["running_version"] == "4.21.3"
    assert len(ocm.bodies("POST", "/control_plane/upgrade_policies")) == 3
    with pytest.raises(ValueError, match=r"runs 4\.21\.3 and cannot go back to openshift-v4\.20\.1"):
        HcpClusterProvider().update(cluster_id, newer, outs)


def test_wait_for_a_deletion_is_limited(ocm: FakeOcm, monkeypatch):

    cluster_id, outs = accepted_cluster(ocm)
    ocm.polls = 10_000
    monkeypatch.setattr(waiting, "DELETE_LIMIT", timedelta(seconds=0.02))
    with pytest.raises(OcmError, match="still uninstalling"):
        HcpClusterProvider().delete(cluster_id, outs)
