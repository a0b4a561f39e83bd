"""A stand-in for OpenShift Cluster Manager: real HTTP on 127.0.0.1, strict, and slow or broken on demand.

    with FakeOcm() as ocm:
        ocm.fault("POST", "/clusters", status=500, after=True)     # carried out, and then the answer is lost
        ...
        assert len(ocm.clusters) == 1

It also plays single sign-on, and the OAuth server and Kubernetes API of its clusters.
"""

# ruff: noqa: PLR0911, PLR0912 - a router has as many ways as there are paths

import base64
import itertools
import json
import re
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.components.rosa.ocm.strict import problems

ROOT = "/api/clusters_mgmt/v1"
INSTALLING = ("pending", "validating", "installing")
BODIES = {
    "clusters": "Cluster",
    "node_pools": "NodePool",
    "identity_providers": "IdentityProvider",
    "htpasswd_users": "HTPasswdUser",
    "tuning_configs": "TuningConfig",
    "kubelet_configs": "KubeletConfig",
    "autoscaler": "ClusterAutoscaler",
    "delete_protection": "DeleteProtection",
    "oidc_configs": "OidcConfig",
    "oidc_thumbprint": "OidcThumbprintInput",
    "upgrade_policies": "ControlPlaneUpgradePolicy",
    "gate_agreements": "VersionGateAgreement",
    "users": "User",
}


@dataclass
class Fault:
    """An answer that goes wrong."""

    method: str
    part: str
    """Found in the path."""
    status: int
    times: int = 1
    headers: dict[str, str] = field(default_factory=dict)
    after: bool = False
    """The request is carried out first."""
    hang_up: bool = False
    """No answer at all."""
    delay: float = 0.0
    """Seconds before the answer, which is then the right one."""


class RefusedError(Exception):
    """An error answer."""

    def __init__(self, status: int, reason: str, details: list[dict] | None = None) -> None:
        super().__init__(reason)
        self.status, self.reason, self.details = status, reason, details


