"""Weekly window in which AKS upgrades a cluster by itself, and the channels of the upgrades."""

import re
from typing import Any

from modelyard.components.azure.cluster.args import (
    AksMaintenanceArgs,
    AksNodeChannel,
    AksUpgradeChannel,
    QuietTimeArgs,
    Weekday,
)
from modelyard.components.common.choices import validate_choice, validate_range
from modelyard.components.common.errors import ArgumentError

SOURCE = "AKS, planned maintenance"
CHANNELS_SOURCE = "AKS, node OS auto-upgrade channels"

CONFIGURATIONS = ("default", "aksManagedAutoUpgradeSchedule", "aksManagedNodeOSUpgradeSchedule")
"""Names that AKS knows: its own weekly releases, upgrades of Kubernetes, upgrades of node images."""

SHORTEST_HOURS = 4
"""Shortest window of automatic upgrades (AKS, planned maintenance)."""

_CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
_OFFSET = re.compile(r"[+-](0[0-9]|1[0-4]):[0-5][0-9]")
_DATE = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])")


def validate_channels(name: str, args: AksMaintenanceArgs) -> tuple[AksUpgradeChannel, AksNodeChannel]:
    """Return the upgrade channels of Kubernetes and of node images.

    Raises:
        ArgumentError: a channel does not exist, or both would upgrade node images.
    """
    channel = validate_choice(
        name, "maintenance.channel", args.get("channel", AksUpgradeChannel.PATCH), AksUpgradeChannel, SOURCE
    )
    node_channel = validate_choice(
        name, "maintenance.node_channel", args.get("node_channel", AksNodeChannel.NODE_IMAGE), AksNodeChannel, SOURCE
    )
    if channel is AksUpgradeChannel.NODE_IMAGE and node_channel is not AksNodeChannel.NODE_IMAGE:
        rule = "must be 'NodeImage' beside maintenance.channel 'node-image', which upgrades node images too"
        raise ArgumentError(name, "maintenance.node_channel", node_channel.value, rule, CHANNELS_SOURCE)
    return channel, node_channel


def validate_window(name: str, args: AksMaintenanceArgs) -> dict[str, Any]:
    """Return the maintenance window in the form that `MaintenanceConfiguration` accepts.

    Raises:
        ArgumentError: AKS does not accept day, time, length or dates.
    """
    day = validate_choice(name, "maintenance.day", args.get("day", Weekday.SUNDAY), Weekday, SOURCE)
    start, offset = args.get("start", "01:00"), args.get("utc_offset", "+00:00")
    hours = validate_range(name, "maintenance.hours", args.get("hours", 6), (SHORTEST_HOURS, 24), SOURCE)
    if not _CLOCK.fullmatch(start):
        raise ArgumentError(name, "maintenance.start", start, "must be HH:MM, 00:00 to 23:59", SOURCE)
    if not _OFFSET.fullmatch(offset):
        raise ArgumentError(name, "maintenance.utc_offset", offset, "must be +HH:MM or -HH:MM", SOURCE)
    window: dict[str, Any] = {
        "schedule": {"weekly": {"day_of_week": day.value, "interval_weeks": 1}},
        "start_time": start,
        "duration_hours": hours,
        "utc_offset": offset,
    }
    if quiet_times := args.get("quiet_times"):
        window["not_allowed_dates"] = [
            _validate_quiet_time(name, index, quiet_time) for index, quiet_time in enumerate(quiet_times)
        ]
    return window


def _validate_quiet_time(name: str, index: int, args: QuietTimeArgs) -> dict[str, str]:
    path, start, end = f"maintenance.quiet_times[{index}]", args["start"], args["end"]
    for key, date in (("start", start), ("end", end)):
        if not _DATE.fullmatch(date):
            raise ArgumentError(name, f"{path}.{key}", date, "must be YYYY-MM-DD", SOURCE)
    if end < start:
        raise ArgumentError(name, f"{path}.end", end, f"must not be before the start, {start}", SOURCE)
    return {"start": start, "end": end}
