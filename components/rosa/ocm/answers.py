"""What OCM answers, as far as we read it. Fields that we do not know are left alone: the API grows.

Names and types: ocm-sdk-go e2591bb, openapi/clusters_mgmt/v1. Where the wire differs from the specification the wire
counts: linked lists come as `{"items": […]}`.
"""

from modelyard.components.rosa.ocm.answer import Answer, Link, Named, Nothing, Raw, Settings
from modelyard.components.rosa.ocm.cluster_answer import (
    Aws,
    Cluster,
    ClusterAutoscaler,
    ClusterStatus,
    Console,
    DeleteProtection,
    Dns,
    HtpasswdUser,
    Listening,
    Network,
    OidcConfig,
    Sts,
    StsPolicy,
    Thumbprint,
)
from modelyard.components.rosa.ocm.node_pool_answer import (
    Autoscaling,
    AwsNodePool,
    NodePool,
    NodePoolState,
    NodePoolStatus,
)
from modelyard.components.rosa.ocm.version_answer import UpgradePolicy, UpgradeState, Version

__all__ = [
    "Answer",
    "Autoscaling",
    "Aws",
    "AwsNodePool",
    "Cluster",
    "ClusterAutoscaler",
    "ClusterStatus",
    "Console",
    "DeleteProtection",
    "Dns",
    "HtpasswdUser",
    "Link",
    "Listening",
    "Named",
    "Network",
    "NodePool",
    "NodePoolState",
    "NodePoolStatus",
    "Nothing",
    "OidcConfig",
    "Raw",
    "Settings",
    "Sts",
    "StsPolicy",
    "Thumbprint",
    "UpgradePolicy",
    "UpgradeState",
    "Version",
]
