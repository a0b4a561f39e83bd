"""Lifecycle of a cluster in which any single request that changes something fails in one of the usual ways.

Each step is repeated when it fails, as the next `up` does. The result is always the same: one resource of each kind, as
requested, and after the deletion none.
"""

import dataclasses
import functools
from collections.abc import Callable
from typing import Any

import pytest
from modelyard.components.rosa.ocm.client import CLUSTERS, OIDC_CONFIGS, OcmClient, Timing, cluster_path
from modelyard.components.rosa.ocm.errors import AmbiguousError, ForeignError, OcmError, ProvisionError
from modelyard.components.rosa.ocm.models import identities, responses
from modelyard.components.rosa.ocm.resources.cluster import HcpClusterProvider, HcpClusterReadyProvider
from modelyard.components.rosa.ocm.resources.cluster_access import BOOTSTRAP, ClusterAccessProvider
from modelyard.components.rosa.ocm.resources.cluster_settings import ClusterAutoscalerProvider, UpgradeScheduleProvider
from modelyard.components.rosa.ocm.resources.group_member import GroupMemberProvider
from modelyard.components.rosa.ocm.resources.identity_provider import IdentityProviderProvider
from modelyard.components.rosa.ocm.resources.node_configs import KubeletConfigProvider
from modelyard.components.rosa.ocm.resources.node_pool import HcpNodePoolProvider, HcpNodePoolReadyProvider
from modelyard.components.rosa.ocm.resources.oidc_config import OidcConfigProvider

from tests.components.rosa.ocm.conftest import cluster, pool
from tests.components.rosa.ocm.server import FakeOcm, Fault
from tests.components.rosa.ocm.test_client import ROBOT, client

OWNER = "pulumi:modelyard:test:gpu1"
PEOPLE = {"users": {"items": [{"username": "ada", "password": "Very-secret-password-1"}]}}
KINDS = ("identity_providers", "groups/cluster-admins/users", "kubelet_configs", "node_pools")

LOST = Fault("", "", 0, after=True, hang_up=True)
"""No answer, after the request was carried out: the worst fault."""
OTHERS = (
    Fault("", "", 429),  # refused for now
    Fault("", "", 500),  # an error before anything was done
    Fault("", "", 502, after=True),  # an error after it was done
)


def again(step: Callable[[], Any]) -> Any:
    """Run a step; repeat it if it failed, as the next `up` does."""
    try:
        return step()
    except OcmError:
        return step()


