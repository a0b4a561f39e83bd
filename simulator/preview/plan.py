"""A plan as data, read from the events of a preview."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from simulator.preview.groups import Group, group_of
from simulator.preview.properties import shown
from tools.up.stack import Event

#: Operations that the engine reports beside the one that a person thinks of: a replacement is three steps to it.
_PARTS = {"create-replacement", "delete-replaced", "discard-replaced", "read-replacement"}


@dataclass(frozen=True, kw_only=True)
class Step:
    """What would be done to one resource."""

    group: Group
    operation: str
    type: str
    name: str
    properties: dict[str, str]
    protected: bool = False
    """Whether Pulumi would refuse to delete it."""

    def as_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "operation": self.operation,
            "type": self.type,
            "name": self.name,
            "protected": self.protected,
            "properties": self.properties,
        }


@dataclass(kw_only=True)
class Plan:
    """What bringing up an environment would do."""

    environment: str
    steps: list[Step] = field(default_factory=list)
    outputs: dict[str, Any] = field(default_factory=dict)
    """Of the stack, as far as they are known."""
    advice: list[str] = field(default_factory=list)
    """What policies say without refusing."""

    @property
    def estimate(self) -> dict[str, Any] | None:
        """The stack's output of that name: USD per hour of all pools, at their smallest and at their largest."""
        return self.outputs.get("estimate")

    @property
    def operations(self) -> dict[str, int]:
        """How many resources have which operation; components and providers are none."""
        counts: dict[str, int] = {}
        for step in self.steps:
            counts[step.operation] = counts.get(step.operation, 0) + 1
        return counts

    def of(self, group: Group) -> list[Step]:
        """The steps of one group, by type and name."""
        return sorted((one for one in self.steps if one.group is group), key=lambda one: (one.type, one.name))

    def as_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "environment": self.environment,
            "simulated": True,
            "operations": self.operations,
            "groups": {group.value: [step.as_dict() for step in self.of(group)] for group in Group if self.of(group)},
            "estimate": self.estimate,
            "policies": {"refused": 0, "advice": self.advice},
        }


def read(environment: str, events: Iterable[Event]) -> Plan:
    """The plan that the events of a preview tell."""
    plan = Plan(environment=environment)
    for event in events:
        if step := _step(event.get("resourcePreEvent", {}).get("metadata")):
            plan.steps.append(step)
        ended = event.get("resOutputsEvent", {}).get("metadata", {})
        if ended.get("type") == "pulumi:pulumi:Stack" and (made := ended.get("new")):
            plan.outputs.update(made.get("outputs") or {})
        verdict = event.get("policyEvent")
        if verdict and verdict.get("enforcementLevel") == "advisory":
            plan.advice.append(_advice(verdict))
    # In the order of the events, which is another one in every run.
    plan.advice.sort()
    return plan


def _advice(verdict: dict[str, Any]) -> str:
    name = verdict.get("resourceUrn", "").rpartition("::")[2]
    # The engine puts a sentence about itself before what a rule says of a value that is not known yet.
    said = verdict["message"].partition(" during preview: ")
    text = (said[2] or said[0]).strip()
    return f"{name}: {text}" if name and not said[2] else text


def _step(metadata: dict[str, Any] | None) -> Step | None:
    if metadata is None or metadata["op"] in _PARTS:
        return None
    token = metadata["type"]
    if token.startswith(("pulumi:", "modelyard:")):
        return None
    state = metadata.get("new") or metadata.get("old") or {}
    _, _, rest = metadata["urn"].partition("::")
    qualified, _, name = rest.partition("::")[2].partition("::")
    return Step(
        group=group_of(qualified),
        operation=metadata["op"],
        type=token,
        name=name,
        properties=shown(token, state.get("inputs") or {}),
        protected=bool(state.get("protect")),
    )
