"""A ROSA cluster with a hosted control plane, as a Pulumi resource.

Creating it returns as soon as OCM has accepted it, so that the state knows of it before the long part begins, and
`destroy` finds it whatever happens then. The long part is `HcpClusterReady`.
"""

from typing import Any

import pulumi
from modelyard.components.rosa.ocm import adoption, answers, changes, fields, paths, requests, upgrades
from modelyard.components.rosa.ocm.adoption import Creation
from modelyard.components.rosa.ocm.cluster_wait import wait_until_gone, wait_until_ready
from modelyard.components.rosa.ocm.errors import NotFoundError
from modelyard.components.rosa.ocm.provider import GONE, OcmProvider, plain
from pulumi.dynamic import CreateResult, ReadResult, UpdateResult


class HcpClusterProvider(OcmProvider):
    """Creates, changes and deletes clusters."""

    table = fields.CLUSTER
    body = requests.Cluster
    beside = frozenset({"owner", "acknowledge_gates_for", "delete_protection"})
    computed = frozenset({"state", "running_version"})

    def rules(self, inputs: dict[str, Any]) -> list[str]:
        """Private link and a private API are one decision on hosted control planes."""
        if inputs["aws"].get("private_link", False) != (inputs["api"]["listening"] == "internal"):
            return ["aws.private_link and api.listening disagree: a hosted cluster is private in both, or in neither"]
        return []

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Creates the cluster, or takes up the one that an interrupted run made."""
        wanted = plain(props)
        body: requests.Cluster = self.request(wanted)
        body = body.model_copy(update={"properties": {**body.properties, adoption.PROPERTY: wanted["owner"]}})
        there = self.connection

        def make() -> answers.Raw:
            there.settle()  # OCM tries the roles, which may have been made a moment ago
            return there.ocm.post(paths.CLUSTERS, body, answers.Raw)

        found, had_been_there = Creation(
            what=f"cluster {body.name!r}",
            find=lambda: self._find(body.name, wanted["owner"]),
            make=make,
            owner=lambda raw: _owner(raw.told),
            mine=wanted["owner"],
            differences=lambda raw: self._differences(wanted, raw.told),
            waits=there.pauses,
            sleep=there.pace.sleep,
        ).once()
        state = wanted
        if had_been_there:
            there.pace.report(f"cluster {body.name!r} is there from an earlier run and is taken up again")
            state = self.refreshed(wanted, found.told)
            if changes.at(found.told, "state") == "ready":
                state = self._brought_to(found.id, state, wanted)
        self._protect(found.id, wanted)
        return CreateResult(found.id, _outputs(state, found.told))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """What OCM says now."""
        try:
            live = self.connection.ocm.get(paths.cluster(id_), answers.Raw)
        except NotFoundError:
            return GONE
        return ReadResult(id_, _outputs(self.refreshed(props, live.told), live.told))

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Sets what can be set, then upgrades. OCM allows neither before the cluster is ready."""
        there, news = self.connection, plain(_news)
        wait_until_ready(there, _id)
        self._brought_to(_id, plain(_olds), news)
        self._protect(_id, news)
        live = there.ocm.get(paths.cluster(_id), answers.Raw)
        return UpdateResult(_outputs(news, live.told))

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Deletes the cluster and waits until it is gone: without its roles the rest of the uninstallation sticks."""
        there = self.connection
        try:
            if there.ocm.get(paths.cluster(_id), answers.Cluster).state != "uninstalling":
                there.ocm.delete(paths.cluster(_id))
        except NotFoundError:
            return
        wait_until_gone(there, _id)

    def _find(self, name: str, mine: str) -> answers.Raw | None:
        for raw in self.connection.ocm.pages(paths.CLUSTERS, answers.Raw, search=f"name = '{name}'"):
            if raw.told.get("state") == "uninstalling" and _owner(raw.told) == mine:
                wait_until_gone(self.connection, raw.id)  # ours, on its way out: its name is free afterwards
                continue
            return raw
        return None

    def _differences(self, wanted: dict[str, Any], live: dict[str, Any]) -> list[str]:
        state = self.refreshed(wanted, live)
        return [
            f"{path} is {changes.at(state, path)!r}, wanted {changes.at(wanted, path)!r}"
            for path in self.changes(state, wanted).replaces
        ]

    def _brought_to(self, cluster_id: str, olds: dict[str, Any], news: dict[str, Any]) -> dict[str, Any]:
        there, found = self.connection, self.changes(olds, news)
        wire = self.request(news).wire()
        at_once = [path for path in found.updates if path.split(".")[0] in wire or path.startswith("aws.")]
        body = changes.only({**wire, "aws": {**_UNSET, **wire["aws"]}}, [one for one in at_once if one != "version.id"])
        if "properties" in body:
            body["properties"] = {**body["properties"], adoption.PROPERTY: news["owner"]}
        if body:
            there.ocm.patch(paths.cluster(cluster_id), body, answers.Nothing)
        if "version.id" in found.updates:
            name = news["name"]
            running = there.ocm.get(paths.cluster(cluster_id), answers.Cluster).running_version
            upgrades.upgrade(
                there,
                cluster_id,
                what=f"cluster {name!r}",
                collection=("control_plane", "upgrade_policies"),
                kind="ControlPlane",
                running=running,
                wanted=news["version"]["id"],
                acknowledged=news.get("acknowledge_gates_for"),
                read=lambda: there.ocm.get(paths.cluster(cluster_id), answers.Cluster).running_version,
            )
        return news

    def _protect(self, cluster_id: str, wanted: dict[str, Any]) -> None:
        enabled = bool((wanted.get("delete_protection") or {}).get("enabled", False))
        path = paths.cluster(cluster_id, "delete_protection")
        if self.connection.ocm.get(path, answers.DeleteProtection).enabled != enabled:
            self.connection.ocm.patch(path, requests.Enabled(enabled=enabled), answers.Nothing)


_UNSET: dict[str, Any] = {"additional_allowed_principals": [], "termination_handler_queue_url": ""}
"""What OCM takes for "no longer" (terraform-provider-rhcs, Update of provider/clusterrosa/hcp)."""


class HcpCluster(pulumi.dynamic.Resource, module="rosa", name="HcpCluster"):
    """A cluster; `id` is OCM's. Inputs have the shape of OCM's request (`requests.Cluster`).

    Args:
        name: of the resource.
        inputs: the request, and beside it `delete_protection` (`{"enabled": True}`) and `acknowledge_gates_for`.
        opts: options.
    """

    state: pulumi.Output[str]
    """OCM's word for how the cluster was when last looked at."""

    def __init__(self, name: str, inputs: dict[str, Any], opts: pulumi.ResourceOptions | None = None) -> None:
        # By OCM's name: a resource that is renamed, with an alias, goes on with its cluster.
        called = inputs["name"] if isinstance(inputs["name"], str) else name
        owner = adoption.mark(pulumi.get_project(), pulumi.get_stack(), called)
        props = {**inputs, "owner": owner, "state": None, "running_version": None}
        super().__init__(HcpClusterProvider(), name, props, opts)


def _owner(told: dict[str, Any]) -> str | None:
    return (told.get("properties") or {}).get(adoption.PROPERTY)


def _outputs(state: dict[str, Any], told: dict[str, Any]) -> dict[str, Any]:
    version = told.get("openshift_version") or (told.get("version") or {}).get("raw_id", "")
    return {**state, "state": told.get("state", "unknown"), "running_version": version}
