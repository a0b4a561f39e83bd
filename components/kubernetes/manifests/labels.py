"""The labels that say whose an object is, and those that hand it to Kueue."""

from dataclasses import dataclass

QUEUE = "kueue.x-k8s.io/queue-name"
"""Hands a job or service to the local queue of that name (Kueue, `constants.QueueLabel`)."""

PRIORITY = "kueue.x-k8s.io/priority-class"
"""Names the workload priority class (Kueue, `constants.WorkloadPriorityClassLabel`)."""

WORKSPACE = "modelyard.dev/workspace"
"""Names the workspace on all of its pods; network policies select by it."""

MANAGED_BY = "app.kubernetes.io/managed-by"


@dataclass(frozen=True, kw_only=True)
class Ownership:
    """Who answers for an object and who pays for it; policies demand these on every team's namespace."""

    team: str
    owner: str
    """A person or group to ask, as a label value: letters, digits, `-`, `_`, `.`."""
    cost_center: str
    environment: str

    def labels(self) -> dict[str, str]:
        """As Kubernetes labels."""
        return {
            MANAGED_BY: "modelyard",
            "team": self.team,
            "owner": self.owner,
            "cost-center": self.cost_center,
            "env": self.environment,
        }
