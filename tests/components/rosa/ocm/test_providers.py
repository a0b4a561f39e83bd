"""The dynamic providers, against a Cluster Manager that is strict, slow, and loses responses."""

import base64
import json
from datetime import timedelta

import pytest
from modelyard.components.rosa.ocm import fields, waiting
from modelyard.components.rosa.ocm.changes import FieldEffect
from modelyard.components.rosa.ocm.errors import ApiError, DifferentError, ForeignError, OcmError, ProvisionError
from modelyard.components.rosa.ocm.models.requests import Body
from modelyard.components.rosa.ocm.resources import node_pool
from modelyard.components.rosa.ocm.resources.cluster import HcpClusterProvider, HcpClusterReadyProvider
from modelyard.components.rosa.ocm.resources.cluster_access import ClusterAccessProvider
from modelyard.components.rosa.ocm.resources.cluster_settings import ClusterAutoscalerProvider, UpgradeScheduleProvider
from modelyard.components.rosa.ocm.resources.group_member import GroupMemberProvider
from modelyard.components.rosa.ocm.resources.identity_provider import IdentityProviderProvider
from modelyard.components.rosa.ocm.resources.node_configs import KubeletConfigProvider
from modelyard.components.rosa.ocm.resources.node_pool import HcpNodePoolProvider, HcpNodePoolReadyProvider
from modelyard.components.rosa.ocm.resources.oidc_config import OidcConfigProvider
from modelyard.components.rosa.ocm.resources.support_role import SupportPrincipalProvider
from modelyard.components.rosa.ocm.upgrades import GateError
from pulumi.dynamic.dynamic import serialize_provider
from pulumi.output import Unknown
from pulumi.runtime import rpc

from tests.components.rosa.ocm.conftest import cluster, pool
from tests.components.rosa.ocm.server import FakeOcm

PROVIDERS = {
    "RosaHcpCluster": HcpClusterProvider,
    "RosaNodePool": HcpNodePoolProvider,
    "RosaIdentityProvider": IdentityProviderProvider,
    "RosaGroupMember": GroupMemberProvider,
    "RosaOidcConfig": OidcConfigProvider,
    "RosaKubeletConfig": KubeletConfigProvider,
    "RosaClusterAutoscaler": ClusterAutoscalerProvider,
    "RosaUpgradeSchedule": UpgradeScheduleProvider,
}


def made(ocm: FakeOcm, **changes) -> tuple[str, dict]:
    """A cluster that OCM has accepted."""
    config = OidcConfigProvider().create({"managed": True}).id
    result = HcpClusterProvider().create(cluster(config, **changes))
    return result.id, dict(result.outs or {})


def ready(ocm: FakeOcm, **changes) -> tuple[str, dict]:
    """A cluster that is ready."""
    number, outs = made(ocm, **changes)
    HcpClusterReadyProvider().create({"cluster_id": number, "version": "4.20.1"})
    return number, outs


def test_a_cluster_is_created_waited_for_refreshed_and_deleted(ocm: FakeOcm):
    number, outs = made(ocm)
    assert outs["state"] == "pending"
    waited = HcpClusterReadyProvider().create({"cluster_id": number, "version": "4.20.1"})
    assert waited.outs == {
        "cluster_id": number,
        "version": "4.20.1",
        "api_url": f"{ocm.url}/kube/{number}",
        "console_url": "https://console.gpu1.example",
        "base_domain": "gpu1.p3.openshiftapps.com",
        "running_version": "4.20.1",
    }
    read = HcpClusterProvider().read(number, outs)
    assert (
        not HcpClusterProvider()
        .diff(number, read.outs or {}, cluster(ocm.clusters[number]["aws"]["sts"]["oidc_config"]["id"]))
        .changes
    )
    HcpClusterProvider().delete(number, outs)
    assert ocm.clusters == {}
    assert HcpClusterProvider().read(number, outs).id is None
    HcpClusterProvider().delete(number, outs)


