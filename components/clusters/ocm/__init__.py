"""OpenShift Cluster Manager: a typed client, and Pulumi resources for what ROSA keeps there.

`OcmClient` is usable by itself; the resources are dynamic ones (pulumi.dynamic), so that nothing but Python is needed.
"""

from modelyard.components.clusters.ocm.client import OcmClient, Timing
from modelyard.components.clusters.ocm.credentials import AccessToken, Credentials, OfflineToken, ServiceAccount
from modelyard.components.clusters.ocm.errors import ApiError, NotFoundError, OcmError, TokenError

__all__ = [
    "AccessToken",
    "ApiError",
    "Credentials",
    "NotFoundError",
    "OcmClient",
    "OcmError",
    "OfflineToken",
    "ServiceAccount",
    "Timing",
    "TokenError",
]
