"""Queues: flavors and priorities that all teams share, and a component for each team."""
