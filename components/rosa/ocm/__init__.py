"""OpenShift Cluster Manager: a typed client, and Pulumi resources for what ROSA keeps there.

`OcmClient` is usable by itself; the resources are dynamic ones (pulumi.dynamic), so they need Python and nothing else.
Each name is loaded at its first use: the rules about versions then load no HTTP client.
"""

from typing import TYPE_CHECKING

from modelyard.components.common.lazy import lazy_imports

if TYPE_CHECKING:
    from modelyard.components.rosa.ocm.auth import AccessToken, Credentials, OfflineToken, ServiceAccount
    from modelyard.components.rosa.ocm.client import OcmClient, Timing
    from modelyard.components.rosa.ocm.errors import ApiError, NotFoundError, OcmError, TokenError

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

__getattr__ = lazy_imports(__name__, __file__)
