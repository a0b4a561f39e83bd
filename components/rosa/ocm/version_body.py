"""A version, and the ways to another one."""

from typing import Annotated, Literal

from modelyard.components.rosa.ocm.body import Body, Id
from pydantic import StringConstraints


class Version(Body):
    """An OpenShift version of OCM: `openshift-v4.20.1`, or `openshift-v4.20.1-candidate` off the stable channel."""

    id: Annotated[str, StringConstraints(pattern=r"^openshift-v\d+\.\d+\.\d+[-.a-z0-9]*$")]
    channel_group: str | None = None


class UpgradePolicy(Body):
    """Plans one upgrade, or a schedule of automatic ones."""

    upgrade_type: Literal["ControlPlane", "NodePool"] = "ControlPlane"
    schedule_type: Literal["manual", "automatic"]
    version: str | None = None
    next_run: str | None = None
    schedule: str | None = None
    enable_minor_version_upgrades: bool | None = None


class GateAgreement(Body):
    """Says that the warning of a version gate was read."""

    version_gate: Id
