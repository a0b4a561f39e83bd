"""Paths, errors, lists and changes in OCM's manner, for its stand-in."""

import re
from dataclasses import dataclass, field
from typing import Any

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
"""Schema of the body of each collection."""

Resource = dict[str, Any]
"""A resource as OCM shows it; keys that begin with `_` are the stand-in's own."""
Answer = tuple[int, Resource | None]
"""Status and body."""


@dataclass
class Fault:
    """A request that goes wrong."""

    method: str
    part: str
    """Part of the path."""
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


def public(resource: Resource) -> Resource:
    return {key: value for key, value in resource.items() if not key.startswith("_")}


def check_pool(body: Resource) -> None:
    if ("replicas" in body) == ("autoscaling" in body):
        raise RefusedError(400, "Exactly one of replicas and autoscaling is allowed")
    aws = body["aws_node_pool"]
    if "spot_market_options" in aws and "capacity_reservation" in aws:
        raise RefusedError(400, "Spot and capacity reservation are mutually exclusive")
    if not re.fullmatch(r"[a-z]([-a-z0-9]*[a-z0-9])?", body["id"]):
        raise RefusedError(400, "Invalid node pool id")


def merge(resource: Resource, body: Resource) -> None:
    for key, value in body.items():
        is_map = key in ("labels", "tags", "properties")
        if isinstance(value, dict) and isinstance(resource.get(key), dict) and not is_map:
            merge(resource[key], value)
        else:
            resource[key] = value


def page(items: list[Resource], query: dict[str, str]) -> Resource:
    number, size = int(query.get("page", "1")), int(query.get("size", "100"))
    shown = [public(item) for item in items[(number - 1) * size : number * size]]
    return {"kind": "List", "page": number, "size": len(shown), "total": len(items), "items": shown}


def search(items: list[Resource], query: str | None) -> list[Resource]:
    if not query:
        return items
    match = re.fullmatch(r"(\w+) = '([^']*)'", query)
    if match is None:
        raise RefusedError(400, f"Cannot parse search {query!r}")
    return [item for item in items if item.get(match[1]) == match[2]]
