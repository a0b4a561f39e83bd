"""A service account with a token and with the platform's rights, as Kubernetes objects, and how they get in."""

import base64
import json
from typing import Any

import httpx
from modelyard.components.rosa.ocm.access_rules import RULES
from modelyard.components.rosa.ocm.errors import OcmError, UnreachableError
from modelyard.components.rosa.ocm.tls import trust

FIELD_MANAGER = "modelyard"


class KubernetesError(OcmError):
    """The cluster's API refused something."""


def objects(namespace: str, account: str) -> dict[str, dict[str, Any]]:
    """The objects, by their path in the API, in the order in which they are applied."""
    core, rbac = "/api/v1", "/apis/rbac.authorization.k8s.io/v1"
    labels = {"app.kubernetes.io/managed-by": "modelyard"}
    inside = {"namespace": namespace, "labels": labels}
    return {
        f"{core}/namespaces/{namespace}": {
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": {"name": namespace, "labels": labels},
        },
        f"{core}/namespaces/{namespace}/serviceaccounts/{account}": {
            "apiVersion": "v1",
            "kind": "ServiceAccount",
            "metadata": {"name": account, **inside},
            "automountServiceAccountToken": False,
        },
        f"{rbac}/clusterroles/{account}-platform": {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "ClusterRole",
            "metadata": {"name": f"{account}-platform", "labels": labels},
            "rules": list(RULES),
        },
        f"{rbac}/clusterrolebindings/{account}-platform": {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "ClusterRoleBinding",
            "metadata": {"name": f"{account}-platform", "labels": labels},
            "roleRef": {
                "apiGroup": "rbac.authorization.k8s.io",
                "kind": "ClusterRole",
                "name": f"{account}-platform",
            },
            "subjects": [{"kind": "ServiceAccount", "name": account, "namespace": namespace}],
        },
        f"{core}/namespaces/{namespace}/secrets/{account}-token": {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {
                "name": f"{account}-token",
                **inside,
                "annotations": {"kubernetes.io/service-account.name": account},
            },
            "type": "kubernetes.io/service-account-token",
        },
    }


class KubeApi:
    """Just enough of a Kubernetes client: apply, read, delete."""

    def __init__(self, server: str, token: str, transport: httpx.BaseTransport | None = None) -> None:
        headers = {"Authorization": f"Bearer {token}"}
        self._http = httpx.Client(base_url=server, headers=headers, transport=transport, verify=trust(), timeout=30.0)

    def apply(self, path: str, body: dict[str, Any]) -> None:
        """Server-side apply; ours wins over what somebody else set."""
        query = {"fieldManager": FIELD_MANAGER, "force": "true"}
        headers = {"Content-Type": "application/apply-patch+yaml"}
        self._send("PATCH", path, params=query, content=json.dumps(body), headers=headers)

    def read(self, path: str) -> dict[str, Any] | None:
        """The object; None if there is none."""
        return self._send("GET", path, missing=True)

    def delete(self, path: str) -> None:
        """Gone already is fine."""
        self._send("DELETE", path, missing=True)

    def _send(self, method: str, path: str, *, missing: bool = False, **what: Any) -> dict[str, Any] | None:
        try:
            answer = self._http.request(method, path, **what)
        except httpx.HTTPError as wrong:
            # Not chained: the exception holds the request, and the request holds the token.
            raise UnreachableError(f"{method} {path}: the cluster gives no answer ({type(wrong).__name__})") from None
        if answer.status_code == 404 and missing:
            return None
        if not answer.is_success:
            reason = answer.json().get("message", "") if "json" in answer.headers.get("Content-Type", "") else ""
            raise KubernetesError(f"{method} {path}: HTTP {answer.status_code} {reason}".rstrip())
        return answer.json() if answer.content else {}


def token_of(secret: dict[str, Any] | None) -> str | None:
    """The token that Kubernetes has put into the secret, once it has."""
    encoded = ((secret or {}).get("data") or {}).get("token")
    return base64.b64decode(encoded).decode() if encoded else None


def kubeconfig(cluster: str, server: str, token: str) -> str:
    """The document. No certificate authority: hosted control planes answer with a publicly trusted certificate."""
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": cluster,
        "clusters": [{"name": cluster, "cluster": {"server": server}}],
        "users": [{"name": "modelyard", "user": {"token": token}}],
        "contexts": [{"name": cluster, "context": {"cluster": cluster, "user": "modelyard"}}],
    }
    return json.dumps(document)
