"""Waits for what OCM does in its own time, with reports of the progress."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from modelyard.components.rosa.ocm.client import OcmClient, cluster_path
from modelyard.components.rosa.ocm.errors import NotFoundError, ProvisionError, WaitError
from modelyard.components.rosa.ocm.models import responses

T = TypeVar("T")

QUIET = timedelta(minutes=5)
"""Longest silence of a wait; after more it looks dead."""
INSTALL_LIMIT = timedelta(minutes=60)
"""Time for an installation: terraform-provider-rhcs allows 45 minutes, and 60 for the first nodes."""
DELETE_LIMIT = timedelta(minutes=60)
"""Time for a deletion (terraform-provider-rhcs)."""


@dataclass(frozen=True, kw_only=True)
class Pace:
    """Clock, pauses and reports of a wait."""

    sleep: Callable[[float], None]
    clock: Callable[[], datetime]
    report: Callable[[str], None]
    """Receiver of a line at each change of the state, and at least every five minutes."""
    every: float = 20.0
    """Seconds between two looks (the Terraform provider looks every 120 s; 20 s is 3 requests a minute)."""


def wait_until(
    subject: str,
    look: Callable[[], T],
    done: Callable[[T], bool],
    describe: Callable[[T], str],
    *,
    limit: timedelta,
    pace: Pace,
) -> T:
    """Look again and again until the state is the desired one.

    Args:
        subject: subject of messages: "cluster gpu1".
        look: reads the state; its errors pass through.
        done: tells the end of the wait; raises where the wait can only fail.
        describe: puts the state into a few words.
        limit: longest time to wait.
        pace: pauses, clock and reports.

    Raises:
        WaitError: the time is up; the message has the last state.
    """
    begin = last_report = pace.clock()
    last_words = ""
    while True:
        state = look()
        if done(state):
            return state
        now, words = pace.clock(), describe(state)
        if words != last_words or now - last_report >= QUIET:
            pace.report(f"{subject}: {words}, after {_duration(now - begin)} of at most {_duration(limit)}")
            last_words, last_report = words, now
        if now - begin >= limit:
            raise WaitError(f"{subject}: still {words} after {_duration(limit)}; the next up waits again")
        pace.sleep(pace.every)


def wait_until_ready(ocm: OcmClient, pace: Pace, cluster_id: str) -> responses.Cluster:
    """Wait for the installation of a cluster.

    Raises:
        ProvisionError: OCM gave up on it, or it is being deleted.
        WaitError: it takes too long.
    """

    def done(cluster: responses.Cluster) -> bool:
        if cluster.state == "error":
            status = cluster.status
            reason = ": ".join(part for part in (status.provision_error_code, status.provision_error_message) if part)
            raise ProvisionError(
                f"cluster {cluster.name!r} could not be installed: "
                f"{reason or status.description or 'OCM gives no reason'}. "
                "It stays as it is, to be looked at; `pulumi destroy` removes it"
            )
        if cluster.state == "uninstalling":
            raise ProvisionError(f"cluster {cluster.name!r} is being uninstalled")
        return cluster.state in ("ready", "updating")

    def describe(cluster: responses.Cluster) -> str:
        return cluster.state + (f" ({cluster.status.description})" if cluster.status.description else "")

    return wait_until(
        f"cluster {cluster_id}",
        lambda: ocm.get(cluster_path(cluster_id), responses.Cluster),
        done,
        describe,
        limit=INSTALL_LIMIT,
        pace=pace,
    )


def wait_until_gone(ocm: OcmClient, pace: Pace, cluster_id: str) -> None:
    """Wait until OCM no longer knows a cluster.

    Raises:
        ProvisionError: the uninstallation failed.
        WaitError: it takes too long.
    """

    def look() -> responses.Cluster | None:
        try:
            return ocm.get(cluster_path(cluster_id), responses.Cluster)
        except NotFoundError:
            return None

    def describe(cluster: responses.Cluster | None) -> str:
        if cluster is None:
            return "gone"
        if cluster.state == "error":
            reason = cluster.status.provision_error_message
            raise ProvisionError(f"cluster {cluster.name!r} could not be deleted: {reason}")
        return cluster.state

    def done(cluster: responses.Cluster | None) -> bool:
        return cluster is None

    wait_until(f"cluster {cluster_id}", look, done, describe, limit=DELETE_LIMIT, pace=pace)


def _duration(span: timedelta) -> str:
    minutes, seconds = divmod(int(span.total_seconds()), 60)
    return f"{minutes} min" if minutes and not seconds else f"{minutes} min {seconds} s" if minutes else f"{seconds} s"
