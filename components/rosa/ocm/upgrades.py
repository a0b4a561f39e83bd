"""Upgrades: a version goes up through a policy that OCM carries out, and never down."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from modelyard.components.rosa.ocm.client import cluster_path
from modelyard.components.rosa.ocm.connection import Connection
from modelyard.components.rosa.ocm.errors import ApiError, OcmError, ProvisionError
from modelyard.components.rosa.ocm.models import requests, responses
from modelyard.components.rosa.ocm.versions import Release, parse_release
from modelyard.components.rosa.ocm.waiting import wait_until

SOON = timedelta(minutes=10)
"""Lead time of an upgrade: OCM wants at least a few minutes (terraform-provider-rhcs: ten)."""

LIMIT = timedelta(minutes=90)


class GateError(OcmError):
    """An upgrade has consequences that somebody must acknowledge; the message quotes them."""


@dataclass(frozen=True, kw_only=True)
class UpgradeTarget:
    """Control plane or node pool, as OCM upgrades it."""

    label: str
    """Name in messages: "cluster 'gpu1'"."""
    cluster_id: str
    collection: tuple[str, ...]
    """Path of the policies below the cluster: `("control_plane", "upgrade_policies")`."""
    kind: Literal["ControlPlane", "NodePool"]
    read_version: Callable[[], str]
    """Reads the running version."""
    acknowledged: str | None = None
    """Minor version, `4.21`, whose gates the user has read."""

    @property
    def policies_path(self) -> str:
        """Path of the upgrade policies."""
        return cluster_path(self.cluster_id, *self.collection)


def upgrade(connection: Connection, target: UpgradeTarget, version: str) -> None:
    """Bring a target to a version and wait for the end. Joins an upgrade to that version that is under way.

    Raises:
        ValueError: the version would go down.
        GateError: gates are not acknowledged.
        ProvisionError: another upgrade is under way, or it failed.
        WaitError: it takes too long.
    """
    running = target.read_version()
    current, goal = parse_release(running), parse_release(version)
    if goal == current:
        return
    if goal < current:
        raise ValueError(f"{target.label} runs {running} and cannot go back to {version}: OpenShift has no downgrades")
    policy = _find_upgrade(connection, target, goal) or _schedule(connection, target, goal)

    def look() -> tuple[str, str]:
        policies = connection.ocm.pages(target.policies_path, responses.UpgradePolicy)
        state = next((other.state for other in policies if other.id == policy.id), None)
        if state is not None and state.value in ("failed", "cancelled"):
            reason = state.description or "no reason given"
            raise ProvisionError(f"{target.label}: the upgrade to {goal} {state.value}: {reason}")
        return target.read_version(), "completed" if state is None else state.value

    wait_until(
        f"{target.label}, upgrade to {goal}",
        look,
        lambda seen: bool(seen[0]) and parse_release(seen[0]) >= goal,
        lambda seen: f"{seen[1] or 'planned'}, running {seen[0]}",
        limit=LIMIT,
        pace=connection.pace,
    )


def _find_upgrade(connection: Connection, target: UpgradeTarget, goal: Release) -> responses.UpgradePolicy | None:
    """Find a planned upgrade to the goal; delete planned ones to other versions."""
    for policy in connection.ocm.pages(target.policies_path, responses.UpgradePolicy):
        if not policy.version:
            continue  # the schedule of automatic upgrades: OCM picks the version when its time comes
        if parse_release(policy.version) == goal:
            return policy
        if policy.state.value in ("started", "delayed"):
            raise ProvisionError(f"{target.label} is being upgraded to {policy.version}; wait for its end")
        connection.ocm.delete(f"{target.policies_path}/{policy.id}")
    return None


def _schedule(connection: Connection, target: UpgradeTarget, goal: Release) -> responses.UpgradePolicy:
    """Plan the upgrade, after agreeing to its gates where the user has read them."""
    ocm, path = connection.ocm, target.policies_path
    body = requests.UpgradePolicy(
        upgrade_type=target.kind,
        schedule_type="manual",
        version=str(goal),
        next_run=(connection.pace.clock() + SOON).strftime("%Y-%m-%dT%H:%M:%SZ"),
    )
    try:
        return ocm.post(path, body, responses.UpgradePolicy)
    except ApiError as error:
        gates = [detail for detail in error.details if detail.get("kind") == "VersionGate"]
        if error.status != 400 or not gates:
            raise
        if target.acknowledged != goal.minor:
            warnings = "; ".join(
                str(gate.get("warning_message") or gate.get("description") or gate["id"]) for gate in gates
            )
            raise GateError(
                f"the upgrade to {goal} needs an acknowledgement: {warnings}. "
                f"When you have read it, set acknowledge_gates_for to {goal.minor!r}"
            ) from error
    for gate in gates:
        agreement = requests.GateAgreement(version_gate=requests.Id(id=str(gate["id"])))
        ocm.post(cluster_path(target.cluster_id, "gate_agreements"), agreement, responses.Ignored)
    return ocm.post(path, body, responses.UpgradePolicy)
