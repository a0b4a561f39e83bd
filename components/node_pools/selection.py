"""Machine of a pool: named in the catalogue, or selected by the planner for a preset."""

from dataclasses import dataclass
from typing import Any, cast

from modelyard.components.common.errors import ArgumentError
from modelyard.components.node_pools.args import PresetTask
from modelyard.workloads.hardware import catalogue
from modelyard.workloads.hardware.instance import InstanceType
from modelyard.workloads.planner import plan
from modelyard.workloads.presets.preset import UnknownPresetError
from modelyard.workloads.suggestions import propose


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Machine that the planner selected for a preset."""

    preset: str
    task: str
    instance_type: str
    nodes: int
    """Nodes that one copy of the model, or one training run, occupies."""
    usd_per_hour: float | None
    """Price of those nodes together."""
    planner: str
    """Version of the planner: another version may select another machine."""


def find_machine(pool: str, instance_type: str, cloud: str) -> InstanceType:
    """Return the machine `instance_type` of `cloud` from the catalogue; case does not matter.

    Args:
        pool: name of the pool, for errors.
        instance_type: name of the machine.
        cloud: `azure`, `aws`, or `any` for machines that no cloud sells.

    Raises:
        ArgumentError: the catalogue has no such machine, or another cloud sells it.
    """
    # `catalogue.list_instance_types(cloud="any")` would return all clouds' machines; here `any` is a cloud of its own.
    machines = {machine.name.lower(): machine for machine in catalogue.list_instance_types()}
    machine = machines.get(instance_type.lower())
    if machine is not None and machine.cloud == cloud:
        return machine
    if machine is not None:
        rule = f"is a machine of {machine.cloud!r}; this cluster runs on {cloud!r}"
        raise ArgumentError(pool, "instance_type", instance_type, rule)
    sold = sorted(machine.name for machine in machines.values() if machine.cloud == cloud)
    hint = propose(instance_type, sold, most=3) or f"it has {', '.join(sold)}"
    raise ArgumentError(pool, "instance_type", instance_type, f"no such GPU machine in the catalogue; {hint}")


def select_machine(
    pool: str, preset: str, task: PresetTask, *, cloud: str, region: str | None, spot: bool
) -> Selection:
    """Let the planner select the cheapest machine that runs the preset.

    Raises:
        ArgumentError: there is no such preset, or no machine of the cloud runs it.
    """
    try:
        proposal = plan.plan_for_preset(preset, task=task.value, cloud=cast(Any, cloud), region=region, spot=spot)
    except UnknownPresetError as error:
        raise ArgumentError(pool, "for_preset", preset, str(error)) from error
    for candidate in proposal.candidates:
        if candidate.fits:
            return Selection(
                preset=preset,
                task=task.value,
                instance_type=candidate.sku,
                nodes=candidate.nodes,
                usd_per_hour=candidate.usd_per_hour,
                planner=proposal.version,
            )
    reasons = "; ".join(
        f"{candidate.sku}: {candidate.reasons[0]}" for candidate in proposal.candidates[:3] if candidate.reasons
    )
    rule = f"no machine of {cloud!r} runs it for {task.value!r}: {reasons}"
    raise ArgumentError(pool, "for_preset", preset, rule)
