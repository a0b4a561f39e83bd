"""OpenShift Cluster Manager: a typed client, and Pulumi resources for what ROSA keeps there.

`OcmClient` is usable by itself; the resources are dynamic ones (pulumi.dynamic), so that nothing but Python is needed.
Each name is loaded when it is first asked for: rules about versions then need no HTTP client.
"""

from typing import TYPE_CHECKING

from modelyard.components.common.lazy import loader

if TYPE_CHECKING:
    from modelyard.components.rosa.ocm.client import OcmClient, Timing
    from modelyard.components.rosa.ocm.credentials import AccessToken, Credentials, OfflineToken, ServiceAccount
    from modelyard.components.rosa.ocm.errors import ApiError, NotFoundError, OcmError, TokenError

_MODULES = {
    "AccessToken": "credentials",
    "ApiError": "errors",
    "Credentials": "credentials",
    "NotFoundError": "errors",
    "OcmClient": "client",
    "OcmError": "errors",
    "OfflineToken": "credentials",
    "ServiceAccount": "credentials",
    "Timing": "client",
    "TokenError": "errors",
}
"""Where each name is defined."""

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

__getattr__ = loader(__name__, _MODULES)
