"""Queues: what all teams share (flavors, priorities), and one component for each team."""

from modelyard.components.kubernetes.queues.platform_queues import PlatformQueues, PlatformQueuesArgs
from modelyard.components.kubernetes.queues.team_queue import TeamQueue, TeamQueueArgs

__all__ = ["PlatformQueues", "PlatformQueuesArgs", "TeamQueue", "TeamQueueArgs"]
