"""A typed client of OpenShift Cluster Manager's API: one request at a time, patient where that is safe.

    with OcmClient(credentials) as ocm:
        for cluster in ocm.pages("/api/clusters_mgmt/v1/clusters", answers.Cluster, search="name = 'gpu1'"):
            ...

What may be tried again is tried again with growing pauses. A request that creates something is not, unless the server
says that it did nothing: it ends in `AmbiguousError`, and who asked looks before asking again (see `adoption`).
"""

import json
import random
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx
from modelyard.components.rosa.ocm.access_token import TOKEN_URL, TokenSource, utc_now
from modelyard.components.rosa.ocm.answer import Answer
from modelyard.components.rosa.ocm.body import Body
from modelyard.components.rosa.ocm.credentials import Credentials
from modelyard.components.rosa.ocm.errors import AmbiguousError, InvalidAnswerError, UnreachableError, of_answer
from modelyard.components.rosa.ocm.retry import NOT_CARRIED_OUT, TRANSIENT, Backoff, retry_after, wait_before_retry
from modelyard.components.rosa.ocm.tls import trust
from pydantic import ValidationError

A = TypeVar("A", bound=Answer)

URL = "https://api.openshift.com"
PAGE = 100
"""Items per page of a list (OCM allows up to 500; the rosa command asks for 100)."""


@dataclass(frozen=True, kw_only=True)
class Timing:
    """Everything about a client that takes time, so that tests can take none."""

    backoff: Backoff = field(default_factory=Backoff)
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], Any] = utc_now
    chance: random.Random = field(default_factory=random.Random)
    answer: float = 60.0
    """Seconds until an answer that has not come is taken for lost."""


@dataclass(frozen=True)
class _Request:
    method: str
    path: str
    body: dict[str, Any] | None
    query: Mapping[str, str]
    repeatable: bool
    """Whether a second time does no harm."""

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


class OcmClient:
    """Talks to OCM as one identity. May be used from several threads.

    Args:
        credentials: who asks.
        url: of the API; another one for staging or for tests.
        token_url: of single sign-on.
        transport: what carries requests; None is the network (`httpx.MockTransport` in tests).
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
            verify=trust(),
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
        """Closes the connections."""
        self._http.close()

    def get(self, path: str, answer: type[A], **query: str) -> A:
        """Reads one thing.

        Raises:
            NotFoundError: it is not there.
            ApiError, UnreachableError, InvalidAnswerError, TokenError: as their names say; so for all methods.
        """
        return _parsed(path, answer, self._json("GET", path, query=query))

    def post(self, path: str, body: Body, answer: type[A]) -> A:
        """Creates one thing.

        Raises:
            AmbiguousError: nobody knows whether it was created.
        """
        return _parsed(path, answer, self._json("POST", path, body.wire()))

    def inquire(self, path: str, body: Body, answer: type[A]) -> A:
        """Asks a question that takes a body; changes nothing, so it is tried again like a read."""
        return _parsed(path, answer, self._json("POST", path, body.wire(), repeatable=True))

    def patch(self, path: str, body: Body | Mapping[str, Any], answer: type[A]) -> A:
        """Sets the given fields and leaves the others."""
        return _parsed(path, answer, self._json("PATCH", path, body.wire() if isinstance(body, Body) else dict(body)))

    def delete(self, path: str, **query: str) -> None:
        """Asks for deletion, which goes on after the answer.

        Raises:
            NotFoundError: it is not there (any more).
        """
        self._json("DELETE", path, query=query)

    def pages(self, path: str, item: type[A], **query: str) -> Iterator[A]:
        """All items of a list, fetched page by page.

        Args:
            path: of the list.
            item: what it holds.
            query: `search` (SQL-like: `name = 'gpu1'`) and `order`, where the list knows them.
        """
        page, seen = 1, 0
        while True:
            told = self._json("GET", path, query={**query, "page": str(page), "size": str(PAGE)})
            items = told.get("items") or []
            yield from (_parsed(path, item, one) for one in items)
            seen += len(items)
            # `total` may be missing, and a page may be shorter than asked for: an empty page always ends it.
            if not items or seen >= int(told.get("total", seen if len(items) < PAGE else seen + 1)):
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
        asked = _Request(method, path, body, query or {}, method != "POST" if repeatable is None else repeatable)
        answer = self._send(asked)
        told = _object(answer)
        if answer.is_success:
            if told is None and answer.content:
                raise InvalidAnswerError(f"{asked} was answered with something that is not a JSON object")
            return told or {}
        raise of_answer(method, path, answer.status_code, told)

    def _send(self, asked: _Request) -> httpx.Response:
        backoff = self._timing.backoff
        pauses = backoff.waits(self._timing.chance)
        renewed = False
        while True:
            answer, wrong = self._try(asked)
            if answer is not None and answer.status_code == 401 and not renewed:
                renewed = True  # revoked, or the clocks differ: once with a new token
                self._tokens.forget(answer.request.headers["Authorization"].removeprefix("Bearer "))
                continue
            if answer is not None and answer.status_code not in TRANSIENT:
                return answer
            if answer is not None and not asked.repeatable and answer.status_code not in NOT_CARRIED_OUT:
                raise AmbiguousError(f"{asked} was answered with {answer.status_code}; it may have been done")
            told = None if answer is None else retry_after(answer.headers.get("Retry-After"), self._timing.clock())
            pause = next(pauses, None)
            if pause is None or (told or 0) > backoff.patience:
                if answer is not None:
                    return answer
                raise UnreachableError(f"{asked}: no answer after {backoff.tries} tries ({wrong})")
            self._timing.sleep(wait_before_retry(pause, told))

    def _try(self, asked: _Request) -> tuple[httpx.Response | None, str]:
        try:
            token = self._tokens.token()
        except UnreachableError as wrong:
            return None, str(wrong)
        try:
            return self._http.request(
                asked.method,
                asked.path,
                params=dict(asked.query),
                json=asked.body,
                headers={"Authorization": f"Bearer {token}"},
            ), ""
        except (httpx.ConnectError, httpx.ConnectTimeout) as wrong:
            return None, type(wrong).__name__  # it was never sent
        except httpx.HTTPError as wrong:
            if not asked.repeatable:
                # Not chained: the exception holds the request, and the request holds the token.
                lost = f"{asked}: the answer was lost ({type(wrong).__name__}); it may have been done"
                raise AmbiguousError(lost) from None
            return None, type(wrong).__name__


def _object(answer: httpx.Response) -> dict[str, Any] | None:
    try:
        told = json.loads(answer.content)
    except ValueError:
        return None
    return told if isinstance(told, dict) else None


def _parsed(path: str, kind: type[A], told: dict[str, Any]) -> A:
    try:
        return kind.model_validate(told)
    except ValidationError as wrong:
        places = ", ".join(".".join(str(part) for part in one["loc"]) or "all of it" for one in wrong.errors())
        raise InvalidAnswerError(f"{path}: the answer is no {kind.__name__}: {places}") from None