@pytest.mark.parametrize("hang_up", [False, True])
def test_an_answer_that_got_lost_makes_no_second_cluster(ocm: FakeOcm, hang_up):
    ocm.fault("POST", "/clusters", status=500, after=True, hang_up=hang_up)
    number, _ = made(ocm)
    assert list(ocm.clusters) == [number]
    assert len(ocm.bodies("POST", "/clusters")) == 1


def test_a_program_that_was_killed_takes_its_cluster_up_again(ocm: FakeOcm):
    number, outs = made(ocm)  # and then the process dies: the state has nothing
    again = HcpClusterProvider().create(outs)
    assert again.id == number
    assert list(ocm.clusters) == [number]


def test_what_was_changed_meanwhile_is_brought_to_the_cluster_that_is_taken_up(ocm: FakeOcm):
    number, outs = ready(ocm)
    queue = "https://sqs.us-east-1.amazonaws.com/123456789012/q"
    again = HcpClusterProvider().create({**outs, "aws": {**outs["aws"], "termination_handler_queue_url": queue}})
    assert again.id == number
    assert HcpClusterProvider().read(number, again.outs or {}).outs["aws"]["termination_handler_queue_url"] == queue  # type: ignore[index]


def test_a_foreign_cluster_of_that_name_is_refused_and_left_alone(ocm: FakeOcm):
    number, outs = made(ocm)
    before = json.dumps(ocm.clusters[number]["properties"])
    with pytest.raises(ForeignError, match="cluster 'gpu1' exists and belongs to 'pulumi:modelyard:test:gpu1'"):
        HcpClusterProvider().create({**outs, "owner": "pulumi:other:prod:gpu1"})
    del ocm.clusters[number]["properties"]["modelyard_owner"]
    with pytest.raises(ForeignError, match="was made by somebody else"):
        HcpClusterProvider().create(outs)
    assert json.loads(before).keys() - ocm.clusters[number]["properties"].keys() == {"modelyard_owner"}
    assert not [one for one in ocm.requests if one[0] in ("PATCH", "DELETE")]


def test_one_of_ours_that_differs_for_good_is_not_taken_up(ocm: FakeOcm):
    _, outs = made(ocm)
    with pytest.raises(DifferentError, match=r"region\.id is 'us-east-1', wanted 'eu-west-1'"):
        HcpClusterProvider().create({**outs, "region": {"id": "eu-west-1"}})


def test_a_cluster_that_ocm_gives_up_on_is_told_with_its_reason(ocm: FakeOcm):
    ocm.install_fails = ("OCM3055", "subnets do not reach the internet")
    number, outs = made(ocm)
    with pytest.raises(ProvisionError, match="OCM3055: subnets do not reach the internet"):
        HcpClusterReadyProvider().create({"cluster_id": number, "version": "4.20.1"})
    HcpClusterProvider().delete(number, outs)
    assert ocm.clusters == {}


def test_protection_is_set_and_holds(ocm: FakeOcm):
    number, outs = ready(ocm, delete_protection={"enabled": True})
    with pytest.raises(ApiError, match="protected from deletion"):
        HcpClusterProvider().delete(number, outs)
    HcpClusterProvider().update(number, outs, {**outs, "delete_protection": {"enabled": False}})
    HcpClusterProvider().delete(number, outs)
    assert ocm.clusters == {}


def test_an_upgrade_goes_up_after_its_gates_are_acknowledged_and_never_down(ocm: FakeOcm):
    number, outs = ready(ocm)
    ocm.gates = [{"kind": "VersionGate", "id": "g1", "warning_message": "APIs are removed"}]
    wanted = {**outs, "version": {"id": "openshift-v4.21.3", "channel_group": "stable"}}
    with pytest.raises(GateError, match=r"APIs are removed.*acknowledge_gates_for to '4\.21'"):
        HcpClusterProvider().update(number, outs, wanted)
    done = HcpClusterProvider().update(number, outs, {**wanted, "acknowledge_gates_for": "4.21"})
    assert (done.outs or {})["running_version"] == "4.21.3"
    assert len(ocm.bodies("POST", "/control_plane/upgrade_policies")) == 3
    with pytest.raises(ValueError, match=r"runs 4\.21\.3 and cannot go back to openshift-v4\.20\.1"):
        HcpClusterProvider().update(number, wanted, outs)


