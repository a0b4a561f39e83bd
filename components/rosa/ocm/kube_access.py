"""Service account of the platform in a cluster: its rights, its Kubernetes objects, and the login that creates them.

Installing operators means writing RBAC rules, which Kubernetes allows only to an account that may `escalate` and
`bind`. That comes close to an administrator; the account still lacks all it never needs: `exec` and `attach` into pods,
impersonation, nodes beyond reading, machine configuration, users and identity providers, and OpenShift's own
configuration.
"""

import base64
import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from modelyard.components.rosa.ocm.client import tls_context
from modelyard.components.rosa.ocm.errors import OcmError, UnreachableError

FIELD_MANAGER = "modelyard"

OAUTH_CLIENT = "openshift-challenging-client"
OAUTH_DISCOVERY = "/.well-known/oauth-authorization-server"

_ALL = ("get", "list", "watch", "create", "update", "patch", "delete")
_READ = ("get", "list", "watch")

_RIGHTS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (
        "",
        "namespaces configmaps secrets services serviceaccounts persistentvolumes persistentvolumeclaims "
        "resourcequotas limitranges pods",
        _ALL,
    ),
    ("", "nodes events pods/log endpoints", _READ),
    ("apps", "deployments daemonsets statefulsets", _ALL),
    ("apps", "replicasets controllerrevisions", _READ),
    ("batch", "jobs cronjobs", _ALL),
    ("policy", "poddisruptionbudgets", _ALL),
    ("networking.k8s.io", "networkpolicies ingresses", _ALL),
    ("route.openshift.io", "routes routes/custom-host", _ALL),
    ("scheduling.k8s.io", "priorityclasses", _ALL),
    ("storage.k8s.io", "storageclasses", _ALL),
    ("apiextensions.k8s.io", "customresourcedefinitions", _ALL),
    ("apiregistration.k8s.io", "apiservices", _ALL),
    ("admissionregistration.k8s.io", "mutatingwebhookconfigurations validatingwebhookconfigurations", _ALL),
    (
        "rbac.authorization.k8s.io",
        "clusterroles roles clusterrolebindings rolebindings",
        (*_ALL, "escalate", "bind"),
    ),
    ("security.openshift.io", "securitycontextconstraints", (*_ALL, "use")),
    ("operators.coreos.com", "subscriptions operatorgroups installplans clusterserviceversions", _ALL),
    ("nvidia.com", "clusterpolicies nvidiadrivers", _ALL),
    ("nfd.openshift.io", "nodefeaturediscoveries", _ALL),
    ("kueue.x-k8s.io ray.io serving.kserve.io kaito.sh", "*", _ALL),
    ("coordination.k8s.io", "leases", _ALL),
)
"""API groups, resources and verbs, names separated by spaces; the core group is empty."""

RULES: tuple[dict[str, Any], ...] = tuple(
    {"apiGroups": groups.split() or [""], "resources": resources.split(), "verbs": list(verbs)}
    for groups, resources, verbs in _RIGHTS
)
"""Rights of the service account, as rules of a ClusterRole."""


class KubernetesError(OcmError):
    """The cluster's API refused a request."""


def account_objects(namespace: str, account: str) -> dict[str, dict[str, Any]]:
    """Build the account's objects by their path in the API, in the order of application; the last one is its token."""
    core, rbac = "/api/v1", "/apis/rbac.authorization.k8s.io/v1"
    labels = {"app.kubernetes.io/managed-by": "modelyard"}
    metadata = {"namespace": namespace, "labels": labels}
    return {
        f"{core}/namespaces/{namespace}": {
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": {"name": namespace, "labels": labels},
        },
        f"{core}/namespaces/{namespace}/serviceaccounts/{account}": {
            "apiVersion": "v1",
            "kind": "ServiceAccount",
            "metadata": {"name": account, **metadata},
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
                **metadata,
                "annotations": {"kubernetes.io/service-account.name": account},
            },
            "type": "kubernetes.io/service-account-token",
        },
    }


