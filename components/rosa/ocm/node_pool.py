"""A node pool of a hosted-control-plane cluster, as a Pulumi resource.

Like a cluster it is created without waiting for its nodes, so that the state knows of it at once; `HcpNodePoolReady`
waits. A pool belongs to one subnet, and so to one availability zone.
"""

from datetime import timedelta
from typing import Any

import pulumi
from modelyard.components.rosa.ocm import adoption, answers, changes, fields, paths, requests, upgrades, waiting
from modelyard.components.rosa.ocm.adoption import Creation
from modelyard.components.rosa.ocm.errors import NotFoundError, ProvisionError
from modelyard.components.rosa.ocm.provider import GONE, OcmProvider, plain
from pulumi.dynamic import CreateResult, ReadResult, UpdateResult

DELETE_LIMIT = timedelta(minutes=60)
"""Nodes drain first: `node_drain_grace_period` and the machines' own end (terraform-provider-rhcs: 60 minutes)."""

_EMPTY: dict[str, Any] = {"labels": {}, "taints": [], "tuning_configs": [], "kubelet_configs": []}
"""What OCM takes for "no longer"."""


class HcpNodePoolProvider(OcmProvider):
    """Creates, changes and deletes node pools."""

    table = fields.NODE_POOL
    body = requests.NodePool
    computed = frozenset({"state"})

    def rules(self, inputs: dict[str, Any]) -> list[str]:
        """What excludes each other in a request."""
        found = []
        aws = inputs["aws_node_pool"]
        scaling = inputs.get("autoscaling")
        if (inputs.get("replicas") is None) == (scaling is None):
            found.append("give either replicas or autoscaling (OCM: they cannot be used together)")
        if scaling and scaling["min_replica"] > scaling["max_replica"]:
            found.append("autoscaling.min_replica is above autoscaling.max_replica")
        reservation = aws.get("capacity_reservation") or {}
        if (
            aws.get("spot_market_options") is not None
            and reservation.get("preference", "open" if reservation else "none") != "none"
        ):
            found.append("spot capacity and a capacity reservation exclude each other (rosa: create machinepool)")
        if reservation.get("id") and reservation.get("preference") not in (None, "capacity-reservations-only"):
            found.append("a reservation that is named allows only preference capacity-reservations-only")
        return found

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Creates the pool, or takes up the one that an interrupted run made."""
        wanted = plain(props)
        there, cluster_id = self.connection, wanted["cluster_id"]
        body: requests.NodePool = self.request(wanted)
        aws = body.aws_node_pool
        tagged = aws.model_copy(update={"tags": {**aws.tags, adoption.TAG: wanted["owner"]}})
        body = body.model_copy(update={"aws_node_pool": tagged})
        found, had_been_there = Creation(
            what=f"node pool {body.id!r}",
            find=lambda: self._find(cluster_id, body.id),
            make=lambda: there.ocm.post(paths.cluster(cluster_id, "node_pools"), body, answers.Raw),
            owner=lambda raw: ((raw.told.get("aws_node_pool") or {}).get("tags") or {}).get(adoption.TAG),
            mine=wanted["owner"],
            differences=lambda raw: self._differences(wanted, raw.told),
            waits=there.pauses,
            sleep=there.pace.sleep,
        ).once()
        if had_been_there:
            there.pace.report(f"node pool {body.id!r} is there from an earlier run and is taken up again")
            self._bring(cluster_id, self.refreshed(wanted, found.told), wanted)
        return CreateResult(f"{cluster_id}/{body.id}", _outputs(wanted, found.told))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """What OCM says now."""
        cluster_id, _, pool = id_.partition("/")
        live = self._find(cluster_id, pool)
        if live is None:
            return GONE
        return ReadResult(id_, _outputs(self.refreshed(props, live.told), live.told))

    def refreshed(self, props: Any, live: Any) -> dict[str, Any]:
        """Also sees a pool that was switched between a fixed number and autoscaling."""
        state = super().refreshed(props, live)
        for here, other in (("replicas", "autoscaling"), ("autoscaling", "replicas")):
            if state.get(here) is not None and live.get(here) is None and live.get(other) is not None:
                state[here], state[other] = None, plain(live[other])
        return state

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Sets what can be set, then upgrades."""
        cluster_id, _, pool = _id.partition("/")
        self._bring(cluster_id, plain(_olds), plain(_news))
        live = self.connection.ocm.get(paths.cluster(cluster_id, "node_pools", pool), answers.Raw)
        return UpdateResult(_outputs(plain(_news), live.told))

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Deletes the pool and waits until its nodes have drained and are gone."""
        cluster_id, _, pool = _id.partition("/")
        path = paths.cluster(cluster_id, "node_pools", pool)
        there = self.connection
        try:
            there.ocm.delete(path)
        except NotFoundError:
            return
        waiting.until(
            f"node pool {pool!r}",
            lambda: self._find(cluster_id, pool),
            lambda seen: seen is None,
            lambda seen: "draining" if seen else "gone",
            limit=DELETE_LIMIT,
            pace=there.pace,
        )

    def _find(self, cluster_id: str, pool: str) -> answers.Raw | None:
        path = paths.cluster(cluster_id, "node_pools", pool)
        try:
            # Without the parameter the tags include those that Red Hat sets (terraform-provider-rhcs, readState).
            return self.connection.ocm.get(path, answers.Raw, fetchUserTagsOnly="true")
        except NotFoundError:
            return None

    def _differences(self, wanted: dict[str, Any], live: dict[str, Any]) -> list[str]:
        state = self.refreshed(wanted, live)
        return [
            f"{path} is {changes.at(state, path)!r}, wanted {changes.at(wanted, path)!r}"
            for path in self.changes(state, wanted).replaces
        ]

    def _bring(self, cluster_id: str, olds: dict[str, Any], news: dict[str, Any]) -> None:
        there, found = self.connection, self.changes(olds, news)
        wire = {**_EMPTY, **self.request(news).wire()}
        tops = {path.split(".")[0] for path in found.updates} - {"version"}
        if tops & {"replicas", "autoscaling"}:  # the one that is not wanted must not be sent, not even as null
            tops = (tops - {"replicas", "autoscaling"}) | ({"replicas", "autoscaling"} & wire.keys())
        body = {key: wire[key] for key in sorted(tops) if key in wire}
        path = paths.cluster(cluster_id, "node_pools", news["id"])
        if body:
            there.ocm.patch(path, body, answers.Nothing)
        if "version.id" in found.updates and news.get("version"):
            running = there.ocm.get(path, answers.NodePool).version
            upgrades.upgrade(
                there,
                cluster_id,
                what=f"node pool {news['id']!r}",
                collection=("node_pools", news["id"], "upgrade_policies"),
                kind="NodePool",
                running=running.raw_id or running.id,
                wanted=news["version"]["id"],
                acknowledged=None,
                read=lambda: _version(there.ocm.get(path, answers.NodePool)),
            )


class HcpNodePool(pulumi.dynamic.Resource, module="rosa", name="HcpNodePool"):
    """A node pool. Inputs have the shape of OCM's request (`requests.NodePool`), and `cluster_id` beside it."""

    state: pulumi.Output[str]
    """OCM's word for how the pool was when last looked at."""

    def __init__(self, name: str, inputs: dict[str, Any], opts: pulumi.ResourceOptions | None = None) -> None:
        owner = adoption.mark(pulumi.get_project(), pulumi.get_stack(), name)
        super().__init__(HcpNodePoolProvider(), name, {**inputs, "owner": owner, "state": None}, opts)


def check_state(pool: answers.NodePool) -> None:
    """Refuses a pool that OCM gave up on.

    Raises:
        ProvisionError: it did.
    """
    if pool.status.state.value == "error":
        raise ProvisionError(f"node pool {pool.id!r} failed: {pool.status.message or 'OCM gives no reason'}")


def _version(pool: answers.NodePool) -> str:
    return pool.version.raw_id or pool.version.id


def _outputs(state: dict[str, Any], told: dict[str, Any]) -> dict[str, Any]:
    status = told.get("status") or {}
    return {
        **{key: value for key, value in state.items() if key != "__provider"},
        "state": (status.get("state") or {}).get("value", ""),
    }
