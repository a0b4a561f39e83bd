"""Buckets for models and checkpoints, whatever the cloud calls them, and who may use them."""

from dataclasses import dataclass
from typing import Any, Protocol

from modelyard.components.common.ownership import OwnershipArgs
from modelyard.components.kubernetes.workspaces.identity import WorkspaceIdentityArgs

MODELS, CHECKPOINTS = "models", "checkpoints"
"""Servers read the one; trainers write the other."""


@dataclass(frozen=True, kw_only=True)
class Account:
    """A service account of a workspace."""

    name: str
    """The workspace's; its namespace is the team's."""
    whose: OwnershipArgs
    trains: bool
    """Trainers write checkpoints; servers only read models."""


class ObjectStorage(Protocol):
    """Buckets that were made."""

    @property
    def outputs(self) -> dict[str, Any]:
        """Of the stack, about them."""
        ...

    def identity(self, account: Account) -> WorkspaceIdentityArgs:
        """Registers what lets pods of `account` use their part; returns what the workspace is told of it."""
        ...
