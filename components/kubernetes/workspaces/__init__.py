"""Workspaces: workloads of a team. Each takes a preset and a queue and becomes a Ray workload."""
