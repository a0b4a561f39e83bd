"""The Kubernetes API over HTTP, with errors as sentences and short repeats where a repeat is safe."""

import json
import re
import threading
from collections.abc import Callable
from typing import Any

import httpx

from tools.plugins.kubernetes.credentials import TokenSource, tls_context
from tools.plugins.kubernetes.errors import ApiError, CancelledError, UnreachableError
from tools.plugins.kubernetes.kubeconfig import Connection

# A wrong address must fail while the person still looks at the screen; a slow dry run with webhooks must not.
_CONNECT_SECONDS = 5.0
_READ_SECONDS = 60.0

# Pauses before a repeat after a broken connection, HTTP 429, 502, 503 or 504: an API server restarts in a few seconds.
_PAUSES_SECONDS = (0.2, 0.5, 1.0, 2.0, 4.0)
_RETRIED_CODES = frozenset({429, 502, 503, 504})

_WARNING = re.compile(r'\b299 \S+ "((?:[^"\\]|\\.)*)"')

_APPLY = "application/apply-patch+yaml"


class Api:
    """A client for one cluster; safe to use from many threads.

    Args:
        connection: server and credentials.
        cancelled: set when the engine cancels; ends pauses between repeats.
    """

    def __init__(self, connection: Connection, cancelled: threading.Event) -> None:
        self.connection = connection
        self.cancelled = cancelled
        self._tokens = TokenSource(connection)
        basic = connection.credentials
        self._http = httpx.Client(
            base_url=connection.server,
            verify=tls_context(connection, *self._tokens.certificate()),
            timeout=httpx.Timeout(_READ_SECONDS, connect=_CONNECT_SECONDS),
            limits=httpx.Limits(max_connections=64, max_keepalive_connections=64),
            auth=(basic.username, basic.password or "") if basic.username else None,
            # Only the kubeconfig's own proxy-url counts: a cluster on this machine must not be looked for behind a
            # proxy that the environment names for something else.
            trust_env=False,
            proxy=connection.proxy,
        )

    def close(self) -> None:
        """Close all connections."""
        self._http.close()

    def get(self, path: str, **query: str) -> dict[str, Any]:
        """Read `path`.

        Raises:
            ApiError: the server refused, or there is nothing at the path.
            UnreachableError: the server did not answer.
        """
        return self._request("GET", path, query=query)

    def apply(
        self,
        path: str,
        body: dict[str, Any],
        *,
        manager: str,
        force: bool,
        dry_run: bool,
        warn: Callable[[str], None] | None = None,
    ) -> dict[str, Any]:
        """Server-side apply `body` to the object at `path` and return what the server made of it.

        Args:
            warn: takes the warnings of the server, such as a deprecated version or a violated pod security level.
        """
        query = {"fieldManager": manager, "force": "true" if force else "false"}
        if dry_run:
            query["dryRun"] = "All"
        return self._request("PATCH", path, query=query, body=body, content_type=_APPLY, warn=warn)

    def create(self, path: str, body: dict[str, Any], *, manager: str, dry_run: bool) -> dict[str, Any]:
        """Create an object in the collection at `path`; one that exists is an error."""
        query = {"fieldManager": manager}
        if dry_run:
            query["dryRun"] = "All"
        return self._request("POST", path, query=query, body=body)

    def patch_json(self, path: str, operations: list[dict[str, Any]]) -> dict[str, Any]:
        """Apply a JSON patch (RFC 6902)."""
        return self._request("PATCH", path, body=operations, content_type="application/json-patch+json")

    def delete(self, path: str, *, propagation: str, uid: str | None) -> dict[str, Any]:
        """Ask for the deletion of the object at `path`, only if it still is the one with `uid`."""
        body: dict[str, Any] = {"apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": propagation}
        if uid:
            body["preconditions"] = {"uid": uid}
        return self._request("DELETE", path, body=body)

    def _request(
        self,
        method: str,
        path: str,
        *,
        query: dict[str, str] | None = None,
        body: Any = None,
        content_type: str = "application/json",
        warn: Callable[[str], None] | None = None,
    ) -> dict[str, Any]:
        # A POST that broke half-way may have worked; repeating it would report the caller's own object as a stranger.
        repeatable = method != "POST"
        pauses = iter(_PAUSES_SECONDS)
        renewed = False
        while True:
            pause: float | None
            try:
                response = self._send(method, path, query, body, content_type)
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                raise self._unreachable(error) from None
            except httpx.TransportError as error:
                pause = next(pauses, None) if repeatable else None
                if pause is None:
                    raise self._unreachable(error) from None
            else:
                if response.status_code == 401 and not renewed and self.connection.credentials.execute:
                    renewed = True
                    self._tokens.forget()
                    continue
                if response.status_code not in _RETRIED_CODES or (pause := next(pauses, None)) is None:
                    if warn is not None:
                        for text in _warnings(response):
                            warn(text)
                    return self._result(response)
                pause = _asked_pause(response, pause)
            if self.cancelled.wait(pause):
                raise CancelledError("cancelled while the API server did not answer")

    def _send(
        self, method: str, path: str, query: dict[str, str] | None, body: Any, content_type: str
    ) -> httpx.Response:
        headers = {"Accept": "application/json", **self._tokens.headers()}
        content = None
        if body is not None:
            content = json.dumps(body).encode()
            headers["Content-Type"] = content_type
        extensions = {"sni_hostname": self.connection.server_name} if self.connection.server_name else None
        return self._http.request(method, path, params=query, content=content, headers=headers, extensions=extensions)

    def _result(self, response: httpx.Response) -> dict[str, Any]:
        try:
            body = response.json()
        except ValueError:
            body = {}
        if response.status_code < 400:
            return body if isinstance(body, dict) else {}
        if response.status_code == 401:
            raise ApiError(
                401,
                {"reason": "Unauthorized"},
                f"the API server {self.connection.server} does not accept the credentials of context "
                f"{self.connection.context!r} in the kubeconfig {self.connection.source}",
            )
        raise ApiError(response.status_code, body if isinstance(body, dict) else {}, response.text[:500])

    def _unreachable(self, error: Exception) -> UnreachableError:
        return UnreachableError(
            f"the Kubernetes API server {self.connection.server} cannot be reached "
            f"(context {self.connection.context!r} of the kubeconfig {self.connection.source}): "
            f"{str(error) or type(error).__name__}"
        )


def _warnings(response: httpx.Response) -> list[str]:
    """The texts of the Warning headers (RFC 7234, section 5.5)."""
    found = [text for line in response.headers.get_list("warning") for text in _WARNING.findall(line)]
    return [re.sub(r"\\(.)", r"\1", text) for text in found]


def _asked_pause(response: httpx.Response, otherwise: float) -> float:
    """Seconds that the server asks to wait, at most 10; `otherwise` when it does not say."""
    try:
        return min(float(response.headers["Retry-After"]), 10.0)
    except (KeyError, ValueError):
        return otherwise
