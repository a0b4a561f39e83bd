"""States of 0.1.0 find the classes of today's dynamic providers."""

import pickle

import pytest
from modelyard.components.rosa.ocm.provider import OcmProvider

PROVIDERS_OF_0_1_0 = (
    "cluster:HcpClusterProvider",
    "cluster_access:ClusterAccessProvider",
    "cluster_ready:HcpClusterReadyProvider",
    "cluster_settings:ClusterAutoscalerProvider",
    "cluster_settings:UpgradeScheduleProvider",
    "group_member:GroupMemberProvider",
    "identity_provider:IdentityProviderProvider",
    "node_configs:KubeletConfigProvider",
    "node_configs:TuningConfigProvider",
    "node_pool:HcpNodePoolProvider",
    "node_pool_ready:HcpNodePoolReadyProvider",
    "oidc_config:ExistingOidcConfigProvider",
    "oidc_config:OidcConfigProvider",
    "support_role:SupportPrincipalProvider",
)
"""Module of `modelyard.components.clusters.ocm` and class, as 0.1.0 wrote them into states."""


@pytest.mark.parametrize("name", PROVIDERS_OF_0_1_0)
def test_provider_in_an_old_state_can_be_unpickled(name: str):
    module, _, cls = name.partition(":")
    state = b"\x80\x04c" + f"modelyard.components.clusters.ocm.{module}\n{cls}\n".encode() + b")\x81."

    provider = pickle.loads(state)  # noqa: S301 - bytes of this file

    assert isinstance(provider, OcmProvider)
    assert type(provider).__name__ == cls
