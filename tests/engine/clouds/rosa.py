"""OpenShift Cluster Manager for tests of whole environments: its clusters are the test's real Kubernetes API.

OCM, single sign-on and a cluster's OAuth server are `tests.components.rosa.ocm.server`. Everything else that is sent to
a cluster goes on to the real API, where the service account that the platform makes for itself has exactly the
rights that it was given.
"""

import http.client
import ssl
from typing import Any
from urllib.parse import urlsplit

from tests.components.rosa.ocm.server import FakeOcm, Handler
from tests.engine.api_server import ApiServer


class RosaCloud(FakeOcm):
    """The server.

    Args:
        api: what answers for every cluster.
    """

    def __init__(self, api: ApiServer) -> None:
        super().__init__(polls=2)
        self.api = api
        self.short_of: str | None = None
        """Id of a node pool for which AWS has no instances now."""

    def __enter__(self) -> "RosaCloud":
        super().__enter__()
        self._server.RequestHandlerClass = type("Handler", (_WithClusters,), {"ocm": self})
        self._server.handle_error = _no_news
        return self

    def _advance_pool(self, pools: dict[str, Any], pool: dict[str, Any]) -> None:
        if pool["id"] == self.short_of:
            pool["status"] |= {"state": {"value": "error"}, "message": "InsufficientInstanceCapacity"}
        else:
            super()._advance_pool(pools, pool)


def _no_news(request: Any, client_address: Any) -> None:
    """An engine that ends leaves connections open."""
    del request, client_address


class _WithClusters(Handler):
    ocm: RosaCloud  # pyright: ignore[reportIncompatibleVariableOverride] - the server that it belongs to

    do_PUT = Handler.do_GET  # noqa: N815 - names of http.server

    def _serve(self) -> None:
        path = urlsplit(self.path).path
        if path.startswith("/kube/") and "oauth" not in path:
            self._forward()
        else:
            super()._serve()

    def _forward(self) -> None:
        api = urlsplit(self.ocm.api.url)
        trusted = ssl.create_default_context(cafile=str(self.ocm.api.certificate))
        upstream = http.client.HTTPSConnection(api.hostname or "", api.port, context=trusted, timeout=60)
        sent = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        headers = {key: value for key, value in self.headers.items() if key.lower() not in {"host", "accept-encoding"}}
        _, _, cluster, path = self.path.split("/", 3)
        if headers.get("Authorization") == f"Bearer admin-{cluster}":
            # The passing user that OCM made an administrator.
            headers["Authorization"] = self.ocm.api.client.headers["Authorization"]
        try:
            upstream.request(self.command, f"/{path}", body=sent, headers=headers)
            answer = upstream.getresponse()
            content = answer.read()
        finally:
            upstream.close()
        self.send_response(answer.status)
        kept = {"content-type", "retry-after", "audit-id", "warning"}
        for key, value in answer.getheaders():
            if key.lower() in kept:
                self.send_header(key, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
