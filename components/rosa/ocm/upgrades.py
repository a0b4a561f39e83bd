"""Upgrades: a version goes up through a policy that OCM carries out, and never down."""

from collections.abc import Callable
from datetime import timedelta

from modelyard.components.rosa.ocm import answers, paths, requests, waiting
from modelyard.components.rosa.ocm.connection import Connection
from modelyard.components.rosa.ocm.errors import ApiError, OcmError, ProvisionError
from modelyard.components.rosa.ocm.versions import Release, release

SOON = timedelta(minutes=10)
"""OCM wants an upgrade to lie at least a few minutes ahead (terraform-provider-rhcs: ten)."""

LIMIT = timedelta(minutes=90)


class GateError(OcmError):
    """An upgrade has consequences that somebody must acknowledge; the message quotes them."""


def upgrade(
    connection: Connection,
    cluster_id: str,
    *,
    what: str,
    collection: tuple[str, ...],
    kind: str,
    running: str,
    wanted: str,
    acknowledged: str | None,
    read: Callable[[], str],
) -> None:
    """Brings something to a version, unless it is there or an upgrade to it is under way; waits for the end.

    Args:
        connection: to OCM.
        cluster_id: OCM's id of the cluster.
        what: for messages.
        collection: below the cluster: `("control_plane", "upgrade_policies")`.
        kind: `ControlPlane` or `NodePool`.
        running: version now, `4.20.1`.
        wanted: version to be.
        acknowledged: minor version, `4.21`, whose gates the user has read.
        read: looks up the version that runs.

    Raises:
        ValueError: it would go down.
        GateError: gates are not acknowledged.
        ProvisionError: another upgrade is under way, or it failed.
        WaitError: it takes too long.
    """
    here, there = release(running), release(wanted)
    if there == here:
        return
    if there < here:
        raise ValueError(f"{what} runs {running} and cannot go back to {wanted}: OpenShift has no downgrades")
    policy = _under_way(connection, cluster_id, what, collection, there)
    if policy is None:
        next_run = (connection.pace.clock() + SOON).strftime("%Y-%m-%dT%H:%M:%SZ")
        body = requests.UpgradePolicy(
            upgrade_type=kind,  # type: ignore[arg-type]
            schedule_type="manual",
            version=str(there),
            next_run=next_run,
        )
        policy = _plan(connection, cluster_id, collection, body, acknowledged)
    name = policy.id

    def look() -> tuple[str, str]:
        found = {
            one.id: one for one in connection.ocm.pages(paths.cluster(cluster_id, *collection), answers.UpgradePolicy)
        }
        state = found[name].state if name in found else answers.UpgradeState(value="completed")
        if state.value in ("failed", "cancelled"):
            raise ProvisionError(
                f"{what}: the upgrade to {there} {state.value}: {state.description or 'no reason given'}"
            )
        return read(), state.value

    waiting.until(
        f"{what}, upgrade to {there}",
        look,
        lambda seen: bool(seen[0]) and release(seen[0]) >= there,
        lambda seen: f"{seen[1] or 'planned'}, running {seen[0]}",
        limit=LIMIT,
        pace=connection.pace,
    )


def _under_way(
    connection: Connection, cluster_id: str, what: str, collection: tuple[str, ...], wanted: Release
) -> answers.UpgradePolicy | None:
    for one in connection.ocm.pages(paths.cluster(cluster_id, *collection), answers.UpgradePolicy):
        if not one.version:
            continue  # the schedule of automatic upgrades: OCM picks the version when its time comes
        if release(one.version) == wanted:
            return one
        if one.state.value in ("started", "delayed"):
            raise ProvisionError(f"{what} is being upgraded to {one.version}; wait for its end")
        connection.ocm.delete(paths.cluster(cluster_id, *collection, one.id))  # planned, and not wanted any more
    return None


def _plan(
    connection: Connection,
    cluster_id: str,
    collection: tuple[str, ...],
    body: requests.UpgradePolicy,
    acknowledged: str | None,
) -> answers.UpgradePolicy:
    path = paths.cluster(cluster_id, *collection)
    try:
        return connection.ocm.post(path, body, answers.UpgradePolicy)
    except ApiError as refused:
        gates = [one for one in refused.details if one.get("kind") == "VersionGate"]
        if refused.status != 400 or not gates:
            raise
        minor = release(str(body.version)).minor
        if acknowledged != minor:
            texts = "; ".join(str(one.get("warning_message") or one.get("description") or one["id"]) for one in gates)
            raise GateError(
                f"the upgrade to {body.version} needs an acknowledgement: {texts}. "
                f"When you have read it, set acknowledge_gates_for to {minor!r}"
            ) from refused
    for gate in gates:
        agreement = requests.GateAgreement(version_gate=requests.Id(id=str(gate["id"])))
        connection.ocm.post(paths.cluster(cluster_id, "gate_agreements"), agreement, answers.Nothing)
    return connection.ocm.post(path, body, answers.UpgradePolicy)
