"""Workspaces: what a team runs. Each takes a preset and a queue and ends in a Ray workload."""