class FakeOcm:
    """The server. Things are dicts as OCM would show them; children of a cluster are in `children[cluster][kind]`."""

    def __init__(self, *, polls: int = 3, token_seconds: float = 900) -> None:
        self.polls, self.token_seconds = polls, token_seconds
        self.clusters: dict[str, dict[str, Any]] = {}
        self.children: dict[str, dict[str, dict[str, dict[str, Any]]]] = {}
        self.oidc_configs: dict[str, dict[str, Any]] = {}
        self.requests: list[tuple[str, str, Any]] = []
        self.faults: list[Fault] = []
        self.tokens: dict[str, float] = {}
        self.exchanges: list[dict[str, str]] = []
        self.kube: dict[str, dict[str, Any]] = {}
        self.gates: list[dict[str, Any]] = []
        self.agreed: list[str] = []
        self.install_fails: tuple[str, str] | None = None
        self.nodes_stuck: str | None = None
        self.passwords: dict[str, str] = {}
        self.changes = 0
        self.strike: tuple[int, Fault] | None = None
        """A fault for the n-th request that changes something, whichever it is."""
        self._numbers = itertools.count(1)
        self._lock = threading.RLock()

    def __enter__(self) -> "FakeOcm":
        handler = type("Handler", (_Handler,), {"ocm": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def environment(self) -> dict[str, str]:
        """What a process needs to come here."""
        return {
            "RHCS_URL": self.url,
            "RHCS_TOKEN_URL": f"{self.url}/token",
            "RHCS_CLIENT_ID": "robot",
            "RHCS_CLIENT_SECRET": "very-secret",
            "MODELYARD_OCM_SECONDS": "0.002",
        }

    def fault(self, method: str, part: str, status: int = 500, **how: Any) -> None:
        """The next matching request goes wrong."""
        self.faults.append(Fault(method, part, status, **how))

    def struck(self) -> Fault | None:
        """Counts a request that changes something; its fault, if it is the one."""
        with self._lock:
            self.changes += 1
            return self.strike[1] if self.strike is not None and self.strike[0] == self.changes else None

    def bodies(self, method: str, part: str) -> list[Any]:
        """What was sent to matching paths."""
        return [body for one, path, body in self.requests if one == method and path.endswith(part)]

    # What a request does -------------------------------------------------------------------------------------------

    def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> tuple[int, dict[str, Any] | None]:
        with self._lock:
            self.requests.append((method, path, body))
            parts = path.removeprefix(ROOT).strip("/").split("/")
            if parts[0] == "clusters" and len(parts) > 1:
                return self._below_cluster(method, parts[1], parts[2:], query, body)
            collection = {"clusters": self.clusters, "oidc_configs": self.oidc_configs}.get(parts[0])
            if path.endswith("/aws_inquiries/oidc_thumbprint"):
                self._strict("oidc_thumbprint", body)
                self._must(self.oidc_configs, "OIDC config", body["oidc_config_id"])
                return 200, {"thumbprint": "ab" * 20}
            if path.endswith("/aws_inquiries/sts_policies"):
                arn = "arn:aws:iam::710019948333:role/RH-Technical-Support-1"
                return 200, _page([{"id": "x"}, {"id": "sts_support_rh_sre_role", "details": arn}], query)
            if collection is None:
                raise RefusedError(404, f"Unknown path {path}")
            if len(parts) == 1 and method == "GET":
                for one in list(self.clusters.values()):
                    self._tick(one)
                return 200, _page(_searched(list(collection.values()), query.get("search")), query)
            if len(parts) == 1 and method == "POST":
                self._strict(parts[0], body)
                return 201, self._new_cluster(body) if parts[0] == "clusters" else self._new_oidc(body)
            one = self._must(collection, parts[0], parts[1])
            if method == "DELETE":
                if any(c["aws"]["sts"]["oidc_config"]["id"] == one["id"] for c in self.clusters.values()):
                    raise RefusedError(409, "There are clusters using the OIDC config")
                del collection[one["id"]]
                return 204, None
            return 200, one

    def _new_cluster(self, body: dict[str, Any]) -> dict[str, Any]:
        if any(one["name"] == body["name"] for one in self.clusters.values()):
            raise RefusedError(400, f"Cluster '{body['name']}' already exists")
        for key in ("name", "region", "aws", "version", "nodes"):
            if key not in body:
                raise RefusedError(400, f"Field {key} is required")
        config = body["aws"]["sts"]["oidc_config"]["id"]
        self._must(self.oidc_configs, "OIDC config", config)
        number = f"c{next(self._numbers)}"
        raw = re.search(r"v(\d+\.\d+\.\d+)", body["version"]["id"])
        one = {
            **json.loads(json.dumps(body)),
            "id": number,
            "state": "pending",
            "status": {"state": "pending"},
            "domain_prefix": body.get("domain_prefix") or body["name"][:15],
            "dns": {"base_domain": "p3.openshiftapps.com"},
            "api": {**body["api"]},
            "delete_protection": {"enabled": False},
            "_ticks": 0,
        }
        one["version"]["raw_id"] = raw[1] if raw else ""
        one["properties"] = {**one.get("properties", {}), "rosa_cli_version": "added-by-ocm"}
        self.clusters[number] = one
        self.children[number] = {}
        return self._shown(one)

    def _new_oidc(self, body: dict[str, Any]) -> dict[str, Any]:
        number = f"oidc{next(self._numbers)}"
        self.oidc_configs[number] = {**body, "id": number, "issuer_url": f"https://oidc.example/{number}"}
        return self.oidc_configs[number]

    def _tick(self, one: dict[str, Any]) -> None:
        """OCM works: each look brings a cluster a step on."""
        one["_ticks"] += 1
        if one["state"] == "uninstalling":
            if one["_ticks"] > self.polls:
                del self.clusters[one["id"]], self.children[one["id"]]
            return
        if one["state"] in INSTALLING:
            step = one["_ticks"] // max(1, self.polls // 3)
            one["state"] = INSTALLING[step] if step < len(INSTALLING) else "ready"
            if self.install_fails and one["state"] == "installing":
                code, message = self.install_fails
                one["state"] = "error"
                one["status"].update(provision_error_code=code, provision_error_message=message)
            if one["state"] == "ready":
                one["api"]["url"] = f"{self.url}/kube/{one['id']}"
                one["console"] = {"url": f"https://console.{one['name']}.example"}
                one["openshift_version"] = one["version"]["raw_id"]
            one["status"]["state"] = one["state"]

    def _below_cluster(
        self, method: str, number: str, rest: list[str], query: dict[str, str], body: Any
    ) -> tuple[int, dict[str, Any] | None]:
        cluster = self._must(self.clusters, "Cluster", number)
        if not rest:
            return self._cluster(method, cluster, body)
        if rest == ["delete_protection"]:
            if method == "PATCH":
                self._strict("delete_protection", body)
                cluster["delete_protection"] = body
            return 200, cluster["delete_protection"]
        if rest == ["autoscaler"]:
            if method == "PATCH":
                self._strict("autoscaler", body)
                cluster.setdefault("_autoscaler", {}).update(body)
            return 200, cluster.get("_autoscaler", {})
        kind = rest[-1] if len(rest) % 2 else rest[-2]
        if rest[0] == "control_plane":
            kind = "upgrade_policies"
            rest = ["control_plane/upgrade_policies", *rest[2:]]
        elif len(rest) > 2:
            rest = ["/".join(rest[:3]), *rest[3:]]
        held = self.children[number].setdefault(rest[0], {})
        if len(rest) == 1:
            if method == "GET":
                self._advance_upgrades(cluster, held if kind == "upgrade_policies" else {})
                return 200, _page(list(held.values()), query)
            self._strict(kind, body)
            return 201, self._new_child(cluster, kind, held, body)
        one = self._must(held, kind, rest[1])
        if method == "DELETE":
            if kind == "node_pools":
                one["_leaving"] = one.get("_leaving", 0)
                if one["_leaving"] == 0:
                    one["_leaving"] = 1
            else:
                del held[rest[1]]
            return 204, None
        if method == "PATCH":
            self._strict(kind, body)
            _merge(one, body)
            if kind == "node_pools" and "replicas" in body:
                one.pop("autoscaling", None)
            if kind == "node_pools" and "autoscaling" in body:
                one.pop("replicas", None)
        if kind == "node_pools":
            self._advance_pool(held, one)
        return 200, one

    def _cluster(self, method: str, cluster: dict[str, Any], body: Any) -> tuple[int, dict[str, Any] | None]:
        if method == "DELETE":
            if cluster["delete_protection"]["enabled"]:
                raise RefusedError(400, "Cluster is protected from deletion")
            cluster.update(state="uninstalling", _ticks=0)
            return 204, None
        if method == "PATCH":
            self._strict("clusters", body)
            if cluster["state"] != "ready":
                raise RefusedError(409, f"Cluster is in state {cluster['state']}")
            _merge(cluster, body)
            return 200, self._shown(cluster)
        self._tick(cluster)
        if cluster["id"] not in self.clusters:
            raise RefusedError(404, f"Cluster '{cluster['id']}' not found")
        return 200, self._shown(cluster)

    def _new_child(self, cluster: dict[str, Any], kind: str, held: dict[str, Any], body: Any) -> dict[str, Any]:
        if cluster["state"] not in ("ready",) and kind != "node_pools":
            raise RefusedError(400, f"Cluster is in state {cluster['state']}")
        number = body.get("id") if kind in ("node_pools", "users") else f"n{next(self._numbers)}"
        if number in held or any(one.get("name") == body["name"] for one in held.values() if body.get("name")):
            raise RefusedError(409, f"{kind} {number} already exists")
        one = {**json.loads(json.dumps(body)), "id": number}
        if kind == "node_pools":
            _check_pool(body)
            one["aws_node_pool"].setdefault("tags", {})
            one["version"] = body.get("version") or {"id": cluster["version"]["id"]}
            one["version"]["raw_id"] = one["version"]["id"].removeprefix("openshift-v")
            one["status"] = {"current_replicas": 0, "message": "", "state": {"value": "installing"}}
        if kind == "upgrade_policies" and body["schedule_type"] == "manual":
            open_gates = [gate for gate in self.gates if gate["id"] not in self.agreed]
            if open_gates:
                raise RefusedError(400, "There are missing version gate agreements", open_gates)
            one["state"] = {"value": "scheduled"}
            one["_ticks"] = 0
        if kind == "gate_agreements":
            self.agreed.append(body["version_gate"]["id"])
        if kind == "identity_providers" and "htpasswd" in body:
            users = body["htpasswd"]["users"]["items"]
            one["htpasswd"] = {"users": {"items": [{"username": user["username"]} for user in users]}}
            self.passwords.update({user["username"]: user.get("password", "") for user in users})
            listed = self.children[cluster["id"]].setdefault(f"identity_providers/{number}/htpasswd_users", {})
            for user in users:
                own = f"u{next(self._numbers)}"
                listed[own] = {"id": own, "username": user["username"]}
        if kind == "htpasswd_users":
            one.pop("password", None)
        held[number] = one
        return one

    def _advance_upgrades(self, cluster: dict[str, Any], held: dict[str, Any]) -> None:
        for number, one in list(held.items()):
            if one.get("schedule_type") == "manual":
                one["_ticks"] += 1
                one["state"]["value"] = "started" if one["_ticks"] > 1 else "scheduled"
                if one["_ticks"] > 2:
                    cluster["openshift_version"] = cluster["version"]["raw_id"] = one["version"]
                    del held[number]

    def _advance_pool(self, held: dict[str, Any], one: dict[str, Any]) -> None:
        if one.get("_leaving"):
            one["_leaving"] += 1
            if one["_leaving"] > self.polls:
                del held[one["id"]]
            return
        if self.nodes_stuck:
            one["status"]["message"] = self.nodes_stuck
            return
        scaling = one.get("autoscaling") or {}
        one["status"]["current_replicas"] = one.get("replicas") or scaling.get("min_replica", 0)
        one["status"]["state"]["value"] = "ready"

    def _must(self, held: dict[str, Any], kind: str, number: str) -> dict[str, Any]:
        if number not in held:
            raise RefusedError(404, f"{kind} '{number}' not found")
        return held[number]

    def _strict(self, kind: str, body: Any) -> None:
        found = problems(BODIES[kind], body)
        if found:
            raise RefusedError(400, "; ".join(found))

    def _shown(self, one: dict[str, Any]) -> dict[str, Any]:
        return {key: value for key, value in one.items() if not key.startswith("_")}


def _check_pool(body: dict[str, Any]) -> None:
    if ("replicas" in body) == ("autoscaling" in body):
        raise RefusedError(400, "Exactly one of replicas and autoscaling is allowed")
    aws = body["aws_node_pool"]
    if "spot_market_options" in aws and "capacity_reservation" in aws:
        raise RefusedError(400, "Spot and capacity reservation are mutually exclusive")
    if not re.fullmatch(r"[a-z]([-a-z0-9]*[a-z0-9])?", body["id"]):
        raise RefusedError(400, "Invalid node pool id")


def _merge(one: dict[str, Any], body: dict[str, Any]) -> None:
    for key, value in body.items():
        if isinstance(value, dict) and isinstance(one.get(key), dict) and key not in ("labels", "tags", "properties"):
            _merge(one[key], value)
        else:
            one[key] = value


def _page(items: list[dict[str, Any]], query: dict[str, str]) -> dict[str, Any]:
    page, size = int(query.get("page", "1")), int(query.get("size", "100"))
    shown = [
        {key: value for key, value in one.items() if not key.startswith("_")}
        for one in items[(page - 1) * size : page * size]
    ]
    return {"kind": "List", "page": page, "size": len(shown), "total": len(items), "items": shown}


def _searched(items: list[dict[str, Any]], search: str | None) -> list[dict[str, Any]]:
    if not search:
        return items
    found = re.fullmatch(r"(\w+) = '([^']*)'", search)
    if found is None:
        raise RefusedError(400, f"Cannot parse search {search!r}")
    return [one for one in items if one.get(found[1]) == found[2]]


class _Handler(BaseHTTPRequestHandler):
    ocm: FakeOcm
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    """Head and body go out in two writes; the second would wait 40 ms for the first to be acknowledged."""

    def do_GET(self) -> None:
        self._serve()

    do_POST = do_PATCH = do_DELETE = do_GET  # noqa: N815 - names of http.server

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        """Quiet."""

    def _serve(self) -> None:
        split = urlsplit(self.path)
        content = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        query = {key: values[0] for key, values in parse_qs(split.query).items()}
        fault = next(
            (
                one
                for one in self.ocm.faults
                if one.method == self.command and one.part in split.path.removeprefix(ROOT) and one.times > 0
            ),
            None,
        )
        if fault is None and self.command != "GET" and split.path.startswith(ROOT):
            fault = self.ocm.struck()
        if fault is not None:
            fault.times -= 1
            if not fault.after and not fault.delay:
                return self._fail(fault)
        try:
            status, told, headers = self._dispatch(split.path, query, content)
        except RefusedError as refused:
            status, headers = refused.status, {}
            told = {
                "kind": "Error",
                "id": str(refused.status),
                "href": f"{ROOT}/errors/{refused.status}",
                "code": f"CLUSTERS-MGMT-{refused.status}",
                "reason": refused.reason,
                "operation_id": "op-1",
                **({"details": refused.details} if refused.details else {}),
            }
        if fault is not None and fault.delay:
            time.sleep(fault.delay)
        elif fault is not None:
            return self._fail(fault)
        return self._answer(status, told, headers)

    def _fail(self, fault: Fault) -> None:
        if fault.hang_up:
            self.close_connection = True
            self.connection.close()
            return
        self._answer(fault.status, {"kind": "Error", "id": str(fault.status), "reason": "injected"}, fault.headers)

    def _dispatch(
        self, path: str, query: dict[str, str], content: bytes
    ) -> tuple[int, dict[str, Any] | None, dict[str, str]]:
        if path == "/token":
            return 200, self._token(content), {}
        if path.startswith("/kube/"):
            return self._kube(path.split("/", 3)[2], "/" + path.split("/", 3)[3], content)
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if self.ocm.tokens.get(token, 0) < time.monotonic():
            raise RefusedError(401, "Bearer token is not valid")
        status, told = self.ocm.answer(self.command, path, query, json.loads(content) if content else None)
        return status, told, {}

    def _token(self, content: bytes) -> dict[str, Any]:
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

    def _kube(self, cluster: str, path: str, content: bytes) -> tuple[int, dict[str, Any] | None, dict[str, str]]:
        ocm, base = self.ocm, f"{self.ocm.url}/kube/{cluster}"
        if path == "/.well-known/oauth-authorization-server":
            return 200, {"authorization_endpoint": f"{base}/oauth/authorize"}, {}
        if path == "/oauth/authorize":
            given = base64.b64decode(self.headers.get("Authorization", "").removeprefix("Basic ")).decode()
            user, _, password = given.partition(":")
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

    def _answer(self, status: int, told: dict[str, Any] | None, headers: dict[str, str]) -> None:
        content = json.dumps(told).encode() if told is not None else b""
        self.send_response(status)
        for key, value in {"Content-Type": "application/json", "Content-Length": str(len(content)), **headers}.items():
            self.send_header(key, value)
        self.end_headers()
        self.wfile.write(content)
