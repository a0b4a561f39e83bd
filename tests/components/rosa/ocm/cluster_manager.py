"""State and rules of a stand-in for OpenShift Cluster Manager; `server` puts HTTP in front of it."""

# ruff: noqa: PLR0911, PLR0912 - a router has as many branches as there are paths

import itertools
import json
import re
import threading
from typing import Any

from tests.components.rosa.ocm.protocol import (
    BODIES,
    INSTALLING,
    ROOT,
    Answer,
    RefusedError,
    Resource,
    check_pool,
    merge,
    page,
    public,
    search,
)
from tests.components.rosa.ocm.strict import body_faults


class ClusterManager:
    """Clusters and OIDC configurations; resources of a cluster are in `children[cluster][collection]`.

    Args:
        polls: looks after which an installation or a deletion is done.
    """

    def __init__(self, *, polls: int = 3) -> None:
        self.polls = polls
        self.clusters: dict[str, Resource] = {}
        self.children: dict[str, dict[str, dict[str, Resource]]] = {}
        self.oidc_configs: dict[str, Resource] = {}
        self.requests: list[tuple[str, str, Any]] = []
        self.gates: list[Resource] = []
        self.agreed: list[str] = []
        self.install_fails: tuple[str, str] | None = None
        self.nodes_stuck: str | None = None
        self.passwords: dict[str, str] = {}
        self.url = ""
        self._numbers = itertools.count(1)
        self._lock = threading.RLock()

    def bodies(self, method: str, part: str) -> list[Any]:
        """List the bodies sent to paths that end with `part`."""
        return [body for sent, path, body in self.requests if sent == method and path.endswith(part)]

    def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> Answer:
        """Carry a request out."""
        with self._lock:
            self.requests.append((method, path, body))
            parts = path.removeprefix(ROOT).strip("/").split("/")
            if parts[0] == "clusters" and len(parts) > 1:
                return self._below_cluster(method, parts[1], parts[2:], query, body)
            collection = {"clusters": self.clusters, "oidc_configs": self.oidc_configs}.get(parts[0])
            if path.endswith("/aws_inquiries/oidc_thumbprint"):
                self._check_body("oidc_thumbprint", body)
                self._get(self.oidc_configs, "OIDC config", body["oidc_config_id"])
                return 200, {"thumbprint": "ab" * 20}
            if path.endswith("/aws_inquiries/sts_policies"):
                arn = "arn:aws:iam::710019948333:role/RH-Technical-Support-1"
                return 200, page([{"id": "x"}, {"id": "sts_support_rh_sre_role", "details": arn}], query)
            if collection is None:
                raise RefusedError(404, f"Unknown path {path}")
            if len(parts) == 1 and method == "GET":
                for cluster in list(self.clusters.values()):
                    self._tick(cluster)
                return 200, page(search(list(collection.values()), query.get("search")), query)
            if len(parts) == 1 and method == "POST":
                self._check_body(parts[0], body)
                return 201, self._new_cluster(body) if parts[0] == "clusters" else self._new_oidc(body)
            config = self._get(collection, parts[0], parts[1])
            if method == "DELETE":
                if any(c["aws"]["sts"]["oidc_config"]["id"] == config["id"] for c in self.clusters.values()):
                    raise RefusedError(409, "There are clusters using the OIDC config")
                del collection[config["id"]]
                return 204, None
            return 200, config

    def _new_cluster(self, body: Resource) -> Resource:
        if any(cluster["name"] == body["name"] for cluster in self.clusters.values()):
            raise RefusedError(400, f"Cluster '{body['name']}' already exists")
        for key in ("name", "region", "aws", "version", "nodes"):
            if key not in body:
                raise RefusedError(400, f"Field {key} is required")
        self._get(self.oidc_configs, "OIDC config", body["aws"]["sts"]["oidc_config"]["id"])
        cluster_id = f"c{next(self._numbers)}"
        version = re.search(r"v(\d+\.\d+\.\d+)", body["version"]["id"])
        cluster = {
            **json.loads(json.dumps(body)),
            "id": cluster_id,
            "state": "pending",
            "status": {"state": "pending"},
            "domain_prefix": body.get("domain_prefix") or body["name"][:15],
            "dns": {"base_domain": "p3.openshiftapps.com"},
            "api": {**body["api"]},
            "delete_protection": {"enabled": False},
            "_ticks": 0,
        }
        cluster["version"]["raw_id"] = version[1] if version else ""
        cluster["properties"] = {**cluster.get("properties", {}), "rosa_cli_version": "added-by-ocm"}
        self.clusters[cluster_id] = cluster
        self.children[cluster_id] = {}
        return public(cluster)

    def _new_oidc(self, body: Resource) -> Resource:
        config_id = f"oidc{next(self._numbers)}"
        self.oidc_configs[config_id] = {**body, "id": config_id, "issuer_url": f"https://oidc.example/{config_id}"}
        return self.oidc_configs[config_id]

    def _tick(self, cluster: Resource) -> None:
        """Let OCM work: each look brings a cluster a step on."""
        cluster["_ticks"] += 1
        if cluster["state"] == "uninstalling":
            if cluster["_ticks"] > self.polls:
                del self.clusters[cluster["id"]], self.children[cluster["id"]]
            return
        if cluster["state"] in INSTALLING:
            step = cluster["_ticks"] // max(1, self.polls // 3)
            cluster["state"] = INSTALLING[step] if step < len(INSTALLING) else "ready"
            if self.install_fails and cluster["state"] == "installing":
                code, message = self.install_fails
                cluster["state"] = "error"
                cluster["status"].update(provision_error_code=code, provision_error_message=message)
            if cluster["state"] == "ready":
                cluster["api"]["url"] = f"{self.url}/kube/{cluster['id']}"
                cluster["console"] = {"url": f"https://console.{cluster['name']}.example"}
                cluster["openshift_version"] = cluster["version"]["raw_id"]
            cluster["status"]["state"] = cluster["state"]

    def _below_cluster(self, method: str, cluster_id: str, rest: list[str], query: dict[str, str], body: Any) -> Answer:
        cluster = self._get(self.clusters, "Cluster", cluster_id)
        if not rest:
            return self._cluster(method, cluster, body)
        if rest == ["delete_protection"]:
            if method == "PATCH":
                self._check_body("delete_protection", body)
                cluster["delete_protection"] = body
            return 200, cluster["delete_protection"]
        if rest == ["autoscaler"]:
            if method == "PATCH":
                self._check_body("autoscaler", body)
                cluster.setdefault("_autoscaler", {}).update(body)
            return 200, cluster.get("_autoscaler", {})
        kind = rest[-1] if len(rest) % 2 else rest[-2]
        if rest[0] == "control_plane":
            kind = "upgrade_policies"
            rest = ["control_plane/upgrade_policies", *rest[2:]]
        elif len(rest) > 2:
            rest = ["/".join(rest[:3]), *rest[3:]]
        resources = self.children[cluster_id].setdefault(rest[0], {})
        if len(rest) == 1:
            if method == "GET":
                self._advance_upgrades(cluster, resources if kind == "upgrade_policies" else {})
                return 200, page(list(resources.values()), query)
            self._check_body(kind, body)
            return 201, self._new_child(cluster, kind, resources, body)
        resource = self._get(resources, kind, rest[1])
        if method == "DELETE":
            if kind == "node_pools":
                resource["_leaving"] = resource.get("_leaving", 0) or 1
            else:
                del resources[rest[1]]
            return 204, None
        if method == "PATCH":
            self._check_body(kind, body)
            merge(resource, body)
            if kind == "node_pools" and "replicas" in body:
                resource.pop("autoscaling", None)
            if kind == "node_pools" and "autoscaling" in body:
                resource.pop("replicas", None)
        if kind == "node_pools":
            self._advance_pool(resources, resource)
        return 200, resource

    def _cluster(self, method: str, cluster: Resource, body: Any) -> Answer:
        if method == "DELETE":
            if cluster["delete_protection"]["enabled"]:
                raise RefusedError(400, "Cluster is protected from deletion")
            cluster.update(state="uninstalling", _ticks=0)
            return 204, None
        if method == "PATCH":
            self._check_body("clusters", body)
            if cluster["state"] != "ready":
                raise RefusedError(409, f"Cluster is in state {cluster['state']}")
            merge(cluster, body)
            return 200, public(cluster)
        self._tick(cluster)
        self._get(self.clusters, "Cluster", cluster["id"])
        return 200, public(cluster)

    def _new_child(self, cluster: Resource, kind: str, resources: dict[str, Resource], body: Any) -> Resource:
        if cluster["state"] != "ready" and kind != "node_pools":
            raise RefusedError(400, f"Cluster is in state {cluster['state']}")
        resource_id = body.get("id") if kind in ("node_pools", "users") else f"n{next(self._numbers)}"
        names = [resource.get("name") for resource in resources.values()]
        if resource_id in resources or (body.get("name") and body["name"] in names):
            raise RefusedError(409, f"{kind} {resource_id} already exists")
        resource = {**json.loads(json.dumps(body)), "id": resource_id}
        if kind == "node_pools":
            check_pool(body)
            resource["aws_node_pool"].setdefault("tags", {})
            resource["version"] = body.get("version") or {"id": cluster["version"]["id"]}
            resource["version"]["raw_id"] = resource["version"]["id"].removeprefix("openshift-v")
            resource["status"] = {"current_replicas": 0, "message": "", "state": {"value": "installing"}}
        if kind == "upgrade_policies" and body["schedule_type"] == "manual":
            open_gates = [gate for gate in self.gates if gate["id"] not in self.agreed]
            if open_gates:
                raise RefusedError(400, "There are missing version gate agreements", open_gates)
            resource |= {"state": {"value": "scheduled"}, "_ticks": 0}
        if kind == "gate_agreements":
            self.agreed.append(body["version_gate"]["id"])
        if kind == "identity_providers" and "htpasswd" in body:
            self._add_users(cluster, resource, body["htpasswd"]["users"]["items"])
        if kind == "htpasswd_users":
            resource.pop("password", None)
        resources[resource_id] = resource
        return resource

    def _add_users(self, cluster: Resource, provider: Resource, users: list[Resource]) -> None:
        provider["htpasswd"] = {"users": {"items": [{"username": user["username"]} for user in users]}}
        self.passwords.update({user["username"]: user.get("password", "") for user in users})
        path = f"identity_providers/{provider['id']}/htpasswd_users"
        listed = self.children[cluster["id"]].setdefault(path, {})
        for user in users:
            user_id = f"u{next(self._numbers)}"
            listed[user_id] = {"id": user_id, "username": user["username"]}

    def _advance_upgrades(self, cluster: Resource, policies: dict[str, Resource]) -> None:
        for policy_id, policy in list(policies.items()):
            if policy.get("schedule_type") == "manual":
                policy["_ticks"] += 1
                policy["state"]["value"] = "started" if policy["_ticks"] > 1 else "scheduled"
                if policy["_ticks"] > 2:
                    cluster["openshift_version"] = cluster["version"]["raw_id"] = policy["version"]
                    del policies[policy_id]

    def _advance_pool(self, pools: dict[str, Resource], pool: Resource) -> None:
        if pool.get("_leaving"):
            pool["_leaving"] += 1
            if pool["_leaving"] > self.polls:
                del pools[pool["id"]]
            return
        if self.nodes_stuck:
            pool["status"]["message"] = self.nodes_stuck
            return
        scaling = pool.get("autoscaling") or {}
        pool["status"]["current_replicas"] = pool.get("replicas") or scaling.get("min_replica", 0)
        pool["status"]["state"]["value"] = "ready"

    def _get(self, resources: dict[str, Resource], kind: str, resource_id: str) -> Resource:
        if resource_id not in resources:
            raise RefusedError(404, f"{kind} '{resource_id}' not found")
        return resources[resource_id]

    def _check_body(self, kind: str, body: Any) -> None:
        faults = body_faults(BODIES[kind], body)
        if faults:
            raise RefusedError(400, "; ".join(faults))
