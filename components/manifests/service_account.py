"""The identity that a workspace's pods run under."""

from typing import Any

from modelyard.components.manifests.labels import Ownership


def service_account(name: str, namespace: str, ownership: Ownership) -> dict[str, Any]:
    """An account with no rights and no token in its pods: Ray does not call the Kubernetes API."""
    return {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {"name": name, "namespace": namespace, "labels": ownership.labels()},
        "automountServiceAccountToken": False,
    }
