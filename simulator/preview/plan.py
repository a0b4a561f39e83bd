"""Plan as data, read from the events of a preview."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from simulator.preview.groups import Group, find_group
from simulator.preview.properties import select_properties
from tools.up.stack import Event

#: Operations that the engine reports beside a replacement, which is three steps to it.
_PARTS = {"create-replacement", "delete-replaced", "discard-replaced", "read-replacement"}


@dataclass(frozen=True, kw_only=True)
class Step:
    """Planned operation on one resource."""

    group: Group
    operation: str
    type: str
    name: str
    properties: dict[str, str]
    protected: bool = False
    """True when Pulumi refuses to delete the resource."""

    def as_dict(self) -> dict[str, Any]:
        """Convert the step to JSON."""
        return {
            "operation": self.operation,
            "type": self.type,
            "name": self.name,
            "protected": self.protected,
            "properties": self.properties,
        }


@dataclass(kw_only=True)
class Plan:
    """Planned operations of an environment's `up`."""

    environment: str
    steps: list[Step] = field(default_factory=list)
    outputs: dict[str, Any] = field(default_factory=dict)
    """Known outputs of the stack."""
    advice: list[str] = field(default_factory=list)
    """Messages of advisory policies."""

    @property
    def estimate(self) -> dict[str, Any] | None:
        """Stack output `estimate`: USD per hour of all pools, at their smallest and at their largest."""
        return self.outputs.get("estimate")

    @property
    def operations(self) -> dict[str, int]:
        """Count of resources by operation, without components and providers."""
        counts: dict[str, int] = {}
        for step in self.steps:
            counts[step.operation] = counts.get(step.operation, 0) + 1
        return counts

    def steps_of(self, group: Group) -> list[Step]:
        """List the steps of one group, by type and name."""
        return sorted((step for step in self.steps if step.group is group), key=lambda step: (step.type, step.name))

    def as_dict(self) -> dict[str, Any]:
        """Convert the plan to JSON."""
        return {
            "environment": self.environment,
            "simulated": True,
            "operations": self.operations,
            "groups": {
                group.value: [step.as_dict() for step in steps] for group in Group if (steps := self.steps_of(group))
            },
            "estimate": self.estimate,
            "policies": {"refused": 0, "advice": self.advice},
        }


def read_plan(environment: str, events: Iterable[Event]) -> Plan:
    """Read the plan from the events of a preview."""
    plan = Plan(environment=environment)
    for event in events:
        if step := _step(event.get("resourcePreEvent", {}).get("metadata")):
            plan.steps.append(step)
        metadata = event.get("resOutputsEvent", {}).get("metadata", {})
        if metadata.get("type") == "pulumi:pulumi:Stack" and (state := metadata.get("new")):
            plan.outputs.update(state.get("outputs") or {})
        violation = event.get("policyEvent")
        if violation and violation.get("enforcementLevel") == "advisory":
            plan.advice.append(_format_advice(violation))
    # Sorted, because the order of the events differs between runs.
    plan.advice.sort()
    return plan


def _format_advice(violation: dict[str, Any]) -> str:
    name = violation.get("resourceUrn", "").rpartition("::")[2]
    # The engine puts a sentence of its own before the message of a rule on an unknown value.
    first, _, message = violation["message"].partition(" during preview: ")
    text = (message or first).strip()
    return f"{name}: {text}" if name and not message else text


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
        group=find_group(qualified),
        operation=metadata["op"],
        type=token,
        name=name,
        properties=select_properties(token, state.get("inputs") or {}),
        protected=bool(state.get("protect")),
    )
