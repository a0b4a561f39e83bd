"""Workspaces: what a team runs. Each takes a preset and a queue and ends in a Ray workload."""

from modelyard.components.kubernetes.workspaces.fine_tune import FineTuneWorkspace, FineTuneWorkspaceArgs
from modelyard.components.kubernetes.workspaces.serve import ServeWorkspace, ServeWorkspaceArgs

__all__ = [
    "FineTuneWorkspace",
    "FineTuneWorkspaceArgs",
    "ServeWorkspace",
    "ServeWorkspaceArgs",
]
