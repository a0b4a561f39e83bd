"""What OCM says of a version, and of an upgrade to another one."""

from modelyard.components.rosa.ocm.answer import Answer
from pydantic import Field


class Version(Answer):
    """An OpenShift version."""

    id: str = ""
    raw_id: str = ""
    """E.g. `4.20.1`."""
    channel_group: str = "stable"
    available_upgrades: list[str] = Field(default_factory=list)
    hosted_control_plane_enabled: bool = False


class UpgradeState(Answer):
    """The state of an upgrade."""

    value: str = ""
    description: str = ""


class UpgradePolicy(Answer):
    """A planned upgrade, or the schedule of automatic ones."""

    id: str
    version: str = ""
    schedule: str = ""
    schedule_type: str = ""
    upgrade_type: str = ""
    state: UpgradeState = Field(default_factory=UpgradeState)
