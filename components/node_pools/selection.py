"""The machine of a pool: named in the catalogue, or chosen by the planner for a preset."""

from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from modelyard.workloads.hardware.instance import InstanceType

TASKS = ("serve", "full", "lora", "qlora")
"""What a preset can be planned for (modelyard.workloads.planner)."""


@dataclass(frozen=True, kw_only=True)
class Need:
    """What a machine is looked for."""

    cloud: str
    region: str | None
    preset: str | None
    task: str
    spot: bool


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What the planner chose for a preset."""

    preset: str
    task: str
    instance_type: str
    nodes: int
    """Nodes that one copy of the model takes, or one training run."""
    usd_per_hour: float | None
    """Of those nodes together."""
    planner: str
    """Version of the planner, which stands beside a choice that may change with it."""


def choose(
    pool: str, instance_type: str | None, need: Need, error: Callable[..., Exception]
) -> tuple["InstanceType", Choice | None]:
    """The machine `instance_type`, or the one that the planner picks for `need`.

    Args:
        pool: its name, for errors.
        instance_type: None where the planner chooses.
        need: what for.
        error: makes the error from pool, argument, value, rule and source.

    Raises:
        Exception: what `error` makes: no such machine, another cloud's machine, no such preset or task, nothing fits.
    """
    if need.preset is None:
        return named(pool, str(instance_type), need.cloud, error), None
    if need.task not in TASKS:
        near = get_close_matches(need.task, TASKS, n=1)
        hint = f"did you mean {near[0]!r}? " if near else ""
        raise error(pool, "task", need.task, f"{hint}allowed: {', '.join(TASKS)}")
    choice = _planned(pool, need, error)
    return named(pool, choice.instance_type, need.cloud, error), choice


def named(pool: str, instance_type: str, cloud: str, error: Callable[..., Exception]) -> "InstanceType":
    """The machine of that name, if the catalogue has it and `cloud` sells it."""
    from modelyard.workloads.hardware import catalogue  # noqa: PLC0415 - read only where there are pools

    # `any` asks the catalogue for all; here it means machines that are nobody's product.
    sold = {one.name.lower(): one for one in catalogue.instance_types() if one.cloud == cloud}
    found = sold.get(instance_type.lower())
    if found is not None:
        return found
    elsewhere = {one.name.lower(): one for one in catalogue.instance_types()}.get(instance_type.lower())
    if elsewhere is not None:
        text = f"is a machine of {elsewhere.cloud!r}; this cluster runs on {cloud!r}"
        raise error(pool, "instance_type", instance_type, text)
    names = [sold[near].name for near in get_close_matches(instance_type.lower(), sold, n=3, cutoff=0.5)]
    known = ", ".join(sorted(one.name for one in sold.values()))
    hint = f"did you mean {' or '.join(map(repr, names))}?" if names else f"there are {known}"
    raise error(pool, "instance_type", instance_type, f"no such GPU machine in the catalogue; {hint}")


def _planned(pool: str, need: Need, error: Callable[..., Exception]) -> Choice:
    from modelyard.workloads.planner import plan  # noqa: PLC0415 - planning costs time, and few pools ask for it
    from modelyard.workloads.presets import preset as presets  # noqa: PLC0415

    wanted: dict[str, Any] = {"task": need.task, "cloud": need.cloud, "region": need.region, "spot": need.spot}
    try:
        made = plan.plan_for_preset(str(need.preset), **wanted)
    except presets.UnknownPresetError as unknown:
        raise error(pool, "for_preset", need.preset, str(unknown)) from unknown
    for one in made.candidates:
        if one.fits:
            return Choice(
                preset=str(need.preset),
                task=need.task,
                instance_type=one.sku,
                nodes=one.nodes,
                usd_per_hour=one.usd_per_hour,
                planner=made.version,
            )
    reasons = "; ".join(f"{one.sku}: {one.reasons[0]}" for one in made.candidates[:3] if one.reasons)
    raise error(pool, "for_preset", need.preset, f"no machine of {need.cloud!r} runs it for {need.task!r}: {reasons}")
