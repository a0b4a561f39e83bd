"""Small client of the API server: read, apply, patch, delete, and check readiness."""

from __future__ import annotations

import base64
import json
import ssl
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from tools.cluster.errors import ClusterError

FIELD_MANAGER = "modelyard-cluster"
"""Name under which server-side apply records the fields of this tool."""

_PLURALS = {
    "PersistentVolume": "persistentvolumes",
    "ClusterRole": "clusterroles",
    "ClusterRoleBinding": "clusterrolebindings",
    "ConfigMap": "configmaps",
    "Deployment": "deployments",
    "Lease": "leases",
    "Namespace": "namespaces",
    "Node": "nodes",
    "Pod": "pods",
    "Service": "services",
    "ServiceAccount": "serviceaccounts",
}


class Api:
    """Requests to one API server as the user of a kubeconfig; a context manager.

    Proxy settings of the environment are ignored: the server is on this machine.
    """

    def __init__(self, kubeconfig: Path, timeout_seconds: float = 10) -> None:
        """Read the kubeconfig (certificates inside, as this package writes it)."""
        config = json.loads(kubeconfig.read_text())
        cluster, user = config["clusters"][0]["cluster"], config["users"][0]["user"]
        self._client = httpx.Client(
            base_url=cluster["server"], verify=_context(cluster, user), timeout=timeout_seconds, trust_env=False
        )

    def __enter__(self) -> Self:
        """Return the client itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connections."""
        self._client.close()

    def ready(self) -> bool:
        """Tell whether the API server reports that it is ready; False also when it cannot be reached."""
        try:
            return self._client.get("/readyz", timeout=2).status_code == 200
        except httpx.HTTPError:
            return False

    def get(self, path: str) -> dict[str, Any] | None:
        """Return the object at an API path, or None if there is none."""
        response = self._request("GET", path)
        return None if response.status_code == 404 else self._require_success(response).json()

    def require(self, path: str) -> dict[str, Any]:
        """Return the object at an API path.

        Raises:
            ClusterError: there is none.
        """
        return self._require_success(self._request("GET", path)).json()

    def text(self, path: str) -> str:
        """Return the answer at a path as text (logs)."""
        return self._require_success(self._request("GET", path)).text

    def apply(self, manifest: dict[str, Any]) -> dict[str, Any]:
        """Apply the manifest on the server, taking over conflicting fields."""
        return self._require_success(
            self._request(
                "PATCH",
                object_path(manifest),
                params={"fieldManager": FIELD_MANAGER, "force": "true"},
                content=json.dumps(manifest).encode(),
                headers={"Content-Type": "application/apply-patch+yaml"},
            )
        ).json()

    def merge(self, path: str, changes: dict[str, Any]) -> dict[str, Any]:
        """Change some fields of the object at a path; a null removes a field."""
        return self._require_success(
            self._request(
                "PATCH",
                path,
                content=json.dumps(changes).encode(),
                headers={"Content-Type": "application/merge-patch+json"},
            )
        ).json()

    def delete(self, path: str) -> None:
        """Delete the object at a path, if there is one."""
        response = self._request("DELETE", path)
        if response.status_code != 404:
            self._require_success(response)

    def _request(self, method: str, path: str, **options: Any) -> httpx.Response:
        try:
            return self._client.request(method, path, **options)
        except httpx.HTTPError as error:
            raise ClusterError(f"the API server at {self._client.base_url} does not answer: {error}") from error

    def _require_success(self, response: httpx.Response) -> httpx.Response:
        if response.is_success:
            return response
        try:
            message = response.json().get("message", response.text)
        except ValueError:
            message = response.text
        request = response.request
        raise ClusterError(f"{request.method} {request.url.path} was refused ({response.status_code}): {message}")


def object_path(manifest: dict[str, Any]) -> str:
    """Return the API path of a manifest's object, for the kinds this package uses."""
    version, metadata = manifest["apiVersion"], manifest["metadata"]
    base = f"/api/{version}" if version == "v1" else f"/apis/{version}"
    namespace = f"/namespaces/{metadata['namespace']}" if "namespace" in metadata else ""
    return f"{base}{namespace}/{_PLURALS[manifest['kind']]}/{metadata['name']}"


def _context(cluster: dict[str, str], user: dict[str, str]) -> ssl.SSLContext:
    context = ssl.create_default_context(cadata=base64.b64decode(cluster["certificate-authority-data"]).decode())
    # Python's ssl reads a client's key from a file only; this one is 0600 and gone when the context has it.
    with tempfile.NamedTemporaryFile("wb", suffix=".pem") as pair:
        pair.write(base64.b64decode(user["client-certificate-data"]) + base64.b64decode(user["client-key-data"]))
        pair.flush()
        context.load_cert_chain(pair.name)
    return context