def test_a_pool_is_created_once_changed_refreshed_and_drained(ocm: FakeOcm):
    number, _ = ready(ocm)
    provider = HcpNodePoolProvider()
    ocm.fault("POST", "/node_pools", status=502, after=True)
    first = provider.create(pool(number))
    assert provider.create(pool(number)).id == first.id == f"{number}/l4"
    [sent] = ocm.bodies("POST", "/node_pools")
    assert sent["autoscaling"] == {"min_replica": 0, "max_replica": 4}
    assert sent["aws_node_pool"]["tags"] == {"modelyard-owner": "pulumi:modelyard:test:l4"}

    fixed = pool(number, replicas=2.0, labels={})
    del fixed["autoscaling"]
    old = dict(first.outs or {})
    assert provider.diff(first.id, old, fixed).replaces == []
    provider.update(first.id, old, fixed)
    assert ocm.bodies("PATCH", "/l4") == [{"labels": {}, "replicas": 2}]
    HcpNodePoolReadyProvider().create({"pool": first.id, "nodes": 2.0})

    ocm.children[number]["node_pools"]["l4"]["replicas"] = 7  # somebody in the console
    drift = provider.read(first.id, {**fixed, "state": ""})
    assert provider.diff(first.id, drift.outs or {}, fixed).changes
    provider.delete(first.id, {})
    assert ocm.children[number]["node_pools"] == {}
    assert provider.read(first.id, fixed).id is None


def test_a_foreign_pool_is_refused(ocm: FakeOcm):
    number, _ = ready(ocm)
    HcpNodePoolProvider().create(pool(number))
    with pytest.raises(ForeignError, match="node pool 'l4' exists and belongs to"):
        HcpNodePoolProvider().create(pool(number, owner="pulumi:modelyard:prod:l4"))


def test_nodes_that_do_not_come_are_told_with_the_reason_and_the_pool_is_kept(ocm: FakeOcm, monkeypatch):

    monkeypatch.setattr(node_pool, "READY_LIMIT", timedelta(seconds=0.05))
    number, _ = ready(ocm)
    made_pool = HcpNodePoolProvider().create(pool(number))
    ocm.nodes_stuck = "InsufficientInstanceCapacity"
    with pytest.raises(OcmError, match="0 of 1 nodes InsufficientInstanceCapacity"):
        HcpNodePoolReadyProvider().create({"pool": made_pool.id, "nodes": 1})
    ocm.nodes_stuck = None
    ocm.children[number]["node_pools"]["l4"]["replicas"] = 1
    HcpNodePoolReadyProvider().create({"pool": made_pool.id, "nodes": 1})  # the next up


