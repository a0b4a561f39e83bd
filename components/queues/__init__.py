"""Queues: what all teams share (flavors, priorities), and one component for each team."""
