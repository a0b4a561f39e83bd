"""A typed client of OpenShift Cluster Manager's API: one request at a time, repeated where that is safe.

    with OcmClient(credentials) as ocm:
        for cluster in ocm.pages(CLUSTERS, responses.Cluster, search="name = 'gpu1'"):
            ...

A read is repeated with growing pauses. A creation is not, unless the server says that it did nothing: it ends in
`AmbiguousError`, and the caller looks for the resource before asking again (see `adoption`).
"""

import functools
import random
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx
from modelyard.components.rosa.ocm.auth import TOKEN_URL, Credentials, TokenSource, json_object, utc_now
from modelyard.components.rosa.ocm.errors import (
    AmbiguousError,
    InvalidAnswerError,
    UnreachableError,
    error_from_answer,
)
from modelyard.components.rosa.ocm.models.requests import Body
from modelyard.components.rosa.ocm.models.responses import Response
from modelyard.components.rosa.ocm.retry import NOT_CARRIED_OUT, TRANSIENT, Backoff, retry_after
from pydantic import ValidationError

R = TypeVar("R", bound=Response)

URL = "https://api.openshift.com"
PAGE = 100
"""Items per page of a list (OCM allows up to 500; the rosa command asks for 100)."""

ROOT = "/api/clusters_mgmt/v1"
CLUSTERS = f"{ROOT}/clusters"
OIDC_CONFIGS = f"{ROOT}/oidc_configs"
OIDC_THUMBPRINT = f"{ROOT}/aws_inquiries/oidc_thumbprint"
STS_POLICIES = f"{ROOT}/aws_inquiries/sts_policies"


def cluster_path(cluster_id: str, *parts: str) -> str:
    """Path of a cluster, or of a resource below it: `cluster_path("1", "node_pools", "gpu")`."""
    return "/".join((CLUSTERS, cluster_id, *parts))


@functools.cache
def tls_context() -> ssl.SSLContext:
    """Load the public certificate authorities, once in a process: it takes 25 ms, and a stack has a dozen clients."""
    return httpx.create_ssl_context()


@dataclass(frozen=True, kw_only=True)
class Timing:
    """Pauses, clock and chance of a client; tests replace them and take no time."""

    backoff: Backoff = field(default_factory=Backoff)
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], Any] = utc_now
    chance: random.Random = field(default_factory=random.Random)
    answer: float = 60.0
    """Seconds after which a missing answer counts as lost."""


@dataclass(frozen=True)
class _Request:
    method: str
    path: str
    body: dict[str, Any] | None
    query: Mapping[str, str]
    repeatable: bool
    """True where a second request does no harm."""

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