class KubeApi:
    """A minimal Kubernetes client: apply and read."""

    def __init__(self, server: str, token: str, transport: httpx.BaseTransport | None = None) -> None:
        self._http = httpx.Client(
            base_url=server,
            headers={"Authorization": f"Bearer {token}"},
            transport=transport,
            verify=tls_context(),
            timeout=30.0,
        )

    def apply(self, path: str, body: dict[str, Any]) -> None:
        """Apply an object on the server; our fields win over those of other managers."""
        query = {"fieldManager": FIELD_MANAGER, "force": "true"}
        headers = {"Content-Type": "application/apply-patch+yaml"}
        self._send("PATCH", path, params=query, content=json.dumps(body), headers=headers)

    def read(self, path: str) -> dict[str, Any] | None:
        """Read an object; None if it does not exist."""
        return self._send("GET", path, missing=True)

    def _send(self, method: str, path: str, *, missing: bool = False, **request: Any) -> dict[str, Any] | None:
        try:
            answer = self._http.request(method, path, **request)
        except httpx.HTTPError as error:
            # Not chained: the exception holds the request, and the request holds the token.
            raise UnreachableError(f"{method} {path}: the cluster gives no answer ({type(error).__name__})") from None
        if answer.status_code == 404 and missing:
            return None
        if not answer.is_success:
            reason = answer.json().get("message", "") if "json" in answer.headers.get("Content-Type", "") else ""
            raise KubernetesError(f"{method} {path}: HTTP {answer.status_code} {reason}".rstrip())
        return answer.json() if answer.content else {}


def read_token(secret: dict[str, Any] | None) -> str | None:
    """Read the token of a service account's secret; None until Kubernetes has filled it."""
    encoded = ((secret or {}).get("data") or {}).get("token")
    return base64.b64decode(encoded).decode() if encoded else None


def render_kubeconfig(cluster: str, server: str, token: str) -> str:
    """Render a kubeconfig. No certificate authority: hosted control planes answer with a public certificate."""
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": cluster,
        "clusters": [{"name": cluster, "cluster": {"server": server}}],
        "users": [{"name": "modelyard", "user": {"token": token}}],
        "contexts": [{"name": cluster, "context": {"cluster": cluster, "user": "modelyard"}}],
    }
    return json.dumps(document)


def log_in(api_url: str, username: str, password: str, transport: httpx.BaseTransport | None = None) -> str | None:
    """Get a token of the cluster's OAuth server, as `oc login` does.

    The server answers a challenge: basic authentication on `/oauth/authorize` for the public client
    `openshift-challenging-client`, and a redirect with the token in its fragment (OpenShift documentation, "Internal
    OAuth server"). Not tried against a live cluster.

    Returns:
        The token; None as long as the server does not know the user: a new identity provider takes minutes.

    Raises:
        UnreachableError: no answer, or one without a token.
    """
    with httpx.Client(transport=transport, verify=tls_context(), timeout=30.0) as http:
        try:
            discovery = http.get(f"{api_url}{OAUTH_DISCOVERY}")
            answer = http.get(
                discovery.json()["authorization_endpoint"],
                params={"response_type": "token", "client_id": OAUTH_CLIENT},
                headers={"X-CSRF-Token": "1"},
                auth=httpx.BasicAuth(username, password),
            )
        except (httpx.HTTPError, ValueError, KeyError) as error:
            # Not chained: the exception holds the request, and the request holds the password.
            raise UnreachableError(f"the OAuth server of {api_url} gives no answer: {type(error).__name__}") from None
    if answer.status_code == 401:
        return None
    fragment = parse_qs(urlsplit(answer.headers.get("Location", "")).fragment)
    if answer.status_code != 302 or not fragment.get("access_token"):
        raise UnreachableError(f"the OAuth server of {api_url} answers {answer.status_code} without a token")
    return fragment["access_token"][0]
