"""Access tokens: fetched when needed, kept until shortly before they end, renewed in the middle of a long wait."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx
from modelyard.components.rosa.ocm import credentials as kinds
from modelyard.components.rosa.ocm.credentials import HOW, AccessToken, Credentials, OfflineToken, ServiceAccount
from modelyard.components.rosa.ocm.errors import TokenError, UnreachableError

TOKEN_URL = "https://sso.redhat.com/auth/realms/redhat-external/protocol/openid-connect/token"  # noqa: S105
"""Red Hat's single sign-on (ocm-sdk-go, `DefaultTokenURL`)."""

MARGIN = timedelta(minutes=1)
"""A token with less left than this is renewed, so that it does not end on its way to the server."""


def utc_now() -> datetime:
    """The time."""
    return datetime.now(UTC)


class TokenSource:
    """Access tokens of one identity; may be used from several threads."""

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
        self._held: AccessToken | None = None

    def token(self) -> str:
        """A token that is good for at least another minute.

        Raises:
            TokenError: the credentials are refused, or have expired.
            UnreachableError: single sign-on gives no answer.
        """
        with self._lock:
            if self._held is None or self._held.expires - MARGIN <= self._clock():
                self._held = self._fetch()
            return self._held.token

    def forget(self, token: str) -> None:
        """The server refused `token`; the next one is fetched anew."""
        with self._lock:
            if self._held is not None and self._held.token == token:
                self._held = None

    def _fetch(self) -> AccessToken:
        kinds.check(self._credentials, self._clock())
        match self._credentials:
            case AccessToken() as given:
                return given
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
        except httpx.HTTPError as wrong:
            # Not chained: the exception holds the request, and the request holds the secret.
            raise UnreachableError(f"{self._url} gives no answer: {type(wrong).__name__}") from None
        if answer.status_code >= 500:
            raise UnreachableError(f"{self._url} answers {answer.status_code}")
        told = _json(answer)
        if answer.status_code != 200:
            why = str(told.get("error_description") or told.get("error") or f"HTTP {answer.status_code}")
            raise TokenError(f"Red Hat's single sign-on refuses the credentials of OCM: {why}. {HOW}")
        token, lasts = told.get("access_token"), told.get("expires_in")
        if not isinstance(token, str) or not isinstance(lasts, int | float):
            raise TokenError("Red Hat's single sign-on answered without access_token and expires_in")
        return AccessToken(token, before + timedelta(seconds=lasts))


def _json(answer: httpx.Response) -> dict[str, object]:
    try:
        told = answer.json()
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
