"""A stand-in for OpenShift Cluster Manager: real HTTP on 127.0.0.1, strict, and slow or broken on demand.

    with FakeOcm() as ocm:
        ocm.fault("POST", "/clusters", status=500, after=True)     # carried out, and then the answer is lost
        ...
        assert len(ocm.clusters) == 1

It also plays single sign-on, and the OAuth server and Kubernetes API of its clusters.
"""

# ruff: noqa: PLR0911 - a router has as many branches as there are paths

import base64
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.components.rosa.ocm.cluster_manager import ClusterManager
from tests.components.rosa.ocm.protocol import ROOT, Fault, RefusedError, Resource

__all__ = ["FakeOcm", "Fault", "Handler"]


class FakeOcm(ClusterManager):
    """The server.

    Args:
        polls: looks after which an installation or a deletion is done.
        token_seconds: lifetime of access tokens.
    """

    def __init__(self, *, polls: int = 3, token_seconds: float = 900) -> None:
        super().__init__(polls=polls)
        self.token_seconds = token_seconds
        self.faults: list[Fault] = []
        self.tokens: dict[str, float] = {}
        self.exchanges: list[dict[str, str]] = []
        self.kube: dict[str, Resource] = {}
        self.changes = 0
        self.strike: tuple[int, Fault] | None = None
        """A fault of the n-th request that changes something."""

    def __enter__(self) -> "FakeOcm":
        handler = type("Handler", (Handler,), {"ocm": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def environment(self) -> dict[str, str]:
        """Variables with which a process talks to this server."""
        return {
            "RHCS_URL": self.url,
            "RHCS_TOKEN_URL": f"{self.url}/token",
            "RHCS_CLIENT_ID": "robot",
            "RHCS_CLIENT_SECRET": "very-secret",
            "MODELYARD_OCM_SECONDS": "0.002",
        }

    def fault(self, method: str, part: str, status: int = 500, **options: Any) -> None:
        """Let the next matching request go wrong."""
        self.faults.append(Fault(method, part, status, **options))

    def next_fault(self, method: str, path: str) -> Fault | None:
        """Find the fault of a request; requests that change something are counted for `strike`."""
        part = path.removeprefix(ROOT)
        for fault in self.faults:
            if fault.method == method and fault.part in part and fault.times > 0:
                return fault
        if method == "GET" or not path.startswith(ROOT):
            return None
        with self._lock:
            self.changes += 1
            return self.strike[1] if self.strike is not None and self.strike[0] == self.changes else None


class Handler(BaseHTTPRequestHandler):
    """One request to OCM, to single sign-on or to a cluster."""

    ocm: FakeOcm
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    """Head and body go out in two writes; the second would wait 40 ms for the first to be acknowledged."""

    def do_GET(self) -> None:
        self._serve()

    do_POST = do_PATCH = do_DELETE = do_GET  # noqa: N815 - names of http.server

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        """Log nothing."""

    def _serve(self) -> None:
        split = urlsplit(self.path)
        content = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        query = {key: values[0] for key, values in parse_qs(split.query).items()}
        fault = self.ocm.next_fault(self.command, split.path)
        if fault is not None:
            fault.times -= 1
            if not fault.after and not fault.delay:
                return self._fail(fault)
        try:
            status, body, headers = self._dispatch(split.path, query, content)
        except RefusedError as error:
            status, headers = error.status, {}
            body = {
                "kind": "Error",
                "id": str(error.status),
                "href": f"{ROOT}/errors/{error.status}",
                "code": f"CLUSTERS-MGMT-{error.status}",
                "reason": error.reason,
                "operation_id": "op-1",
                **({"details": error.details} if error.details else {}),
            }
        if fault is not None and fault.delay:
            time.sleep(fault.delay)
        elif fault is not None:
            return self._fail(fault)
        return self._answer(status, body, headers)

    def _fail(self, fault: Fault) -> None:
        if fault.hang_up:
            self.close_connection = True
            self.connection.close()
            return
        self._answer(fault.status, {"kind": "Error", "id": str(fault.status), "reason": "injected"}, fault.headers)

    def _dispatch(
        self, path: str, query: dict[str, str], content: bytes
    ) -> tuple[int, Resource | None, dict[str, str]]:
        if path == "/token":
            return 200, self._token(content), {}
        if path.startswith("/kube/"):
            return self._kube(path.split("/", 3)[2], "/" + path.split("/", 3)[3], content)
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if self.ocm.tokens.get(token, 0) < time.monotonic():
            raise RefusedError(401, "Bearer token is not valid")
        status, body = self.ocm.answer(self.command, path, query, json.loads(content) if content else None)
        return status, body, {}

    def _token(self, content: bytes) -> Resource:
        form = {key: values[0] for key, values in parse_qs(content.decode()).items()}
        self.ocm.exchanges.append(form)
        basic = base64.b64encode(b"robot:very-secret").decode()
        service = form["grant_type"] == "client_credentials" and self.headers.get("Authorization") == f"Basic {basic}"
        person = form["grant_type"] == "refresh_token" and form.get("client_id") == "cloud-services"
        if not (service or person):
            raise RefusedError(401, "unauthorized")
        token = f"access-{len(self.ocm.exchanges)}"
        self.ocm.tokens[token] = time.monotonic() + self.ocm.token_seconds
        return {"access_token": token, "expires_in": self.ocm.token_seconds}

    def _kube(self, cluster: str, path: str, content: bytes) -> tuple[int, Resource | None, dict[str, str]]:
        ocm, base = self.ocm, f"{self.ocm.url}/kube/{cluster}"
        if path == "/.well-known/oauth-authorization-server":
            return 200, {"authorization_endpoint": f"{base}/oauth/authorize"}, {}
        if path == "/oauth/authorize":
            credentials = base64.b64decode(self.headers.get("Authorization", "").removeprefix("Basic ")).decode()
            user, _, password = credentials.partition(":")
            if not password or ocm.passwords.get(user) != password or self.headers.get("X-CSRF-Token") is None:
                return 401, {}, {}
            return 302, None, {"Location": f"{base}/oauth/token/implicit#access_token=admin-{cluster}&expires_in=86400"}
        if self.headers.get("Authorization") != f"Bearer admin-{cluster}":
            return 401, {"message": "Unauthorized"}, {}
        if not ocm.children[cluster].get("groups/cluster-admins/users"):
            return 403, {"message": "forbidden"}, {}
        if self.command == "PATCH":
            ocm.kube[path] = json.loads(content)
            if ocm.kube[path].get("type") == "kubernetes.io/service-account-token":
                ocm.kube[path]["data"] = {"token": base64.b64encode(b"service-account-token").decode()}
        if path not in ocm.kube:
            return 404, {"message": "not found"}, {}
        return 200, ocm.kube[path], {}

    def _answer(self, status: int, body: Resource | None, headers: dict[str, str]) -> None:
        content = json.dumps(body).encode() if body is not None else b""
        self.send_response(status)
        for key, value in {"Content-Type": "application/json", "Content-Length": str(len(content)), **headers}.items():
            self.send_header(key, value)
        self.end_headers()
        self.wfile.write(content)
