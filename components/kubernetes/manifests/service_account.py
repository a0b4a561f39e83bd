"""The identity that a workspace's pods run under."""

from collections.abc import Mapping
from typing import Any

from modelyard.components.common.ownership import Ownership


def service_account(
    name: str, namespace: str, ownership: Ownership, annotations: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """An account with no rights and no token in its pods: Ray does not call the Kubernetes API.

    Args:
        name: of the account.
        namespace: of the team.
        ownership: labels of the account.
        annotations: which identity of the cloud it stands for. Its token for the cloud is another one, which a webhook
            adds to the pods.
    """
    metadata: dict[str, Any] = {"name": name, "namespace": namespace, "labels": ownership.labels()}
    if annotations:
        metadata["annotations"] = dict(annotations)
    return {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": metadata,
        "automountServiceAccountToken": False,
    }
