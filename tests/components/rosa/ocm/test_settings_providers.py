"""Providers of users, kubelet configurations, access, autoscaler and schedules of a cluster."""

import json

import pytest
from modelyard.components.rosa.ocm.errors import DifferentError, ForeignError, OcmError
from modelyard.components.rosa.ocm.resources.cluster_access import ClusterAccessProvider
from modelyard.components.rosa.ocm.resources.cluster_settings import ClusterAutoscalerProvider, UpgradeScheduleProvider
from modelyard.components.rosa.ocm.resources.group_member import GroupMemberProvider
from modelyard.components.rosa.ocm.resources.identity_provider import IdentityProviderProvider
from modelyard.components.rosa.ocm.resources.node_configs import KubeletConfigProvider
from modelyard.components.rosa.ocm.resources.support_role import SupportPrincipalProvider

from tests.components.rosa.ocm.conftest import ready_cluster
from tests.components.rosa.ocm.server import FakeOcm


def test_users_are_added_removed_and_changed(ocm: FakeOcm):
    cluster_id, _ = ready_cluster(ocm)
    provider = IdentityProviderProvider()

    def users(**passwords: str) -> dict:
        items = [{"username": name, "password": password} for name, password in passwords.items()]
        return {
            "cluster_id": cluster_id,
            "owner": "pulumi:modelyard:test:idp",
            "name": "people",
            "type": "HTPasswdIdentityProvider",
            "htpasswd": {"users": {"items": items}},
        }

    first = provider.create(users(member="Very-secret-1", bob="Very-secret-2"))
    assert (
        provider.create(users(member="Very-secret-1", bob="Very-secret-2")).id == first.id
    )  # it was killed in between
    with pytest.raises(DifferentError, match=r"htpasswd\.users\.items is another") as error:
        provider.create(users(eve="Very-secret-3"))
    assert "Very-secret" not in str(error.value)
    provider.update(
        first.id, users(member="Very-secret-1", bob="b"), users(member="Other-secret-1", eve="Very-secret-3")
    )
    sent = [
        (request, path.rsplit("/", 1)[1])
        for request, path, _ in ocm.requests
        if "htpasswd_users" in path and request != "GET"
    ]
    assert [item for item, _ in sent] == ["POST", "PATCH", "DELETE"]
    provider.delete(first.id, {})
    assert provider.read(first.id, users()).id is None


def test_administrator_is_added_once_and_removed(ocm: FakeOcm):
    cluster_id, _ = ready_cluster(ocm)
    inputs = {"cluster_id": cluster_id, "group": "cluster-admins", "user": "ada"}
    first = GroupMemberProvider().create(inputs)
    assert GroupMemberProvider().create(inputs).id == first.id == f"{cluster_id}/cluster-admins/ada"
    assert GroupMemberProvider().read(first.id, inputs).outs == inputs
    GroupMemberProvider().delete(first.id, inputs)
    GroupMemberProvider().delete(first.id, inputs)
    assert GroupMemberProvider().read(first.id, inputs).id is None
    assert GroupMemberProvider().diff(first.id, inputs, {**inputs, "user": "eve"}).replaces == ["user"]


def test_only_an_equal_kubelet_configuration_is_adopted(ocm: FakeOcm):
    cluster_id, _ = ready_cluster(ocm)
    inputs = {"cluster_id": cluster_id, "owner": "pulumi:modelyard:test:k", "name": "gpu", "pod_pids_limit": 8192.0}
    first = KubeletConfigProvider().create(inputs)
    assert KubeletConfigProvider().create(inputs).id == first.id
    with pytest.raises(DifferentError, match="pod_pids_limit is another"):
        KubeletConfigProvider().create({**inputs, "pod_pids_limit": 4096.0})
    with pytest.raises(ForeignError):
        KubeletConfigProvider().create({**inputs, "owner": "pulumi:modelyard:prod:k"})
    KubeletConfigProvider().update(first.id, inputs, {**inputs, "pod_pids_limit": 4096.0})
    assert ocm.bodies("PATCH", first.id.split("/")[1]) == [{"pod_pids_limit": 4096}]


def test_platform_gets_a_token_and_no_bootstrap_user_stays(ocm: FakeOcm):
    cluster_id, _ = ready_cluster(ocm)
    inputs = {"cluster_id": cluster_id, "namespace": "modelyard", "account": "platform", "rights": "1"}
    outs = ClusterAccessProvider().create(inputs).outs or {}
    config = json.loads(outs["kubeconfig"])
    assert config["users"][0]["user"] == {"token": "service-account-token"}
    assert config["clusters"][0]["cluster"] == {"server": f"{ocm.url}/kube/{cluster_id}"}
    role = ocm.kube["/apis/rbac.authorization.k8s.io/v1/clusterroles/platform-platform"]
    assert not [rule for rule in role["rules"] if rule["apiGroups"] == ["*"] or "pods/exec" in rule["resources"]]
    assert ocm.children[cluster_id]["identity_providers"] == {}
    assert ocm.children[cluster_id]["groups/cluster-admins/users"] == {}


def test_bootstrap_user_is_removed_after_an_error(ocm: FakeOcm):
    cluster_id, _ = ready_cluster(ocm)
    ocm.fault("PATCH", "/kube/", status=403)
    with pytest.raises(OcmError, match="HTTP 403"):
        ClusterAccessProvider().create({"cluster_id": cluster_id, "namespace": "n", "account": "a", "rights": "1"})
    assert ocm.children[cluster_id]["identity_providers"] == {}
    assert ocm.children[cluster_id]["groups/cluster-admins/users"] == {}


def test_autoscaler_and_upgrade_schedule(ocm: FakeOcm):
    cluster_id, _ = ready_cluster(ocm)
    scaler = {"cluster_id": cluster_id, "max_node_provision_time": "30m", "resource_limits": {"max_nodes_total": 12.0}}
    settings = ClusterAutoscalerProvider().create(scaler)
    read = ClusterAutoscalerProvider().read(settings.id, scaler)
    assert not ClusterAutoscalerProvider().diff(settings.id, read.outs or {}, scaler).changes
    schedule = {
        "cluster_id": cluster_id,
        "upgrade_type": "ControlPlane",
        "schedule_type": "automatic",
        "schedule": "0 3 * * 6",
        "enable_minor_version_upgrades": False,
    }
    first = UpgradeScheduleProvider().create(schedule)
    assert UpgradeScheduleProvider().create(schedule).id == first.id
    with pytest.raises(DifferentError, match="another schedule"):
        UpgradeScheduleProvider().create({**schedule, "schedule": "0 4 * * 6"})
    UpgradeScheduleProvider().delete(first.id, {})
    assert UpgradeScheduleProvider().read(first.id, schedule).id is None
    arn = "arn:aws:iam::710019948333:role/RH-Technical-Support-1"
    assert SupportPrincipalProvider().create({}).outs == {"arn": arn}
