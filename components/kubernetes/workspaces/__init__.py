"""Workspaces: workloads of a team. Each takes a preset and a queue and becomes a Ray workload."""

from modelyard.components.kubernetes.workspaces.fine_tune import FineTuneWorkspace, FineTuneWorkspaceArgs
from modelyard.components.kubernetes.workspaces.serve import ServeWorkspace, ServeWorkspaceArgs

__all__ = [
    "FineTuneWorkspace",
    "FineTuneWorkspaceArgs",
    "ServeWorkspace",
    "ServeWorkspaceArgs",
]
