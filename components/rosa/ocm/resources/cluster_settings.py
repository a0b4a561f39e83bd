"""Settings of a cluster with endpoints of their own: its autoscaler, and the schedule of automatic upgrades."""

from typing import Any

import pulumi
from modelyard.components.rosa.ocm import fields
from modelyard.components.rosa.ocm.client import cluster_path
from modelyard.components.rosa.ocm.errors import DifferentError, NotFoundError
from modelyard.components.rosa.ocm.models import requests, responses
from modelyard.components.rosa.ocm.provider import GONE, OcmProvider, PathProvider, outputs, plain
from pulumi.dynamic import CreateResult, ReadResult, UpdateResult


class ClusterAutoscalerProvider(OcmProvider):
    """Sets the autoscaler. Each hosted cluster has exactly one, which is never created or deleted."""

    table = fields.CLUSTER_AUTOSCALER
    body = requests.ClusterAutoscaler
    beside = frozenset({"cluster_id"})

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Set the autoscaler."""
        return CreateResult(props["cluster_id"], self._set(props["cluster_id"], props))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Read the settings from OCM."""
        try:
            live = self.connection.ocm.get(cluster_path(id_, "autoscaler"), responses.Settings)
        except NotFoundError:
            return GONE
        return ReadResult(id_, self.refresh(props, live.model_dump()))

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Set the autoscaler."""
        return UpdateResult(self._set(_id, _news))

    def _set(self, cluster_id: str, props: dict[str, Any]) -> dict[str, Any]:
        body = self.request(props).wire()
        self.connection.ocm.patch(cluster_path(cluster_id, "autoscaler"), body, responses.Ignored)
        return outputs(props)


class UpgradeScheduleProvider(PathProvider):
    """Keeps one schedule of automatic upgrades of the control plane."""

    table = fields.UPGRADE_SCHEDULE
    body = requests.UpgradePolicy
    beside = frozenset({"cluster_id"})

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Create the schedule, or adopt one that is the same.

        Raises:
            DifferentError: there is another one, and OCM keeps only one; it is left as it is.
        """
        inputs, ocm = plain(props), self.connection.ocm
        cluster_id = inputs["cluster_id"]
        path = cluster_path(cluster_id, "control_plane", "upgrade_policies")
        for policy in ocm.pages(path, responses.Raw):
            if policy.fields.get("schedule_type") == "automatic":
                if self.compare(self.refresh(inputs, policy.fields), inputs):
                    raise DifferentError(
                        "the cluster has another schedule of automatic upgrades: "
                        f"{policy.fields.get('schedule')!r}. Delete it (rosa delete upgrade), or take its settings"
                    )
                return CreateResult(f"{cluster_id}/{policy.id}", outputs(inputs))
        policy = ocm.post(path, self.request(inputs), responses.UpgradePolicy)
        return CreateResult(f"{cluster_id}/{policy.id}", outputs(inputs))

    def path(self, id_: str) -> str:
        """Return the path of the schedule with the Pulumi id `<cluster>/<policy>`."""
        cluster_id, _, policy_id = id_.partition("/")
        return cluster_path(cluster_id, "control_plane", "upgrade_policies", policy_id)


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
    """Automatic upgrades of the control plane by a cron expression in UTC; `minor`: to new minor versions as well."""

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
