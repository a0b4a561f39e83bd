"""Two settings of a cluster with endpoints of their own: its autoscaler, and the schedule of automatic upgrades."""

from typing import Any

import pulumi
from modelyard.components.rosa.ocm import answers, changes, fields, paths, requests
from modelyard.components.rosa.ocm.errors import DifferentError, NotFoundError
from modelyard.components.rosa.ocm.provider import GONE, OcmProvider, plain
from pulumi.dynamic import CreateResult, ReadResult, UpdateResult


class ClusterAutoscalerProvider(OcmProvider):
    """There is one per hosted cluster, always: it is set, never made or deleted."""

    table = fields.CLUSTER_AUTOSCALER
    body = requests.ClusterAutoscaler
    beside = frozenset({"cluster_id"})

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Sets it."""
        wanted = plain(props)
        self._set(wanted["cluster_id"], self.request(wanted).wire())
        return CreateResult(wanted["cluster_id"], _inputs(wanted))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """What OCM says now."""
        try:
            live = self.connection.ocm.get(paths.cluster(id_, "autoscaler"), answers.Settings)
        except NotFoundError:
            return GONE
        return ReadResult(id_, self.refreshed(props, live.model_dump()))

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Sets it."""
        self._set(_id, self.request(_news).wire())
        return UpdateResult(_inputs(plain(_news)))

    def _set(self, cluster_id: str, body: dict[str, Any]) -> None:
        self.connection.ocm.patch(paths.cluster(cluster_id, "autoscaler"), body, answers.Nothing)


class UpgradeScheduleProvider(OcmProvider):
    """Keeps one schedule of automatic upgrades of the control plane."""

    table = fields.UPGRADE_SCHEDULE
    body = requests.UpgradePolicy
    beside = frozenset({"cluster_id"})

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Creates the schedule.

        Raises:
            DifferentError: there is another one, and OCM keeps only one; it is left as it is.
        """
        wanted, ocm = plain(props), self.connection.ocm
        path = paths.cluster(wanted["cluster_id"], "control_plane", "upgrade_policies")
        for one in ocm.pages(path, answers.Raw):
            if one.told.get("schedule_type") == "automatic":
                if self.changes(self.refreshed(wanted, one.told), wanted):
                    told = f"the cluster has another schedule of automatic upgrades: {one.told.get('schedule')!r}"
                    raise DifferentError(f"{told}. Delete it (rosa delete upgrade), or take its settings")
                return CreateResult(f"{wanted['cluster_id']}/{one.id}", _inputs(wanted))
        made = ocm.post(path, self.request(wanted), answers.UpgradePolicy)
        return CreateResult(f"{wanted['cluster_id']}/{made.id}", _inputs(wanted))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """What OCM says now."""
        try:
            live = self.connection.ocm.get(_path(id_), answers.Raw)
        except NotFoundError:
            return GONE
        return ReadResult(id_, self.refreshed(props, live.told))

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Sets it."""
        body = changes.only(self.request(_news).wire(), self.changes(_olds, _news).updates)
        self.connection.ocm.patch(_path(_id), body, answers.Nothing)
        return UpdateResult(_inputs(plain(_news)))

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Upgrades are planned by hand again."""
        try:
            self.connection.ocm.delete(_path(_id))
        except NotFoundError:
            return


class ClusterAutoscaler(pulumi.dynamic.Resource, module="rosa", name="ClusterAutoscaler"):
    """Settings of the cluster's autoscaler; inputs are `requests.ClusterAutoscaler`."""

    def __init__(
        self,
        name: str,
        cluster_id: pulumi.Input[str],
        settings: dict[str, Any],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(ClusterAutoscalerProvider(), name, {**settings, "cluster_id": cluster_id}, opts)


class UpgradeSchedule(pulumi.dynamic.Resource, module="rosa", name="UpgradeSchedule"):
    """Automatic upgrades of the control plane.

    Args:
        name: of the resource.
        cluster_id: OCM's id of the cluster.
        schedule: cron expression, in UTC.
        minor: whether to follow to new minor versions as well.
        opts: options.
    """

    def __init__(
        self,
        name: str,
        cluster_id: pulumi.Input[str],
        schedule: str,
        *,
        minor: bool,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        props = {
            "cluster_id": cluster_id,
            "upgrade_type": "ControlPlane",
            "schedule_type": "automatic",
            "schedule": schedule,
            "enable_minor_version_upgrades": minor,
        }
        super().__init__(UpgradeScheduleProvider(), name, props, opts)


def _path(id_: str) -> str:
    cluster_id, _, own = id_.partition("/")
    return paths.cluster(cluster_id, "control_plane", "upgrade_policies", own)


def _inputs(props: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in props.items() if key != "__provider"}
