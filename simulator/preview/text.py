"""Plan as text, for a terminal and for the files that a reviewer compares."""

from collections.abc import Iterator
from typing import Any

from simulator.preview.groups import Group
from simulator.preview.plan import Plan, Step

SIMULATED = (
    "The cloud is simulated, and a cluster that should exist is taken on trust: no real one was asked, and nothing was "
    "made. See docs/simulated-clouds.md."
)

_SIGNS = {"create": "+", "update": "~", "replace": "±", "delete": "-", "read": ">"}


def format_text(plan: Plan, *, properties: bool = False) -> str:
    """Format a plan by groups, followed by counts, cost, advice of policies, and the notice of the simulation.

    Args:
        properties: with the selected inputs of every resource.
    """
    return "\n".join(_lines(plan, properties=properties)) + "\n"


def _lines(plan: Plan, *, properties: bool) -> Iterator[str]:
    # No columns with properties: one longer type would change every line of a reviewed file.
    width = 0 if properties else max((len(step.type) for step in plan.steps), default=0)
    for group in Group:
        steps = plan.steps_of(group)
        if not steps:
            continue
        yield f"{group.value} ({len(steps)})"
        for step in steps:
            yield from _step_lines(step, width, properties=properties)
        yield ""
    yield f"{plan.environment}: {_format_counts(plan)}"
    yield _cost(plan.estimate)
    if plan.advice:
        yield f"policies refuse nothing; what they remark ({len(plan.advice)}):"
        yield from (f"  {line}" for advice in plan.advice for line in advice.splitlines())
    else:
        yield "policies refuse nothing"
    yield SIMULATED


def _step_lines(step: Step, width: int, *, properties: bool) -> Iterator[str]:
    sign = _SIGNS.get(step.operation, step.operation)
    mark = "  (protected)" if step.protected else ""
    yield f"  {sign} {step.type:{width}}  {step.name}{mark}"
    if properties:
        yield from (f"        {path}: {value}" for path, value in step.properties.items())


def _format_counts(plan: Plan) -> str:
    operations = ", ".join(f"{count} to {operation}" for operation, count in sorted(plan.operations.items()))
    groups = ", ".join(f"{group.value} {len(plan.steps_of(group))}" for group in Group if plan.steps_of(group))
    return f"{operations or 'nothing to do'} ({groups})" if groups else "nothing to do"


def _cost(estimate: dict[str, Any] | None) -> str:
    if estimate is None:
        return "estimated cost: none, no node pools are made"
    rate = estimate["usd_per_hour"]
    line = (
        f"estimated cost of the GPU pools: {rate['min_nodes']:.2f} USD per hour at their smallest, "
        f"{rate['max_nodes']:.2f} at their largest"
    )
    if missing := estimate.get("without_price"):
        line += f"; without {', '.join(missing)}, whose price there is not known"
    return line
