"""Who we are to OCM: a service account, or a person's offline token.

Red Hat recommends service accounts for programs. Either comes from the environment of the process that talks to OCM, or
from secret configuration of the stack; never from a resource's inputs, which end up in the state.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

from modelyard.components.rosa.ocm.errors import TokenError

TOKEN_PAGE = "https://console.redhat.com/openshift/token/rosa"  # noqa: S105 - where a person gets one
SERVICE_ACCOUNT_PAGE = "https://console.redhat.com/iam/service-accounts"

HOW = (
    f"Set RHCS_CLIENT_ID and RHCS_CLIENT_SECRET to a service account ({SERVICE_ACCOUNT_PAGE}), or RHCS_TOKEN to an "
    f"offline token ({TOKEN_PAGE}); or keep them in the stack: "
    "pulumi config set --secret modelyard:ocmToken"
)


class Configuration(Protocol):
    """What looks up a value of the stack's configuration."""

    def get(self, key: str) -> Any:
        """The value, or None."""
        ...


class _Nothing:
    def get(self, key: str) -> None:
        del key


@dataclass(frozen=True)
class ServiceAccount:
    """A program's identity (client credentials)."""

    client_id: str
    secret: str = field(repr=False)


@dataclass(frozen=True)
class OfflineToken:
    """A person's token, exchanged for access tokens."""

    token: str = field(repr=False)
    client_id: str = "cloud-services"
    """The public client that Red Hat's console makes offline tokens for (terraform-provider-rhcs, ocm-sdk-go)."""


@dataclass(frozen=True)
class AccessToken:
    """A token that is used as it is, and cannot be renewed; it lasts about 15 minutes."""

    token: str = field(repr=False)
    expires: datetime


Credentials = ServiceAccount | OfflineToken | AccessToken


def find(environment: Mapping[str, str], configuration: Configuration | None = None) -> Credentials:
    """The credentials in the environment (names of the Terraform provider rhcs), else those of the stack.

    Raises:
        TokenError: none, half of a pair, or a token that is none.
    """
    stack = configuration or _Nothing()
    client_id = environment.get("RHCS_CLIENT_ID") or stack.get("modelyard:ocmClientId")
    secret = environment.get("RHCS_CLIENT_SECRET") or stack.get("modelyard:ocmClientSecret")
    if bool(client_id) != bool(secret):
        missing = "RHCS_CLIENT_SECRET" if client_id else "RHCS_CLIENT_ID"
        raise TokenError(f"a service account of OCM needs both its id and its secret; {missing} is missing")
    if client_id and secret:
        return ServiceAccount(str(client_id), str(secret))
    token = environment.get("RHCS_TOKEN") or environment.get("OCM_TOKEN") or stack.get("modelyard:ocmToken")
    if not token:
        raise TokenError(f"no credentials for OpenShift Cluster Manager. {HOW}")
    return of_token(str(token).strip())


def of_token(token: str) -> OfflineToken | AccessToken:
    """What kind of token it is, by its own claims.

    Raises:
        TokenError: it is not a JSON web token.
    """
    claims = _claims(token)
    expires = claims.get("exp")
    if claims.get("typ") == "Bearer":
        if not isinstance(expires, int | float):
            raise TokenError(f"the token of OCM is an access token without an expiry. {HOW}")
        return AccessToken(token, datetime.fromtimestamp(expires, UTC))
    return OfflineToken(token)


def check(credentials: Credentials, now: datetime) -> None:
    """Refuses what is known to be useless without asking anyone.

    Raises:
        TokenError: the token has expired.
    """
    if isinstance(credentials, AccessToken):
        _not_expired("access token", credentials.expires, now)
    if isinstance(credentials, OfflineToken):
        expires = _claims(credentials.token).get("exp")
        if isinstance(expires, int | float) and expires > 0:  # real offline tokens say 0, or nothing: no end
            _not_expired("offline token", datetime.fromtimestamp(expires, UTC), now)


def _not_expired(kind: str, expires: datetime, now: datetime) -> None:
    if expires <= now:
        raise TokenError(f"the {kind} of OCM expired on {expires:%Y-%m-%d at %H:%M} UTC. {HOW}")


def _claims(token: str) -> dict[str, Any]:
    """The unverified claims: whether to trust them is the server's business, what to do with the token is ours."""
    parts = token.split(".")
    try:
        claims = (
            json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4))) if len(parts) == 3 else None
        )
    except (binascii.Error, ValueError):
        claims = None
    if not isinstance(claims, dict):
        raise TokenError(f"the token of OCM is not a JSON web token (three parts joined by dots). {HOW}")
    return claims
