"""When AKS may change a cluster by itself, and what it upgrades then."""

import re
from typing import Any, NotRequired

from modelyard.components.common.errors import ArgumentError
from typing_extensions import TypedDict

SOURCE = "AKS, planned maintenance"

CONFIGURATIONS = ("default", "aksManagedAutoUpgradeSchedule", "aksManagedNodeOSUpgradeSchedule")
"""Names that AKS knows: its own weekly releases, upgrades of Kubernetes, upgrades of node images."""

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

CHANNELS = ("none", "patch", "stable", "rapid", "node-image")
NODE_CHANNELS = ("None", "Unmanaged", "SecurityPatch", "NodeImage")

SHORTEST_HOURS = 4
"""Auto-upgrade needs at least so long (AKS, planned maintenance)."""

_CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
_OFFSET = re.compile(r"[+-](0[0-9]|1[0-4]):[0-5][0-9]")
_DATE = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])")


class QuietTimeArgs(TypedDict):
    """Days without upgrades, such as a week of training that must not be disturbed."""

    start: str
    """First day, `2026-12-20`."""
    end: str
    """Last day."""


class AksMaintenanceArgs(TypedDict):
    """The weekly window of all upgrades, and what is upgraded in it."""

    day: NotRequired[str]
    """Day of the week. Default `Sunday`."""
    start: NotRequired[str]
    """Local time, `HH:MM`. Default `01:00`."""
    hours: NotRequired[int]
    """Length, 4 to 24. Default 6."""
    utc_offset: NotRequired[str]
    """Default `+00:00`."""
    quiet_times: NotRequired[list[QuietTimeArgs]]
    """Ranges of days without upgrades."""
    channel: NotRequired[str]
    """Upgrades of Kubernetes: `none`, `patch`, `stable`, `rapid`, `node-image`. Default `patch`."""
    node_channel: NotRequired[str]
    """Upgrades of node images: `None`, `Unmanaged`, `SecurityPatch`, `NodeImage`. Default `NodeImage`, in which the
    GPU drivers of AKS come as well."""


def channels(cluster: str, args: AksMaintenanceArgs) -> tuple[str, str]:
    """Upgrade channels of Kubernetes and of node images.

    Raises:
        ArgumentError: a channel does not exist, or both would upgrade node images.
    """
    channel, nodes = args.get("channel", "patch"), args.get("node_channel", "NodeImage")
    if channel not in CHANNELS:
        raise ArgumentError(cluster, "maintenance.channel", channel, f"is one of {', '.join(CHANNELS)}", SOURCE)
    if nodes not in NODE_CHANNELS:
        raise ArgumentError(cluster, "maintenance.node_channel", nodes, f"is one of {', '.join(NODE_CHANNELS)}", SOURCE)
    if channel == "node-image" and nodes != "NodeImage":
        rule = "channel 'node-image' goes only with node_channel 'NodeImage'"
        raise ArgumentError(cluster, "maintenance.node_channel", nodes, rule, "AKS, node OS auto-upgrade channels")
    return channel, nodes


def window(cluster: str, args: AksMaintenanceArgs) -> Any:
    """The maintenance window, as `MaintenanceConfiguration` takes it.

    Raises:
        ArgumentError: day, time, length or dates are not what AKS accepts.
    """
    day, start = args.get("day", "Sunday"), args.get("start", "01:00")
    hours, offset = int(args.get("hours", 6)), args.get("utc_offset", "+00:00")
    if day not in DAYS:
        raise ArgumentError(cluster, "maintenance.day", day, f"is one of {', '.join(DAYS)}", SOURCE)
    if not _CLOCK.fullmatch(start):
        raise ArgumentError(cluster, "maintenance.start", start, "is written HH:MM, 00:00 to 23:59", SOURCE)
    if not _OFFSET.fullmatch(offset):
        raise ArgumentError(cluster, "maintenance.utc_offset", offset, "is written +HH:MM or -HH:MM", SOURCE)
    if not SHORTEST_HOURS <= hours <= 24:
        raise ArgumentError(cluster, "maintenance.hours", hours, f"is {SHORTEST_HOURS} to 24", SOURCE)
    made: dict[str, Any] = {
        "schedule": {"weekly": {"day_of_week": day, "interval_weeks": 1}},
        "start_time": start,
        "duration_hours": hours,
        "utc_offset": offset,
    }
    if quiet := args.get("quiet_times"):
        made["not_allowed_dates"] = [_quiet(cluster, one) for one in quiet]
    return made


def _quiet(cluster: str, args: QuietTimeArgs) -> dict[str, str]:
    for key in ("start", "end"):
        if not _DATE.fullmatch(args[key]):
            raise ArgumentError(cluster, f"maintenance.quiet_times.{key}", args[key], "is written YYYY-MM-DD", SOURCE)
    if args["end"] < args["start"]:
        rule = f"ends before it starts on {args['start']}"
        raise ArgumentError(cluster, "maintenance.quiet_times.end", args["end"], rule, SOURCE)
    return {"start": args["start"], "end": args["end"]}