def run_lifecycle(ocm: FakeOcm) -> dict[str, Any]:
    """Create a cluster with its resources, change, upgrade and delete it; summarise it before the deletion."""
    a: Callable[[type[Any]], Any] = functools.cache(
        _provider
    )  # live of resource kind, as in the process that the engine starts
    config = again(lambda: a(OidcConfigProvider).create({"managed": True})).id
    inputs = cluster(config, delete_protection={"enabled": True})
    cluster_id = again(lambda: a(HcpClusterProvider).create(inputs)).id
    again(lambda: a(HcpClusterReadyProvider).create({"cluster_id": cluster_id, "version": "4.20.1"}))
    of = {"cluster_id": cluster_id, "owner": OWNER}
    scaler = {"cluster_id": cluster_id, "resource_limits": {"max_nodes_total": 12.0}}
    again(lambda: a(ClusterAutoscalerProvider).create(scaler))
    schedule = {"cluster_id": cluster_id, "upgrade_type": "ControlPlane", "schedule_type": "automatic"}
    again(lambda: a(UpgradeScheduleProvider).create({**schedule, "schedule": "0 3 * * 6"}))
    people = {**of, "name": "people", "type": "HTPasswdIdentityProvider", "htpasswd": PEOPLE}
    again(lambda: a(IdentityProviderProvider).create(people))
    again(lambda: a(GroupMemberProvider).create({"cluster_id": cluster_id, "group": "cluster-admins", "user": "ada"}))
    again(lambda: a(KubeletConfigProvider).create({**of, "name": "gpu", "pod_pids_limit": 8192.0}))
    access = {"cluster_id": cluster_id, "namespace": "modelyard", "account": "platform", "rights": "1"}
    again(lambda: a(ClusterAccessProvider).create(access))
    first = pool(cluster_id, owner=OWNER, kubelet_configs=["gpu"])
    pool_id = again(lambda: a(HcpNodePoolProvider).create(first)).id
    grown = {**first, "autoscaling": {"min_replica": 1.0, "max_replica": 8.0}}
    again(lambda: a(HcpNodePoolProvider).update(pool_id, first, grown))
    again(lambda: a(HcpNodePoolReadyProvider).create({"pool": pool_id, "nodes": 1}))
    newer = {**inputs, "version": {"id": "openshift-v4.21.3", "channel_group": "stable"}}
    again(lambda: a(HcpClusterProvider).update(cluster_id, inputs, newer))

    [live] = ocm.clusters.values()
    children = {kind: ocm.children[cluster_id].get(kind, {}) for kind in KINDS}
    summary: dict[str, Any] = {
        kind: sorted(resource.get("name") or resource["id"] for resource in resources.values())
        for kind, resources in children.items()
    }
    summary["version"], summary["protected"] = live["openshift_version"], live["delete_protection"]["enabled"]
    summary["nodes"] = children["node_pools"]["l4"]["autoscaling"]
    summary["schedules"] = len(ocm.children[cluster_id]["control_plane/upgrade_policies"])
    summary["limits"] = live["_autoscaler"]["resource_limits"]
    _end(ocm, a, cluster_id, pool_id, newer)
    return summary


def _provider(kind: type[Any]) -> Any:
    return kind()


def _end(ocm: FakeOcm, a: Callable[[type[Any]], Any], cluster_id: str, pool_id: str, inputs: dict[str, Any]) -> None:
    config = inputs["aws"]["sts"]["oidc_config"]["id"]
    again(lambda: a(HcpNodePoolProvider).delete(pool_id, {}))
    assert ocm.children[cluster_id]["node_pools"] == {}
    open_now = {**inputs, "delete_protection": {"enabled": False}}
    again(lambda: a(HcpClusterProvider).update(cluster_id, inputs, open_now))
    again(lambda: a(HcpClusterProvider).delete(cluster_id, open_now))
    again(lambda: a(OidcConfigProvider).delete(config, {}))
    assert ocm.clusters == {}
    assert config not in ocm.oidc_configs


WANTED = {
    "identity_providers": ["people"],
    "groups/cluster-admins/users": ["ada"],
    "kubelet_configs": ["gpu"],
    "node_pools": ["l4"],
    "version": "4.21.3",
    "protected": True,
    "nodes": {"min_replica": 1, "max_replica": 8},
    "schedules": 1,
    "limits": {"max_nodes_total": 12},
}
CHANGES = 21
"""Requests of a life that change something."""


def test_lifecycle_without_faults(ocm: FakeOcm):
    assert run_lifecycle(ocm) == WANTED
    assert ocm.changes == CHANGES


@pytest.mark.parametrize("nth", range(1, CHANGES + 1))
def test_lifecycle_with_one_failed_request_ends_the_same(ocm: FakeOcm, nth: int):
    for fault in (LOST, OTHERS[nth % 3]):
        ocm.changes, ocm.strike = 0, (nth, dataclasses.replace(fault))
        assert run_lifecycle(ocm) == WANTED
        assert ocm.changes >= CHANGES


def test_slow_answer_of_a_read_is_asked_for_again(ocm: FakeOcm):
    hasty = OcmClient(ROBOT, url=ocm.url, token_url=f"{ocm.url}/token", timing=_hasty())
    ocm.fault("GET", "/clusters", delay=0.3)
    assert list(hasty.pages(CLUSTERS, responses.Cluster)) == []
    ocm.fault("POST", "/oidc_configs", delay=0.3)
    with pytest.raises(AmbiguousError, match=r"the answer was lost \(ReadTimeout\); it may have been done"):
        hasty.post(OIDC_CONFIGS, identities.NewOidcConfig(), responses.OidcConfig)
    assert len(ocm.oidc_configs) == 1


