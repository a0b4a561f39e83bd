"""A ROSA cluster with a hosted control plane, as a Pulumi resource.

Creating it returns as soon as OCM has accepted it, so that the state knows of it before the long part begins, and
`destroy` finds it whatever happens then. The long part is `HcpClusterReady`.
"""

from typing import Any

import pulumi
from modelyard.components.rosa.ocm import adoption, changes, fields
from modelyard.components.rosa.ocm.adoption import Creation
from modelyard.components.rosa.ocm.changes import Field, FieldEffect
from modelyard.components.rosa.ocm.client import CLUSTERS, cluster_path
from modelyard.components.rosa.ocm.errors import NotFoundError
from modelyard.components.rosa.ocm.models import requests, responses
from modelyard.components.rosa.ocm.provider import GONE, OcmProvider, outputs, plain, stack_owner
from modelyard.components.rosa.ocm.upgrades import UpgradeTarget, upgrade
from modelyard.components.rosa.ocm.waiting import wait_until_gone, wait_until_ready
from pulumi.dynamic import CreateResult, ReadResult, UpdateResult

_UNSET: dict[str, Any] = {"additional_allowed_principals": [], "termination_handler_queue_url": ""}
"""Values with which OCM unsets a field (terraform-provider-rhcs, Update of provider/clusterrosa/hcp)."""


class HcpClusterProvider(OcmProvider):
    """Creates, changes and deletes clusters."""

    table = fields.CLUSTER
    body = requests.Cluster
    beside = frozenset({"owner", "acknowledge_gates_for", "delete_protection"})
    computed = frozenset({"state", "running_version"})

    def broken_rules(self, inputs: dict[str, Any]) -> list[str]:
        """Compare private link and private API: they are one decision on hosted control planes."""
        if inputs["aws"].get("private_link", False) != (inputs["api"]["listening"] == "internal"):
            return ["aws.private_link and api.listening disagree: a hosted cluster is private in both, or in neither"]
        return []

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Create the cluster, or adopt that of an interrupted run."""
        inputs, connection = plain(props), self.connection
        body: requests.Cluster = self.request(inputs)
        body = body.model_copy(update={"properties": {**body.properties, adoption.PROPERTY: inputs["owner"]}})

        def post() -> responses.Raw:
            connection.settle()  # OCM tries the roles, which may have been made a moment ago
            return connection.ocm.post(CLUSTERS, body, responses.Raw)

        cluster, adopted = Creation(
            label=f"cluster {body.name!r}",
            find=lambda: self._find(body.name, inputs["owner"]),
            create=post,
            owner_of=lambda raw: _owner(raw.fields),
            owner=inputs["owner"],
            differences=lambda raw: self.replacement_reasons(inputs, raw.fields),
            pauses=connection.pauses,
            sleep=connection.pace.sleep,
        ).create_or_adopt()
        state = inputs
        if adopted:
            connection.pace.report(f"cluster {body.name!r} is there from an earlier run and is taken up again")
            state = self.refresh(inputs, cluster.fields)
            if cluster.fields.get("state") == "ready":
                self._update_cluster(cluster.id, state, inputs)
                state = inputs
        self._set_protection(cluster.id, inputs)
        return CreateResult(cluster.id, _outputs(state, cluster.fields))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Read the cluster from OCM."""
        try:
            live = self.connection.ocm.get(cluster_path(id_), responses.Raw)
        except NotFoundError:
            return GONE
        return ReadResult(id_, _outputs(self.refresh(props, live.fields), live.fields))

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Set the changed fields, then upgrade. OCM allows neither before the cluster is ready."""
        connection, news = self.connection, plain(_news)
        wait_until_ready(connection.ocm, connection.pace, _id)
        self._update_cluster(_id, plain(_olds), news)
        self._set_protection(_id, news)
        live = connection.ocm.get(cluster_path(_id), responses.Raw)
        return UpdateResult(_outputs(news, live.fields))

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Delete the cluster and wait until it is gone: without its roles the rest of the uninstallation sticks."""
        ocm, pace = self.connection.ocm, self.connection.pace
        try:
            if ocm.get(cluster_path(_id), responses.Cluster).state != "uninstalling":
                ocm.delete(cluster_path(_id))
        except NotFoundError:
            return
        wait_until_gone(ocm, pace, _id)

    def _find(self, name: str, owner: str) -> responses.Raw | None:
        ocm, pace = self.connection.ocm, self.connection.pace
        for cluster in ocm.pages(CLUSTERS, responses.Raw, search=f"name = '{name}'"):
            if cluster.fields.get("state") == "uninstalling" and _owner(cluster.fields) == owner:
                wait_until_gone(ocm, pace, cluster.id)  # ours, on its way out: its name is free afterwards
                continue
            return cluster
        return None

    def _update_cluster(self, cluster_id: str, olds: dict[str, Any], news: dict[str, Any]) -> None:
        ocm, difference = self.connection.ocm, self.compare(olds, news)
        wire = self.request(news).wire()
        paths = [path for path in difference.updates if path.split(".")[0] in wire or path.startswith("aws.")]
        settings = {**wire, "aws": {**_UNSET, **wire["aws"]}}
        body = changes.select_paths(settings, [path for path in paths if path != "version.id"])
        if "properties" in body:
            body["properties"] = {**body["properties"], adoption.PROPERTY: news["owner"]}
        if body:
            ocm.patch(cluster_path(cluster_id), body, responses.Ignored)
        if "version.id" in difference.updates:
            target = UpgradeTarget(
                label=f"cluster {news['name']!r}",
                cluster_id=cluster_id,
                collection=("control_plane", "upgrade_policies"),
                kind="ControlPlane",
                read_version=lambda: ocm.get(cluster_path(cluster_id), responses.Cluster).running_version,
                acknowledged=news.get("acknowledge_gates_for"),
            )
            upgrade(self.connection, target, news["version"]["id"])

    def _set_protection(self, cluster_id: str, inputs: dict[str, Any]) -> None:
        enabled = bool((inputs.get("delete_protection") or {}).get("enabled", False))
        path = cluster_path(cluster_id, "delete_protection")
        if self.connection.ocm.get(path, responses.DeleteProtection).enabled != enabled:
            self.connection.ocm.patch(path, requests.Enabled(enabled=enabled), responses.Ignored)