class OcmClient:
    """Client of OCM for one identity. Usable from several threads.

    Args:
        credentials: identity of the client.
        url: address of the API; another one for staging or for tests.
        token_url: address of single sign-on.
        transport: carrier of requests; None is the network (`httpx.MockTransport` in tests).
        timing: pauses, clock and chance.
    """

    def __init__(
        self,
        credentials: Credentials,
        *,
        url: str = URL,
        token_url: str = TOKEN_URL,
        transport: httpx.BaseTransport | None = None,
        timing: Timing | None = None,
    ) -> None:
        self._timing = timing or Timing()
        self._http = httpx.Client(
            base_url=url,
            transport=transport,
            verify=tls_context(),
            timeout=httpx.Timeout(self._timing.answer, connect=10.0),
            headers={"Accept": "application/json", "User-Agent": "modelyard"},
        )
        self._tokens = TokenSource(credentials, self._http, url=token_url, clock=self._timing.clock)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def get(self, path: str, response: type[R], **query: str) -> R:
        """Read one resource.

        Raises:
            NotFoundError: it does not exist.
            ApiError, UnreachableError, InvalidAnswerError, TokenError: as their names say; so for all methods.
        """
        return _parse(path, response, self._json("GET", path, query=query))

    def post(self, path: str, body: Body, response: type[R]) -> R:
        """Create one resource.

        Raises:
            AmbiguousError: nobody knows whether it was created.
        """
        return _parse(path, response, self._json("POST", path, body.wire()))

    def inquire(self, path: str, body: Body, response: type[R]) -> R:
        """Ask a question that takes a body; it changes nothing, and is repeated like a read."""
        return _parse(path, response, self._json("POST", path, body.wire(), repeatable=True))

    def patch(self, path: str, body: Body | Mapping[str, Any], response: type[R]) -> R:
        """Set the fields of the body and leave the others."""
        return _parse(path, response, self._json("PATCH", path, body.wire() if isinstance(body, Body) else dict(body)))

    def delete(self, path: str, **query: str) -> None:
        """Ask for deletion, which goes on after the answer.

        Raises:
            NotFoundError: it does not exist (any more).
        """
        self._json("DELETE", path, query=query)

    def pages(self, path: str, item: type[R], **query: str) -> Iterator[R]:
        """Yield all items of a list, fetched page by page.

        Args:
            path: path of the list.
            item: type of its items.
            query: `search` (SQL-like: `name = 'gpu1'`) and `order`, where the list knows them.
        """
        page, count = 1, 0
        while True:
            listing = self._json("GET", path, query={**query, "page": str(page), "size": str(PAGE)})
            items = listing.get("items") or []
            yield from (_parse(path, item, value) for value in items)
            count += len(items)
            # `total` may be missing, and a page may be shorter than its size: an empty page always ends the list.
            if not items or count >= int(listing.get("total", count if len(items) < PAGE else count + 1)):
                return
            page += 1

    def _json(
        self,
        method: str,
        path: str,
        body: dict[str, Any] | None = None,
        *,
        query: Mapping[str, str] | None = None,
        repeatable: bool | None = None,
    ) -> dict[str, Any]:
        request = _Request(method, path, body, query or {}, method != "POST" if repeatable is None else repeatable)
        answer = self._send(request)
        content = json_object(answer)
        if answer.is_success:
            if content is None and answer.content:
                raise InvalidAnswerError(f"{request} was answered with something that is not a JSON object")
            return content or {}
        raise error_from_answer(method, path, answer.status_code, content)

    def _send(self, request: _Request) -> httpx.Response:
        backoff = self._timing.backoff
        pauses = backoff.pauses(self._timing.chance)
        renewed = False
        while True:
            answer, reason = self._try(request)
            if answer is not None and answer.status_code == 401 and not renewed:
                renewed = True  # revoked, or the clocks differ: once with a new token
                self._tokens.forget(answer.request.headers["Authorization"].removeprefix("Bearer "))
                continue
            if answer is not None and answer.status_code not in TRANSIENT:
                return answer
            if answer is not None and not request.repeatable and answer.status_code not in NOT_CARRIED_OUT:
                raise AmbiguousError(f"{request} was answered with {answer.status_code}; it may have been done")
            minimum = retry_after(answer.headers.get("Retry-After"), self._timing.clock()) if answer is not None else 0
            pause = next(pauses, None)
            if pause is None or (minimum or 0) > backoff.patience:
                if answer is not None:
                    return answer
                raise UnreachableError(f"{request}: no answer after {backoff.tries} tries ({reason})")
            self._timing.sleep(max(pause, minimum or 0))

    def _try(self, request: _Request) -> tuple[httpx.Response | None, str]:
        """Send a request once; return the answer, or None and the reason."""
        try:
            token = self._tokens.token()
        except UnreachableError as error:
            return None, str(error)
        try:
            return self._http.request(
                request.method,
                request.path,
                params=dict(request.query),
                json=request.body,
                headers={"Authorization": f"Bearer {token}"},
            ), ""
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            return None, type(error).__name__  # it was never sent
        except httpx.HTTPError as error:
            if not request.repeatable:
                # Not chained: the exception holds the request, and the request holds the token.
                message = f"{request}: the answer was lost ({type(error).__name__}); it may have been done"
                raise AmbiguousError(message) from None
            return None, type(error).__name__


def _parse(path: str, response: type[R], content: dict[str, Any]) -> R:
    try:
        return response.model_validate(content)
    except ValidationError as error:
        fields = ", ".join(".".join(map(str, fault["loc"])) or "all of it" for fault in error.errors())
        raise InvalidAnswerError(f"{path}: the answer is no {response.__name__}: {fields}") from None
