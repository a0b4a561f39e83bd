"""What a workspace's pods are in the cloud: their service account stands for an identity there, without a key."""

from typing import NotRequired

import pulumi
from typing_extensions import TypedDict


class WorkspaceIdentityArgs(TypedDict):
    """How the cloud's webhook knows the pods. It gives them a token of their service account, and says where it is."""

    annotations: dict[str, pulumi.Input[str]]
    """Of the service account: `eks.amazonaws.com/role-arn` or `azure.workload.identity/client-id`."""
    pod_labels: NotRequired[dict[str, str]]
    """Of the pods: `azure.workload.identity/use`, without which Azure's webhook leaves them alone."""