class HcpCluster(pulumi.dynamic.Resource, module="rosa", name="HcpCluster"):
    """A cluster; `id` is OCM's. Inputs have the structure of OCM's request (`requests.Cluster`).

    Args:
        name: name of the resource.
        inputs: the request, and beside it `delete_protection` (`{"enabled": True}`) and `acknowledge_gates_for`.
        opts: options.
    """

    state: pulumi.Output[str]
    """State at the last look, in OCM's word."""

    def __init__(self, name: str, inputs: dict[str, Any], opts: pulumi.ResourceOptions | None = None) -> None:
        # By OCM's name: a resource that is renamed, with an alias, goes on with its cluster.
        owner = stack_owner(inputs["name"] if isinstance(inputs["name"], str) else name)
        props = {**inputs, "owner": owner, "state": None, "running_version": None}
        super().__init__(HcpClusterProvider(), name, props, opts)


class HcpClusterReadyProvider(OcmProvider):
    """Waits for a cluster; creates nothing, deletes nothing."""

    table = (
        Field("cluster_id", FieldEffect.REPLACE, "another cluster"),
        Field("version", FieldEffect.IN_PLACE, "looks again after an upgrade"),
    )
    body = requests.NoBody
    beside = frozenset({"cluster_id", "version"})
    computed = frozenset({"api_url", "console_url", "base_domain", "running_version"})

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Return when the cluster is ready."""
        cluster_id = props["cluster_id"]
        return CreateResult(cluster_id, self._wait(cluster_id, props))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Read the cluster from OCM."""
        try:
            cluster = self.connection.ocm.get(cluster_path(id_), responses.Cluster)
        except NotFoundError:
            return GONE
        return ReadResult(id_, _addresses(props, cluster))

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Look again."""
        return UpdateResult(self._wait(_id, _news))

    def _wait(self, cluster_id: str, props: dict[str, Any]) -> dict[str, Any]:
        connection = self.connection
        return _addresses(props, wait_until_ready(connection.ocm, connection.pace, cluster_id))


class HcpClusterReady(pulumi.dynamic.Resource, module="rosa", name="HcpClusterReady"):
    """A cluster that is ready, with the addresses that are known only then."""

    api_url: pulumi.Output[str]
    """Address of its API."""
    console_url: pulumi.Output[str]
    """Address of its web console."""
    base_domain: pulumi.Output[str]
    """Domain of its names."""
    running_version: pulumi.Output[str]
    """OpenShift version of the control plane."""

    def __init__(
        self,
        name: str,
        cluster_id: pulumi.Input[str],
        version: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        props = {"cluster_id": cluster_id, "version": version, **dict.fromkeys(HcpClusterReadyProvider.computed)}
        super().__init__(HcpClusterReadyProvider(), name, props, opts)


def _owner(cluster: dict[str, Any]) -> str | None:
    return (cluster.get("properties") or {}).get(adoption.PROPERTY)


def _outputs(state: dict[str, Any], live: dict[str, Any]) -> dict[str, Any]:
    version = live.get("openshift_version") or (live.get("version") or {}).get("raw_id", "")
    return {**outputs(state), "state": live.get("state", "unknown"), "running_version": version}


def _addresses(props: dict[str, Any], cluster: responses.Cluster) -> dict[str, Any]:
    domain = cluster.dns.base_domain
    return {
        **outputs(props),
        "api_url": cluster.api.url,
        "console_url": cluster.console.url,
        "base_domain": f"{cluster.domain_prefix}.{domain}" if domain else "",
        "running_version": cluster.running_version,
    }
