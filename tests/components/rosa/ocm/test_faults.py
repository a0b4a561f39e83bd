"""A whole life in Cluster Manager, in which any one request that changes something goes wrong in any of the usual ways.

Each step is tried again when it fails, as the next `up` does. Whatever happened on the way, the end is the same: one of
each, as it was asked for, and in the end nothing.
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
"""No answer, after it was done: the worst of them."""
OTHERS = (
    Fault("", "", 429),  # refused for now
    Fault("", "", 500),  # an error before anything was done
    Fault("", "", 502, after=True),  # an error after it was done
)


def again(step: Callable[[], Any]) -> Any:
    """The step; once more where it failed, as the next `up` does."""
    try:
        return step()
    except OcmError:
        return step()


def life(ocm: FakeOcm) -> dict[str, Any]:
    """Makes a cluster and what belongs to it, changes it, upgrades it; what there is then."""
    a: Callable[[type[Any]], Any] = functools.cache(
        _provider
    )  # one of each kind, as in the process that the engine starts
    config = again(lambda: a(OidcConfigProvider).create({"managed": True})).id
    asked = cluster(config, delete_protection={"enabled": True})
    number = again(lambda: a(HcpClusterProvider).create(asked)).id
    again(lambda: a(HcpClusterReadyProvider).create({"cluster_id": number, "version": "4.20.1"}))
    of = {"cluster_id": number, "owner": OWNER}
    scaler = {"cluster_id": number, "resource_limits": {"max_nodes_total": 12.0}}
    again(lambda: a(ClusterAutoscalerProvider).create(scaler))
    schedule = {"cluster_id": number, "upgrade_type": "ControlPlane", "schedule_type": "automatic"}
    again(lambda: a(UpgradeScheduleProvider).create({**schedule, "schedule": "0 3 * * 6"}))
    people = {**of, "name": "people", "type": "HTPasswdIdentityProvider", "htpasswd": PEOPLE}
    again(lambda: a(IdentityProviderProvider).create(people))
    again(lambda: a(GroupMemberProvider).create({"cluster_id": number, "group": "cluster-admins", "user": "ada"}))
    again(lambda: a(KubeletConfigProvider).create({**of, "name": "gpu", "pod_pids_limit": 8192.0}))
    access = {"cluster_id": number, "namespace": "modelyard", "account": "platform", "rights": "1"}
    again(lambda: a(ClusterAccessProvider).create(access))
    first = pool(number, owner=OWNER, kubelet_configs=["gpu"])
    made = again(lambda: a(HcpNodePoolProvider).create(first)).id
    grown = {**first, "autoscaling": {"min_replica": 1.0, "max_replica": 8.0}}
    again(lambda: a(HcpNodePoolProvider).update(made, first, grown))
    again(lambda: a(HcpNodePoolReadyProvider).create({"pool": made, "nodes": 1}))
    newer = {**asked, "version": {"id": "openshift-v4.21.3", "channel_group": "stable"}}
    again(lambda: a(HcpClusterProvider).update(number, asked, newer))

    [one] = ocm.clusters.values()
    there = {kind: ocm.children[number].get(kind, {}) for kind in KINDS}
    found: dict[str, Any] = {
        kind: sorted(each.get("name") or each["id"] for each in held.values()) for kind, held in there.items()
    }
    found["version"], found["protected"] = one["openshift_version"], one["delete_protection"]["enabled"]
    found["nodes"] = there["node_pools"]["l4"]["autoscaling"]
    found["schedules"] = len(ocm.children[number]["control_plane/upgrade_policies"])
    found["limits"] = one["_autoscaler"]["resource_limits"]
    _end(ocm, a, number, made, newer)
    return found


def _provider(kind: type[Any]) -> Any:
    return kind()


def _end(ocm: FakeOcm, a: Callable[[type[Any]], Any], number: str, made: str, asked: dict[str, Any]) -> None:
    config = asked["aws"]["sts"]["oidc_config"]["id"]
    again(lambda: a(HcpNodePoolProvider).delete(made, {}))
    assert ocm.children[number]["node_pools"] == {}
    open_now = {**asked, "delete_protection": {"enabled": False}}
    again(lambda: a(HcpClusterProvider).update(number, asked, open_now))
    again(lambda: a(HcpClusterProvider).delete(number, open_now))
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


def test_a_life_without_a_fault_is_as_asked_for(ocm: FakeOcm):
    assert life(ocm) == WANTED
    assert ocm.changes == CHANGES


@pytest.mark.parametrize("nth", range(1, CHANGES + 1))
def test_any_one_request_may_go_wrong_and_the_end_is_the_same(ocm: FakeOcm, nth: int):
    for fault in (LOST, OTHERS[nth % 3]):
        ocm.changes, ocm.strike = 0, (nth, dataclasses.replace(fault))
        assert life(ocm) == WANTED
        assert ocm.changes >= CHANGES


def test_a_slow_answer_is_asked_for_again_where_that_does_no_harm(ocm: FakeOcm):
    hasty = OcmClient(ROBOT, url=ocm.url, token_url=f"{ocm.url}/token", timing=_hasty())
    ocm.fault("GET", "/clusters", delay=0.3)
    assert list(hasty.pages(CLUSTERS, responses.Cluster)) == []
    ocm.fault("POST", "/oidc_configs", delay=0.3)
    with pytest.raises(AmbiguousError, match=r"the answer was lost \(ReadTimeout\); it may have been done"):
        hasty.post(OIDC_CONFIGS, identities.NewOidcConfig(), responses.OidcConfig)
    assert len(ocm.oidc_configs) == 1


def _hasty() -> Timing:
    return Timing(answer=0.1, sleep=lambda _: None)


def test_a_configuration_whose_answer_is_lost_is_told_of_because_nobody_can_find_it_again(ocm: FakeOcm):
    ocm.fault("POST", "/oidc_configs", status=500, after=True)
    with pytest.raises(AmbiguousError, match="An unused configuration may be left: `rosa list oidc-config`"):
        OidcConfigProvider().create({"managed": True})


def test_a_cluster_in_error_is_taken_up_told_with_its_reason_and_never_made_twice(ocm: FakeOcm):
    config = OidcConfigProvider().create({"managed": True}).id
    ocm.install_fails = ("OCM3055", "subnets do not reach the internet")
    first = HcpClusterProvider().create(cluster(config))
    for _ in range(2):
        again_made = HcpClusterProvider().create(cluster(config))
        assert again_made.id == first.id
        with pytest.raises(ProvisionError, match="OCM3055: subnets do not reach the internet"):
            HcpClusterReadyProvider().create({"cluster_id": first.id, "version": "4.20.1"})
    assert list(ocm.clusters) == [first.id]


def test_our_own_cluster_on_its_way_out_is_waited_for_and_then_made_anew(ocm: FakeOcm):
    config = OidcConfigProvider().create({"managed": True}).id
    first = HcpClusterProvider().create(cluster(config))
    client(ocm).delete(cluster_path(first.id))
    second = HcpClusterProvider().create(cluster(config))
    assert second.id != first.id
    assert list(ocm.clusters) == [second.id]


def test_a_strangers_cluster_on_its_way_out_is_not_waited_for(ocm: FakeOcm):
    config = OidcConfigProvider().create({"managed": True}).id
    first = HcpClusterProvider().create(cluster(config, owner="pulumi:other:prod:gpu1"))
    client(ocm).delete(cluster_path(first.id))
    with pytest.raises(ForeignError, match="belongs to 'pulumi:other:prod:gpu1'"):
        HcpClusterProvider().create(cluster(config))


def test_what_a_killed_run_left_of_the_passing_user_is_removed_by_the_next(ocm: FakeOcm):
    config = OidcConfigProvider().create({"managed": True}).id
    number = HcpClusterProvider().create(cluster(config)).id
    HcpClusterReadyProvider().create({"cluster_id": number, "version": "4.20.1"})
    left = identities.IdentityProvider(
        name=BOOTSTRAP,
        type="HTPasswdIdentityProvider",
        htpasswd=identities.Htpasswd(
            users=identities.HtpasswdUsers(items=[identities.HtpasswdUser(username=BOOTSTRAP, password="of-the-dead")])
        ),
    )
    client(ocm).post(cluster_path(number, "identity_providers"), left, responses.Ignored)
    ClusterAccessProvider().create({"cluster_id": number, "namespace": "n", "account": "a", "rights": "1"})
    assert ocm.children[number]["identity_providers"] == {}


def test_a_pool_that_ocm_gave_up_on_is_told_and_goes_on_when_it_can(ocm: FakeOcm):
    config = OidcConfigProvider().create({"managed": True}).id
    number = HcpClusterProvider().create(cluster(config)).id
    HcpClusterReadyProvider().create({"cluster_id": number, "version": "4.20.1"})
    made = HcpNodePoolProvider().create(pool(number, owner=OWNER)).id
    ocm.nodes_stuck = "InsufficientInstanceCapacity"
    status = ocm.children[number]["node_pools"]["l4"]["status"]
    status["state"]["value"] = "error"
    with pytest.raises(ProvisionError, match="node pool 'l4' failed: InsufficientInstanceCapacity"):
        HcpNodePoolReadyProvider().create({"pool": made, "nodes": 1})
    ocm.nodes_stuck = None
    ocm.children[number]["node_pools"]["l4"]["autoscaling"]["min_replica"] = 1
    HcpNodePoolReadyProvider().create({"pool": made, "nodes": 1})
