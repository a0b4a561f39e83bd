"""Identity of a program towards OCM: a service account, or a person's offline token, exchanged for access tokens.

Red Hat recommends service accounts for programs. Credentials come from the environment of the process that talks to
OCM, or from secret configuration of the stack; never from a resource's inputs, which end up in the state.
"""

import base64
import binascii
import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import httpx
from modelyard.components.rosa.ocm.errors import TokenError, UnreachableError

TOKEN_URL = "https://sso.redhat.com/auth/realms/redhat-external/protocol/openid-connect/token"  # noqa: S105
"""Red Hat's single sign-on (ocm-sdk-go, `DefaultTokenURL`)."""

TOKEN_PAGE = "https://console.redhat.com/openshift/token/rosa"  # noqa: S105 - a page, not a token
SERVICE_ACCOUNT_PAGE = "https://console.redhat.com/iam/service-accounts"

FIX = (
    f"Set RHCS_CLIENT_ID and RHCS_CLIENT_SECRET to a service account ({SERVICE_ACCOUNT_PAGE}), or RHCS_TOKEN to an "
    f"offline token ({TOKEN_PAGE}); or keep them in the stack: "
    "pulumi config set --secret modelyard:ocmToken"
)

MARGIN = timedelta(minutes=1)
"""Rest of a token's life at which it is renewed, so that it does not end on its way to the server."""


class Configuration(Protocol):
    """Configuration of a stack."""

    def get(self, key: str) -> Any:
        """Look up a value; None where there is none."""
        ...


@dataclass(frozen=True)
class ServiceAccount:
    """Identity of a program (client credentials)."""

    client_id: str
    secret: str = field(repr=False)


@dataclass(frozen=True)
class OfflineToken:
    """Token of a person, exchanged for access tokens."""

    token: str = field(repr=False)
    client_id: str = "cloud-services"
    """Public client for which Red Hat's console makes offline tokens (terraform-provider-rhcs, ocm-sdk-go)."""


@dataclass(frozen=True)
class AccessToken:
    """Token that is sent as it is and cannot be renewed; it lasts about 15 minutes."""

    token: str = field(repr=False)
    expires: datetime


Credentials = ServiceAccount | OfflineToken | AccessToken


def utc_now() -> datetime:
    """Read the clock."""
    return datetime.now(UTC)


def find_credentials(environment: Mapping[str, str], configuration: Configuration | None = None) -> Credentials:
    """Find the credentials in the environment (names of the Terraform provider rhcs), else in the stack.

    Raises:
        TokenError: there are none, one half of a pair is missing, or the token cannot be read.
    """

    def configured(key: str) -> Any:
        return None if configuration is None else configuration.get(f"modelyard:{key}")

    client_id = environment.get("RHCS_CLIENT_ID") or configured("ocmClientId")
    secret = environment.get("RHCS_CLIENT_SECRET") or configured("ocmClientSecret")
    if bool(client_id) != bool(secret):
        missing = "RHCS_CLIENT_SECRET" if client_id else "RHCS_CLIENT_ID"
        raise TokenError(f"a service account of OCM needs both its id and its secret; {missing} is missing")
    if client_id and secret:
        return ServiceAccount(str(client_id), str(secret))
    token = environment.get("RHCS_TOKEN") or environment.get("OCM_TOKEN") or configured("ocmToken")
    if not token:
        raise TokenError(f"no credentials for OpenShift Cluster Manager. {FIX}")
    return parse_token(str(token).strip())


def parse_token(token: str) -> OfflineToken | AccessToken:
    """Tell an access token from an offline token by its claims.

    Raises:
        TokenError: it is not a JSON web token.
    """
    claims = _read_claims(token)
    expires = claims.get("exp")
    if claims.get("typ") == "Bearer":
        if not isinstance(expires, int | float):
            raise TokenError(f"the token of OCM is an access token without an expiry. {FIX}")
        return AccessToken(token, datetime.fromtimestamp(expires, UTC))
    return OfflineToken(token)