@pytest.mark.parametrize(
    ("changes", "said"),
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
def test_a_wrong_pool_is_refused_before_ocm_is_asked(ocm: FakeOcm, changes, said):
    failures = HcpNodePoolProvider().check({}, pool("c1", **changes)).failures
    assert said in " ".join(f"{one.property} {one.reason}" for one in failures)
    assert ocm.requests == []


@pytest.mark.parametrize("unknown", [Unknown(), rpc.UNKNOWN], ids=["as the engine hands it over", "as it is sent"])
def test_what_is_not_known_at_preview_is_no_failure_and_may_be_a_change(unknown):
    assert HcpNodePoolProvider().check({}, pool(unknown, subnet=unknown)).failures == []
    hidden = cluster(unknown)
    hidden["aws"] = {**hidden["aws"], "subnet_ids": [unknown, "subnet-b"], "kms_key_arn": unknown}
    assert HcpClusterProvider().check({}, hidden).failures == []
    found = HcpClusterProvider().diff("c1", cluster(), hidden)
    assert set(found.replaces or []) == {"aws.subnet_ids", "aws.kms_key_arn", "aws.sts.oidc_config.id"}


def test_a_mistake_beside_something_unknown_is_still_seen():
    failures = HcpNodePoolProvider().check({}, pool("c1", subnet=Unknown(), labels={"a": 1})).failures
    assert [one.property for one in failures] == ["labels.a"]


def test_users_are_added_removed_and_get_other_passwords(ocm: FakeOcm):
    number, _ = ready(ocm)
    provider = IdentityProviderProvider()

    def users(**passwords: str) -> dict:
        items = [{"username": name, "password": password} for name, password in passwords.items()]
        return {
            "cluster_id": number,
            "owner": "pulumi:modelyard:test:idp",
            "name": "people",
            "type": "HTPasswdIdentityProvider",
            "htpasswd": {"users": {"items": items}},
        }

    first = provider.create(users(member="Very-secret-1", bob="Very-secret-2"))
    assert (
        provider.create(users(member="Very-secret-1", bob="Very-secret-2")).id == first.id
    )  # it was killed in between
    with pytest.raises(DifferentError, match=r"htpasswd\.users\.items is another") as refused:
        provider.create(users(eve="Very-secret-3"))
    assert "Very-secret" not in str(refused.value)
    provider.update(
        first.id, users(member="Very-secret-1", bob="b"), users(member="Other-secret-1", eve="Very-secret-3")
    )
    sent = [(one, path.rsplit("/", 1)[1]) for one, path, _ in ocm.requests if "htpasswd_users" in path and one != "GET"]
    assert [one for one, _ in sent] == ["POST", "PATCH", "DELETE"]
    provider.delete(first.id, {})
    assert provider.read(first.id, users()).id is None


def test_an_administrator_is_added_once_and_taken_out_again(ocm: FakeOcm):
    number, _ = ready(ocm)
    wanted = {"cluster_id": number, "group": "cluster-admins", "user": "ada"}
    first = GroupMemberProvider().create(wanted)
    assert GroupMemberProvider().create(wanted).id == first.id == f"{number}/cluster-admins/ada"
    assert GroupMemberProvider().read(first.id, wanted).outs == wanted
    GroupMemberProvider().delete(first.id, wanted)
    GroupMemberProvider().delete(first.id, wanted)
    assert GroupMemberProvider().read(first.id, wanted).id is None
    assert GroupMemberProvider().diff(first.id, wanted, {**wanted, "user": "eve"}).replaces == ["user"]


def test_a_kubelet_configuration_of_that_name_must_be_the_same(ocm: FakeOcm):
    number, _ = ready(ocm)
    wanted = {"cluster_id": number, "owner": "pulumi:modelyard:test:k", "name": "gpu", "pod_pids_limit": 8192.0}
    first = KubeletConfigProvider().create(wanted)
    assert KubeletConfigProvider().create(wanted).id == first.id
    with pytest.raises(DifferentError, match="pod_pids_limit is another"):
        KubeletConfigProvider().create({**wanted, "pod_pids_limit": 4096.0})
    with pytest.raises(ForeignError):
        KubeletConfigProvider().create({**wanted, "owner": "pulumi:modelyard:prod:k"})
    KubeletConfigProvider().update(first.id, wanted, {**wanted, "pod_pids_limit": 4096.0})
    assert ocm.bodies("PATCH", first.id.split("/")[1]) == [{"pod_pids_limit": 4096}]


def test_the_platforms_account_gets_a_token_and_nothing_of_the_bootstrap_stays(ocm: FakeOcm):
    number, _ = ready(ocm)
    wanted = {"cluster_id": number, "namespace": "modelyard", "account": "platform", "rights": "1"}
    outs = ClusterAccessProvider().create(wanted).outs or {}
    config = json.loads(outs["kubeconfig"])
    assert config["users"][0]["user"] == {"token": "service-account-token"}
    assert config["clusters"][0]["cluster"] == {"server": f"{ocm.url}/kube/{number}"}
    role = ocm.kube["/apis/rbac.authorization.k8s.io/v1/clusterroles/platform-platform"]
    assert not [rule for rule in role["rules"] if rule["apiGroups"] == ["*"] or "pods/exec" in rule["resources"]]
    assert ocm.children[number]["identity_providers"] == {}
    assert ocm.children[number]["groups/cluster-admins/users"] == {}


def test_the_bootstrap_is_removed_even_when_something_goes_wrong(ocm: FakeOcm):
    number, _ = ready(ocm)
    ocm.fault("PATCH", "/kube/", status=403)
    with pytest.raises(OcmError, match="HTTP 403"):
        ClusterAccessProvider().create({"cluster_id": number, "namespace": "n", "account": "a", "rights": "1"})
    assert ocm.children[number]["identity_providers"] == {}
    assert ocm.children[number]["groups/cluster-admins/users"] == {}


def test_settings_of_a_cluster(ocm: FakeOcm):
    number, _ = ready(ocm)
    scaler = {"cluster_id": number, "max_node_provision_time": "30m", "resource_limits": {"max_nodes_total": 12.0}}
    made_one = ClusterAutoscalerProvider().create(scaler)
    read = ClusterAutoscalerProvider().read(made_one.id, scaler)
    assert not ClusterAutoscalerProvider().diff(made_one.id, read.outs or {}, scaler).changes
    schedule = {
        "cluster_id": number,
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


@pytest.mark.parametrize("kind", PROVIDERS)
def test_the_state_holds_the_name_of_a_provider_and_nothing_else(ocm: FakeOcm, kind):

    provider = PROVIDERS[kind]()
    blob = base64.b64decode(serialize_provider(provider))
    assert len(blob) < 150
    assert provider.connection  # in use, it holds a client: that must not be what a fresh one is pickled as
    assert base64.b64decode(serialize_provider(PROVIDERS[kind]())) == blob
    assert b"very-secret" not in blob


def _paths(model, prefix: str = "") -> set[str]:
    found = set()
    for name, one in model.model_fields.items():
        inner = [part for part in (one.annotation, *getattr(one.annotation, "__args__", ())) if isinstance(part, type)]
        nested = next((part for part in inner if issubclass(part, Body)), None)
        found |= _paths(nested, f"{prefix}{name}.") if nested else {f"{prefix}{name}"}
    return found


@pytest.mark.parametrize("kind", PROVIDERS)
def test_every_field_of_a_request_has_its_line_in_the_table(kind):
    provider = PROVIDERS[kind]
    table = {one.path for one in fields.TABLES[kind]}
    covered = {
        path for path in _paths(provider.body) if any(path == one or path.startswith(f"{one}.") for one in table)
    }
    assert _paths(provider.body) - covered == set()


@pytest.mark.parametrize(
    "field", [one for one in fields.NODE_POOL if one.effect is FieldEffect.REPLACE], ids=lambda one: one.path
)
def test_what_cannot_be_changed_deletes_first_and_then_creates(field):
    old, new = pool("c1"), pool("c1")
    here = new
    *above, last = field.path.split(".")
    for part in above:
        here[part] = dict(here.get(part) or {})
        here = here[part]
    here[last] = "another"
    found = HcpNodePoolProvider().diff("c1/l4", old, new)
    assert (found.changes, found.replaces, found.delete_before_replace) == (True, [field.path], True)


def test_deletion_waits_at_most_for_its_limit(ocm: FakeOcm, monkeypatch):

    number, outs = made(ocm)
    ocm.polls = 10_000
    monkeypatch.setattr(waiting, "DELETE_LIMIT", timedelta(seconds=0.02))
    with pytest.raises(OcmError, match="still uninstalling"):
        HcpClusterProvider().delete(number, outs)
