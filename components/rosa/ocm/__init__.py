"""OpenShift Cluster Manager: a typed client, and Pulumi resources for what ROSA keeps there.

`OcmClient` is usable by itself; the resources are dynamic ones (pulumi.dynamic), so they need Python and nothing else.
Each name is loaded at its first use: the rules about versions then load no HTTP client.
"""

from typing import TYPE_CHECKING

from modelyard.components.common.lazy import loader

if TYPE_CHECKING:
    from modelyard.components.rosa.ocm.auth import AccessToken, Credentials, OfflineToken, ServiceAccount
    from modelyard.components.rosa.ocm.client import OcmClient, Timing
    from modelyard.components.rosa.ocm.errors import ApiError, NotFoundError, OcmError, TokenError

_MODULES = {
    "AccessToken": "auth",
    "ApiError": "errors",
    "Credentials": "auth",
    "NotFoundError": "errors",
    "OcmClient": "client",
    "OcmError": "errors",
    "OfflineToken": "auth",
    "ServiceAccount": "auth",
    "Timing": "client",
    "TokenError": "errors",
}
"""Module that defines each name."""

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
