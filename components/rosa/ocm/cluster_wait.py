"""Waiting for a cluster: until it is ready, and until it is gone."""

from datetime import timedelta

from modelyard.components.rosa.ocm import answers, paths, waiting
from modelyard.components.rosa.ocm.connection import Connection
from modelyard.components.rosa.ocm.errors import NotFoundError, ProvisionError

INSTALL_LIMIT = timedelta(minutes=60)
"""terraform-provider-rhcs waits 45 minutes for a hosted control plane, and 60 for its first nodes."""
DELETE_LIMIT = timedelta(minutes=60)


def wait_until_ready(there: Connection, cluster_id: str, limit: timedelta = INSTALL_LIMIT) -> answers.Cluster:
    """The cluster, once it is ready.

    Raises:
        ProvisionError: OCM gave up on it, or it is being deleted.
        WaitError: it takes too long.
    """

    def done(seen: answers.Cluster) -> bool:
        if seen.state == "error":
            status = seen.status
            why = ": ".join(part for part in (status.provision_error_code, status.provision_error_message) if part)
            raise ProvisionError(
                f"cluster {seen.name!r} could not be installed: {why or status.description or 'OCM gives no reason'}. "
                "It stays as it is, to be looked at; `pulumi destroy` removes it"
            )
        if seen.state == "uninstalling":
            raise ProvisionError(f"cluster {seen.name!r} is being uninstalled")
        return seen.state in ("ready", "updating")

    return waiting.until(
        f"cluster {cluster_id}",
        lambda: there.ocm.get(paths.cluster(cluster_id), answers.Cluster),
        done,
        lambda seen: f"{seen.state}" + (f" ({seen.status.description})" if seen.status.description else ""),
        limit=limit,
        pace=there.pace,
    )


def wait_until_gone(there: Connection, cluster_id: str) -> None:
    """Returns when OCM no longer knows the cluster.

    Raises:
        ProvisionError: the uninstallation failed.
        WaitError: it takes too long.
    """

    def look() -> answers.Cluster | None:
        try:
            return there.ocm.get(paths.cluster(cluster_id), answers.Cluster)
        except NotFoundError:
            return None

    def describe(seen: answers.Cluster | None) -> str:
        if seen is not None and seen.state == "error":
            raise ProvisionError(f"cluster {seen.name!r} could not be deleted: {seen.status.provision_error_message}")
        return seen.state if seen else "gone"

    waiting.until(
        f"cluster {cluster_id}", look, lambda seen: seen is None, describe, limit=DELETE_LIMIT, pace=there.pace
    )
