"""Labels that assign workloads to Kueue's queues and pods to workspaces."""

QUEUE = "kueue.x-k8s.io/queue-name"
"""Label with the local queue of a job or service (Kueue, `constants.QueueLabel`)."""

PRIORITY = "kueue.x-k8s.io/priority-class"
"""Label with the workload priority class (Kueue, `constants.WorkloadPriorityClassLabel`)."""

WORKSPACE = "modelyard.dev/workspace"
"""Label with the workspace of a pod; network policies select on it."""
