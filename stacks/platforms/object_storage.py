"""Buckets for models and checkpoints, in whichever cloud, and the accounts that may use them."""

from dataclasses import dataclass
from typing import Any, Protocol

from modelyard.components.common.ownership import OwnershipArgs
from modelyard.components.kubernetes.workspaces.identity import WorkspaceIdentityArgs

MODELS, CHECKPOINTS = "models", "checkpoints"
"""Names of the two buckets: servers read models; trainers write checkpoints."""


@dataclass(frozen=True, kw_only=True)
class WorkspaceAccount:
    """Service account of a workspace, in the namespace of its team."""

    name: str
    ownership: OwnershipArgs
    writes_checkpoints: bool
    """Trainers write checkpoints; servers only read models."""


class ObjectStorage(Protocol):
    """Buckets of an environment."""

    @property
    def outputs(self) -> dict[str, Any]:
        """Outputs of the stack about the buckets."""
        ...

    def provision_identity(self, account: WorkspaceAccount) -> WorkspaceIdentityArgs:
        """Register the cloud identity of an account's pods; return its arguments for the workspace."""
        ...
