"""Maintenance window and upgrade channels of a cluster."""

from typing import Any, NamedTuple

import pytest
from modelyard.components.azure.cluster import maintenance
from modelyard.components.azure.cluster.args import AksMaintenanceArgs, AksNodeChannel, AksUpgradeChannel
from modelyard.components.common.errors import ArgumentError

DEFAULT = {
    "schedule": {"weekly": {"day_of_week": "Sunday", "interval_weeks": 1}},
    "start_time": "01:00",
    "duration_hours": 6,
    "utc_offset": "+00:00",
}


def test_a_window_has_the_form_of_the_service():
    christmas: AksMaintenanceArgs = {"quiet_times": [{"start": "2026-12-20", "end": "2027-01-03"}]}
    assert maintenance.validate_window("dev", {}) == DEFAULT
    assert maintenance.validate_window("dev", christmas) == {
        **DEFAULT,
        "not_allowed_dates": [{"start": "2026-12-20", "end": "2027-01-03"}],
    }


class Refusal(NamedTuple):
    """Arguments, and the message after `dev: maintenance.`."""

    args: dict[str, Any]
    message: str


SOURCE = "AKS, planned maintenance"

WINDOWS = [
    Refusal(
        {"day": "sunday"},
        "day = 'sunday': must be one of Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday; did you mean "
        f"'Sunday'? ({SOURCE})",
    ),
    Refusal({"start": "24:00"}, f"start = '24:00': must be HH:MM, 00:00 to 23:59 ({SOURCE})"),
    Refusal({"hours": 3}, f"hours = 3: must be 4 to 24 ({SOURCE})"),
    Refusal({"utc_offset": "2"}, f"utc_offset = '2': must be +HH:MM or -HH:MM ({SOURCE})"),
    Refusal(
        {"quiet_times": [{"start": "20.12.", "end": "2027-01-03"}]},
        f"quiet_times[0].start = '20.12.': must be YYYY-MM-DD ({SOURCE})",
    ),
    Refusal(
        {"quiet_times": [{"start": "2027-01-03", "end": "2026-12-20"}]},
        f"quiet_times[0].end = '2026-12-20': must not be before the start, 2027-01-03 ({SOURCE})",
    ),
]

CHANNELS = [
    Refusal(
        {"channel": "node-image", "node_channel": "None"},
        "node_channel = 'None': must be 'NodeImage' beside maintenance.channel 'node-image', which upgrades node "
        "images too (AKS, node OS auto-upgrade channels)",
    ),
    Refusal({"channel": "fast"}, f"channel = 'fast': must be one of none, patch, stable, rapid, node-image ({SOURCE})"),
    Refusal(
        {"node_channel": "nodeimage"},
        "node_channel = 'nodeimage': must be one of None, Unmanaged, SecurityPatch, NodeImage; did you mean "
        f"'NodeImage'? ({SOURCE})",
    ),
]


def refusal_id(refusal: Refusal) -> str:
    return refusal.message.partition(" =")[0]


@pytest.mark.parametrize("refusal", WINDOWS, ids=refusal_id)
def test_a_window_that_aks_would_refuse_is_refused(refusal: Refusal):
    with pytest.raises(ArgumentError) as error:
        maintenance.validate_window("dev", refusal.args)  # type: ignore[arg-type]
    assert str(error.value) == f"dev: maintenance.{refusal.message}"


@pytest.mark.parametrize("refusal", CHANNELS, ids=refusal_id)
def test_channels_that_aks_would_refuse_are_refused(refusal: Refusal):
    with pytest.raises(ArgumentError) as error:
        maintenance.validate_channels("dev", refusal.args)  # type: ignore[arg-type]
    assert str(error.value) == f"dev: maintenance.{refusal.message}"


def test_patches_and_node_images_are_upgraded_by_default():
    assert maintenance.validate_channels("dev", {}) == (AksUpgradeChannel.PATCH, AksNodeChannel.NODE_IMAGE)
