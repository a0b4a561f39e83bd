"""What OCM is asked, as strict types: an unknown field, a fraction where a whole number belongs, or a value outside the
allowed ones is an error here and not an answer from a server.

Names and types: ocm-sdk-go e2591bb, openapi/clusters_mgmt/v1. Pulumi carries whole numbers as floating point; here they
become whole again, because OCM reads them into Go's int32, which `4.0` does not fit.
"""

from modelyard.components.rosa.ocm.autoscaler_body import ClusterAutoscaler, ResourceLimits
from modelyard.components.rosa.ocm.body import Body, Enabled, Id
from modelyard.components.rosa.ocm.cluster_body import (
    Api,
    Cluster,
    ClusterAws,
    InstanceRoles,
    KmsKey,
    Network,
    Nodes,
    Sts,
)
from modelyard.components.rosa.ocm.identity_provider_body import (
    Htpasswd,
    HtpasswdUser,
    HtpasswdUsers,
    IdentityProvider,
    NewOidcConfig,
    OpenId,
    OpenIdClaims,
    ThumbprintOf,
)
from modelyard.components.rosa.ocm.node_pool_body import (
    Autoscaling,
    AwsNodePool,
    CapacityReservation,
    DrainGracePeriod,
    KubeletConfig,
    ManagementUpgrade,
    NodePool,
    RootVolume,
    SpotMarketOptions,
    Taint,
    TuningConfig,
)
from modelyard.components.rosa.ocm.version_body import GateAgreement, UpgradePolicy, Version

__all__ = [
    "Api",
    "Autoscaling",
    "AwsNodePool",
    "Body",
    "CapacityReservation",
    "Cluster",
    "ClusterAutoscaler",
    "ClusterAws",
    "DrainGracePeriod",
    "Enabled",
    "GateAgreement",
    "Htpasswd",
    "HtpasswdUser",
    "HtpasswdUsers",
    "Id",
    "IdentityProvider",
    "InstanceRoles",
    "KmsKey",
    "KubeletConfig",
    "ManagementUpgrade",
    "Network",
    "NewOidcConfig",
    "NodePool",
    "Nodes",
    "OpenId",
    "OpenIdClaims",
    "ResourceLimits",
    "RootVolume",
    "SpotMarketOptions",
    "Sts",
    "Taint",
    "ThumbprintOf",
    "TuningConfig",
    "UpgradePolicy",
    "Version",
]
