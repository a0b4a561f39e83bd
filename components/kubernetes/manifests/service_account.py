"""Service accounts of workspaces' pods."""

from collections.abc import Mapping
from typing import Any

from modelyard.components.common.ownership import Ownership


def service_account(
    name: str, namespace: str, ownership: Ownership, annotations: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Build an account without rights and without a token in its pods: Ray does not call the Kubernetes API.

    Args:
        name: name of the account.
        namespace: namespace of the team.
        ownership: labels of the account.
        annotations: annotations that name the account's identity in the cloud. Its token for the cloud is another one,
            which a webhook adds to the pods.
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
