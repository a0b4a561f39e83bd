"""Flavors and priorities, which the queues of all teams share."""

from collections.abc import Sequence
from typing import NotRequired

import pulumi
from modelyard.components.common.component import Component
from modelyard.components.common.errors import ArgumentError
from modelyard.components.kubernetes.manifest import Manifest, child_options, no_wait
from modelyard.components.kubernetes.manifests.priority_class import workload_priority_class
from modelyard.components.kubernetes.manifests.resource_flavor import resource_flavor
from typing_extensions import TypedDict


class FlavorArgs(TypedDict):
    """Kind of node that quota is counted on."""

    name: str
    """Name of the flavor."""
    node_labels: NotRequired[dict[str, str]]
    """Labels of its nodes. Default: none, which selects every node."""
    taints: NotRequired[list[dict[str, str]]]
    """Taints of its nodes, each with `key`, `value` and `effect`; admitted pods tolerate them."""


class PriorityArgs(TypedDict):
    """Priority of workloads."""

    name: str
    """Name of the priority."""
    value: int
    """Rank: the higher value goes first."""
    description: str
    """Explanation for the people who choose it."""


class PlatformQueuesArgs(TypedDict):
    """Flavors and priorities of a platform."""

    flavors: list[FlavorArgs]
    """Kinds of nodes that quota is counted on."""
    priorities: list[PriorityArgs]
    """Priorities that workspaces may name."""


class PlatformQueues(Component):
    """Resource flavors and workload priority classes of the whole cluster, which every team's queue names."""

    def __init__(self, name: str, args: PlatformQueuesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        _validate_taints(name, args["flavors"])
        super().__init__("modelyard:index:PlatformQueues", name, None, opts)
        self.ready: list[pulumi.Resource] = []
        for flavor in args["flavors"]:
            body = resource_flavor(flavor["name"], flavor.get("node_labels"), tuple(flavor.get("taints", ())))
            self.ready.append(Manifest(f"flavor-{flavor['name']}", body, child_options(self, opts), wait=no_wait()))
        for priority in args["priorities"]:
            body = workload_priority_class(priority["name"], int(priority["value"]), priority["description"])
            self.ready.append(Manifest(f"priority-{priority['name']}", body, child_options(self, opts), wait=no_wait()))
        self.register_outputs({})


def _validate_taints(name: str, flavors: Sequence[FlavorArgs]) -> None:
    for i, flavor in enumerate(flavors):
        for j, taint in enumerate(flavor.get("taints", ())):
            if not {"key", "effect"} <= taint.keys() <= {"key", "value", "effect"}:
                rule = "must have key and effect, may have value, and nothing else"
                raise ArgumentError(name, f"flavors[{i}].taints[{j}]", None, rule, "Kubernetes, core/v1 Taint")
