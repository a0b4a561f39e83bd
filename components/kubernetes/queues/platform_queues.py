"""What the queues of all teams share, so that it exists once in a cluster and not once per team."""

from typing import NotRequired

import pulumi
from modelyard.components.common.component import Component
from modelyard.components.kubernetes.manifest import Manifest, child_options, no_wait
from modelyard.components.kubernetes.manifests.priority_class import workload_priority_class
from modelyard.components.kubernetes.manifests.resource_flavor import resource_flavor
from typing_extensions import TypedDict


class FlavorArgs(TypedDict):
    """A kind of node that quota is counted on."""

    name: str
    node_labels: NotRequired[dict[str, str]]
    """Labels that its nodes carry. Default: none, which is every node."""
    taints: NotRequired[list[dict[str, str]]]
    """Taints of its nodes (`key`, `value`, `effect`); admitted pods tolerate them."""


class PriorityArgs(TypedDict):
    """A level of urgency."""

    name: str
    value: int
    """Higher goes first."""
    description: str


class PlatformQueuesArgs(TypedDict):
    """Flavors and priorities of a platform."""

    flavors: list[FlavorArgs]
    """Kinds of nodes."""
    priorities: list[PriorityArgs]
    """Levels of urgency."""


class PlatformQueues(Component):
    """Resource flavors and workload priority classes: cluster-wide, named by every team's queue."""

    def __init__(self, name: str, args: PlatformQueuesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("modelyard:index:PlatformQueues", name, None, opts)
        self.ready: list[pulumi.Resource] = []
        for flavor in args["flavors"]:
            body = resource_flavor(flavor["name"], flavor.get("node_labels"), tuple(flavor.get("taints", ())))
            self.ready.append(Manifest(f"flavor-{flavor['name']}", body, child_options(self, opts), wait=no_wait()))
        for priority in args["priorities"]:
            body = workload_priority_class(priority["name"], int(priority["value"]), priority["description"])
            self.ready.append(Manifest(f"priority-{priority['name']}", body, child_options(self, opts), wait=no_wait()))
        self.register_outputs({})