def _hasty() -> Timing:
    return Timing(answer=0.1, sleep=lambda _: None)


def test_lost_oidc_configuration_is_reported(ocm: FakeOcm):
    ocm.fault("POST", "/oidc_configs", status=500, after=True)
    with pytest.raises(AmbiguousError, match="An unused configuration may be left: `rosa list oidc-config`"):
        OidcConfigProvider().create({"managed": True})


def test_failed_cluster_is_adopted_and_reported(ocm: FakeOcm):
    config = OidcConfigProvider().create({"managed": True}).id
    ocm.install_fails = ("OCM3055", "subnets do not reach the internet")
    first = HcpClusterProvider().create(cluster(config))
    for _ in range(2):
        again_made = HcpClusterProvider().create(cluster(config))
        assert again_made.id == first.id
        with pytest.raises(ProvisionError, match="OCM3055: subnets do not reach the internet"):
            HcpClusterReadyProvider().create({"cluster_id": first.id, "version": "4.20.1"})
    assert list(ocm.clusters) == [first.id]


def test_creation_waits_for_the_deletion_of_our_cluster(ocm: FakeOcm):
    config = OidcConfigProvider().create({"managed": True}).id
    first = HcpClusterProvider().create(cluster(config))
    client(ocm).delete(cluster_path(first.id))
    second = HcpClusterProvider().create(cluster(config))
    assert second.id != first.id
    assert list(ocm.clusters) == [second.id]


def test_creation_does_not_wait_for_a_foreign_cluster(ocm: FakeOcm):
    config = OidcConfigProvider().create({"managed": True}).id
    first = HcpClusterProvider().create(cluster(config, owner="pulumi:other:prod:gpu1"))
    client(ocm).delete(cluster_path(first.id))
    with pytest.raises(ForeignError, match="belongs to 'pulumi:other:prod:gpu1'"):
        HcpClusterProvider().create(cluster(config))


def test_next_run_removes_a_left_bootstrap_user(ocm: FakeOcm):
    config = OidcConfigProvider().create({"managed": True}).id
    cluster_id = HcpClusterProvider().create(cluster(config)).id
    HcpClusterReadyProvider().create({"cluster_id": cluster_id, "version": "4.20.1"})
    left = identities.IdentityProvider(
        name=BOOTSTRAP,
        type="HTPasswdIdentityProvider",
        htpasswd=identities.Htpasswd(
            users=identities.HtpasswdUsers(items=[identities.HtpasswdUser(username=BOOTSTRAP, password="of-the-dead")])
        ),
    )
    client(ocm).post(cluster_path(cluster_id, "identity_providers"), left, responses.Ignored)
    ClusterAccessProvider().create({"cluster_id": cluster_id, "namespace": "n", "account": "a", "rights": "1"})
    assert ocm.children[cluster_id]["identity_providers"] == {}


def test_failed_pool_is_reported_and_can_recover(ocm: FakeOcm):
    config = OidcConfigProvider().create({"managed": True}).id
    cluster_id = HcpClusterProvider().create(cluster(config)).id
    HcpClusterReadyProvider().create({"cluster_id": cluster_id, "version": "4.20.1"})
    pool_id = HcpNodePoolProvider().create(pool(cluster_id, owner=OWNER)).id
    ocm.nodes_stuck = "InsufficientInstanceCapacity"
    status = ocm.children[cluster_id]["node_pools"]["l4"]["status"]
    status["state"]["value"] = "error"
    with pytest.raises(ProvisionError, match="node pool 'l4' failed: InsufficientInstanceCapacity"):
        HcpNodePoolReadyProvider().create({"pool": pool_id, "nodes": 1})
    ocm.nodes_stuck = None
    ocm.children[cluster_id]["node_pools"]["l4"]["autoscaling"]["min_replica"] = 1
    HcpNodePoolReadyProvider().create({"pool": pool_id, "nodes": 1})
