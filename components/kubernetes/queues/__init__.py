"""Queues: flavors and priorities that all teams share, and a component for each team."""

from modelyard.components.kubernetes.queues.platform_queues import PlatformQueues, PlatformQueuesArgs
from modelyard.components.kubernetes.queues.team_queue import TeamQueue, TeamQueueArgs

__all__ = ["PlatformQueues", "PlatformQueuesArgs", "TeamQueue", "TeamQueueArgs"]
