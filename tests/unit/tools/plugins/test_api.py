"""The HTTP client against a real server on this machine that breaks in the ways a real API server does."""

import http.server
import json
import socket
import struct
import sys
import threading

import pytest

from tools.plugins.kubernetes.api import Api
from tools.plugins.kubernetes.errors import ApiError, CancelledError, UnreachableError
from tools.plugins.kubernetes.kubeconfig import load


class Server(http.server.ThreadingHTTPServer):
    """Answers with the steps of `script`, then with `{"done": true}`; `seen` holds the requests."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.script, self.seen = [], []

    def handle_error(self, request, client_address):
        """Say nothing: resets are meant."""


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server  # type: ignore[assignment] # the base class knows only its own server

    def respond(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.seen.append((self.command, self.path, dict(self.headers), body))
        step = self.server.script.pop(0) if self.server.script else (200, {"done": True}, {})
        if step == "reset":
            # Zero linger: the client gets a reset, not an orderly end.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
            self.connection.close()
            return
        status, document, headers = step
        content = json.dumps(document).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PATCH = do_DELETE = respond  # noqa: N815 - names of the base class

    def log_message(self, format, *args):  # noqa: A002 - the name in the base class
        pass


@pytest.fixture
def server():
    with Server() as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield running
        running.shutdown()


def connect(server, user=None, cancelled=None):
    config = {
        "current-context": "c",
        "clusters": [{"name": "c", "cluster": {"server": f"http://127.0.0.1:{server.server_address[1]}"}}],
        "users": [{"name": "u", "user": user or {"token": "hidden"}}],
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
    }
    return Api(load(config), cancelled or threading.Event())


def test_reads_and_writes_survive_broken_connections(server):
    server.script = ["reset", "reset", (200, {"a": 1}, {})]

    assert connect(server).get("/api/v1/x") == {"a": 1}
    server.script = ["reset", (200, {"b": 2}, {})]
    assert connect(server).apply("/x", {}, manager="me", force=True, dry_run=True) == {"b": 2}
    assert len(server.seen) == 5


def test_creation_is_not_repeated(server):
    server.script = ["reset"]

    with pytest.raises(UnreachableError, match="cannot be reached"):
        connect(server).create("/x", {}, manager="me", dry_run=False)

    assert len(server.seen) == 1


def test_busy_server_is_retried_after_its_pause(server):
    server.script = [(429, {}, {"Retry-After": "0.01"}), (503, {}, {"Retry-After": "0.01"}), (200, {"ok": 1}, {})]

    assert connect(server).get("/x") == {"ok": 1}


def test_cancellation_ends_waits(server):
    server.script = [(503, {}, {"Retry-After": "10"})] * 3
    cancelled = threading.Event()
    cancelled.set()

    with pytest.raises(CancelledError):
        connect(server, cancelled=cancelled).get("/x")


def test_refusal_keeps_the_servers_message(server):
    cause = {"reason": "FieldManagerConflict", "field": ".spec.replicas", "message": 'conflict with "other"'}
    status = {"kind": "Status", "reason": "Conflict", "message": "Apply failed", "details": {"causes": [cause]}}
    server.script = [(409, status, {})]

    with pytest.raises(ApiError, match="Apply failed") as caught:
        connect(server).apply("/x", {}, manager="me", force=False, dry_run=False)

    assert caught.value.is_field_conflict
    assert caught.value.causes == [cause]


def test_answer_that_is_no_json_is_an_error_with_its_text(server):
    server.script = [(404, "page not found", {})]

    with pytest.raises(ApiError, match="page not found") as caught:
        connect(server).get("/apis/absent/v1")

    assert caught.value.is_not_found


def test_refused_token_of_a_command_is_renewed_once(server, tmp_path):
    count = tmp_path / "count"
    code = (
        f"import json,pathlib; p=pathlib.Path({str(count)!r}); n=int(p.read_text() or 0)+1 if p.exists() else 1;"
        "p.write_text(str(n)); print(json.dumps({'status': {'token': f'token-{n}'}}))"
    )
    user = {"exec": {"command": sys.executable, "args": ["-c", code]}}
    server.script = [(401, {}, {}), (200, {"ok": 1}, {})]

    assert connect(server, user).get("/x") == {"ok": 1}
    assert [headers["Authorization"] for _, _, headers, _ in server.seen] == ["Bearer token-1", "Bearer token-2"]
    server.script = [(401, {}, {})] * 2
    with pytest.raises(ApiError, match="does not accept the credentials of context 'c'"):
        connect(server, user).get("/x")


def test_warnings_are_passed_on(server):
    header = '299 - "policy/v1beta1 is deprecated", 299 - "would violate \\"restricted\\""'
    server.script = [(200, {}, {"Warning": header})]
    found = []

    connect(server).apply("/x", {}, manager="me", force=False, dry_run=False, warn=found.append)

    assert found == ["policy/v1beta1 is deprecated", 'would violate "restricted"']


def test_apply_sends_manager_and_force(server):
    connect(server).apply("/x", {"a": 1}, manager="me", force=True, dry_run=True)

    method, path, headers, body = server.seen[0]
    assert (method, path) == ("PATCH", "/x?fieldManager=me&force=true&dryRun=All")
    assert headers["Content-Type"] == "application/apply-patch+yaml"
    assert headers["Authorization"] == "Bearer hidden"
    assert json.loads(body) == {"a": 1}


def test_proxies_of_the_environment_are_not_used(server, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")

    assert connect(server).get("/x") == {"done": True}
