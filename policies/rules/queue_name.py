"""The label by which Kueue holds a job back until its queue has room."""

from .field import Field
from .resource import Resource

QUEUE_LABEL = "kueue.x-k8s.io/queue-name"  # Kueue 0.19, pkg/controller/constants


def queue_label(resource: Resource) -> Field:
    """The queue label of `resource`; of a CronJob, that of the jobs it makes."""
    if resource.kind == ("batch", "CronJob"):
        return resource.body.at("spec", "jobTemplate", "metadata", "labels", QUEUE_LABEL)
    return resource.labels.at(QUEUE_LABEL)
