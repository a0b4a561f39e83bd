"""Cloud identity of a workspace's pods: their service account stands for it, without a key."""

from typing import NotRequired

import pulumi
from typing_extensions import TypedDict


class WorkspaceIdentityArgs(TypedDict):
    """Marks by which the cloud's webhook recognises pods, to give them a token of their service account."""

    annotations: dict[str, pulumi.Input[str]]
    """Annotations of the service account: `eks.amazonaws.com/role-arn` or `azure.workload.identity/client-id`."""
    pod_labels: NotRequired[dict[str, str]]
    """Labels of the pods: `azure.workload.identity/use`, without which Azure's webhook ignores them."""
