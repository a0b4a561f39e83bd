"""Rules that every dynamic provider keeps: its pickle, its table, and values that a preview does not know."""

import base64

import pytest
from modelyard.components.rosa.ocm import fields
from modelyard.components.rosa.ocm.changes import FieldEffect
from modelyard.components.rosa.ocm.models.requests import Body
from modelyard.components.rosa.ocm.resources.cluster import HcpClusterProvider
from modelyard.components.rosa.ocm.resources.cluster_settings import ClusterAutoscalerProvider, UpgradeScheduleProvider
from modelyard.components.rosa.ocm.resources.group_member import GroupMemberProvider
from modelyard.components.rosa.ocm.resources.identity_provider import IdentityProviderProvider
from modelyard.components.rosa.ocm.resources.node_configs import KubeletConfigProvider
from modelyard.components.rosa.ocm.resources.node_pool import HcpNodePoolProvider
from modelyard.components.rosa.ocm.resources.oidc_config import OidcConfigProvider
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


@pytest.mark.parametrize("kind", PROVIDERS)
def test_state_holds_only_the_name_of_a_provider(ocm: FakeOcm, kind):

    provider = PROVIDERS[kind]()
    blob = base64.b64decode(serialize_provider(provider))
    assert len(blob) < 150
    assert provider.connection  # in use, it holds a client: that must not be what a fresh one is pickled as
    assert base64.b64decode(serialize_provider(PROVIDERS[kind]())) == blob
    assert b"very-secret" not in blob


def _paths(model, prefix: str = "") -> set[str]:
    paths = set()
    for name, item in model.model_fields.items():
        types = [
            part for part in (item.annotation, *getattr(item.annotation, "__args__", ())) if isinstance(part, type)
        ]
        nested = next((part for part in types if issubclass(part, Body)), None)
        paths |= _paths(nested, f"{prefix}{name}.") if nested else {f"{prefix}{name}"}
    return paths


@pytest.mark.parametrize("kind", PROVIDERS)
def test_every_field_of_a_request_is_in_the_table(kind):
    provider = PROVIDERS[kind]
    table = {field.path for field in fields.TABLES[kind]}
    covered = {
        path for path in _paths(provider.body) if any(path == field or path.startswith(f"{field}.") for field in table)
    }
    assert _paths(provider.body) - covered == set()


@pytest.mark.parametrize("unknown", [Unknown(), rpc.UNKNOWN], ids=["as the engine hands it over", "as it is sent"])
def test_unknown_value_passes_and_counts_as_a_change(unknown):
    assert HcpNodePoolProvider().check({}, pool(unknown, subnet=unknown)).failures == []
    hidden = cluster(unknown)
    hidden["aws"] = {**hidden["aws"], "subnet_ids": [unknown, "subnet-b"], "kms_key_arn": unknown}
    assert HcpClusterProvider().check({}, hidden).failures == []
    difference = HcpClusterProvider().diff("c1", cluster(), hidden)
    assert set(difference.replaces or []) == {"aws.subnet_ids", "aws.kms_key_arn", "aws.sts.oidc_config.id"}


def test_fault_beside_an_unknown_value_is_refused():
    failures = HcpNodePoolProvider().check({}, pool("c1", subnet=Unknown(), labels={"a": 1})).failures
    assert [failure.property for failure in failures] == ["labels.a"]


@pytest.mark.parametrize(
    "field", [field for field in fields.NODE_POOL if field.effect is FieldEffect.REPLACE], ids=lambda item: item.path
)
def test_replacement_deletes_before_it_creates(field):
    old, new = pool("c1"), pool("c1")
    target = new
    *above, last = field.path.split(".")
    for part in above:
        target[part] = dict(target.get(part) or {})
        target = target[part]
    target[last] = "another"
    difference = HcpNodePoolProvider().diff("c1/l4", old, new)
    assert (difference.changes, difference.replaces, difference.delete_before_replace) == (True, [field.path], True)