def check_credentials(credentials: Credentials, now: datetime) -> None:
    """Refuse a token that has expired, without a request.

    Raises:
        TokenError: the token has expired.
    """
    if isinstance(credentials, AccessToken):
        _check_expiry("access token", credentials.expires, now)
    if isinstance(credentials, OfflineToken):
        expires = _read_claims(credentials.token).get("exp")
        if isinstance(expires, int | float) and expires > 0:  # real offline tokens say 0, or nothing: no end
            _check_expiry("offline token", datetime.fromtimestamp(expires, UTC), now)


def _check_expiry(kind: str, expires: datetime, now: datetime) -> None:
    if expires <= now:
        raise TokenError(f"the {kind} of OCM expired on {expires:%Y-%m-%d at %H:%M} UTC. {FIX}")


def _read_claims(token: str) -> dict[str, Any]:
    """Read the claims without verifying them: the server decides whether to trust them."""
    parts = token.split(".")
    try:
        padding = "=" * (-len(parts[1]) % 4)
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + padding)) if len(parts) == 3 else None
    except (binascii.Error, IndexError, ValueError):
        claims = None
    if not isinstance(claims, dict):
        raise TokenError(f"the token of OCM is not a JSON web token (three parts joined by dots). {FIX}")
    return claims


class TokenSource:
    """Access tokens of one identity, kept until shortly before they end. Usable from several threads."""

    def __init__(
        self,
        credentials: Credentials,
        http: httpx.Client,
        *,
        url: str = TOKEN_URL,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._credentials, self._http, self._url, self._clock = credentials, http, url, clock
        self._lock = threading.Lock()
        self._current: AccessToken | None = None

    def token(self) -> str:
        """Return a token that is good for at least another minute.

        Raises:
            TokenError: the credentials are refused, or have expired.
            UnreachableError: single sign-on gives no answer.
        """
        with self._lock:
            if self._current is None or self._current.expires - MARGIN <= self._clock():
                self._current = self._fetch()
            return self._current.token

    def forget(self, token: str) -> None:
        """Drop a token that the server refused, so that the next one is fetched anew."""
        with self._lock:
            if self._current is not None and self._current.token == token:
                self._current = None

    def _fetch(self) -> AccessToken:
        check_credentials(self._credentials, self._clock())
        match self._credentials:
            case AccessToken() as access:
                return access
            case ServiceAccount() as account:
                form = {"grant_type": "client_credentials", "client_id": account.client_id, "scope": "openid"}
                return self._exchange(form, httpx.BasicAuth(account.client_id, account.secret))
            case OfflineToken() as offline:
                form = {
                    "grant_type": "refresh_token",
                    "client_id": offline.client_id,
                    "refresh_token": offline.token,
                }
                return self._exchange(form, None)

    def _exchange(self, form: dict[str, str], auth: httpx.BasicAuth | None) -> AccessToken:
        before = self._clock()
        try:
            answer = self._http.post(self._url, data=form, auth=auth or httpx.USE_CLIENT_DEFAULT)
        except httpx.HTTPError as error:
            # Not chained: the exception holds the request, and the request holds the secret.
            raise UnreachableError(f"{self._url} gives no answer: {type(error).__name__}") from None
        if answer.status_code >= 500:
            raise UnreachableError(f"{self._url} answers {answer.status_code}")
        content = json_object(answer) or {}
        if answer.status_code != 200:
            reason = content.get("error_description") or content.get("error") or f"HTTP {answer.status_code}"
            raise TokenError(f"Red Hat's single sign-on refuses the credentials of OCM: {reason}. {FIX}")
        token, lifetime = content.get("access_token"), content.get("expires_in")
        if not isinstance(token, str) or not isinstance(lifetime, int | float):
            raise TokenError("Red Hat's single sign-on answered without access_token and expires_in")
        return AccessToken(token, before + timedelta(seconds=lifetime))


def json_object(answer: httpx.Response) -> dict[str, Any] | None:
    """Read the object of an answer; None where it is no JSON object."""
    try:
        content = json.loads(answer.content)
    except ValueError:
        return None
    return content if isinstance(content, dict) else None
