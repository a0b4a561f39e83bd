"""A node pool of a hosted-control-plane cluster, as a Pulumi resource.

Like a cluster it is created without waiting for its nodes, so that the state knows of it at once; `HcpNodePoolReady`
waits. A pool belongs to one subnet, and so to one availability zone.
"""

from datetime import timedelta
from typing import Any

import pulumi
from modelyard.components.rosa.ocm import adoption, fields
from modelyard.components.rosa.ocm.adoption import Creation
from modelyard.components.rosa.ocm.changes import Field, FieldEffect
from modelyard.components.rosa.ocm.client import cluster_path
from modelyard.components.rosa.ocm.errors import NotFoundError, ProvisionError
from modelyard.components.rosa.ocm.models import requests, responses
from modelyard.components.rosa.ocm.provider import GONE, OcmProvider, outputs, plain, stack_owner
from modelyard.components.rosa.ocm.upgrades import UpgradeTarget, upgrade
from modelyard.components.rosa.ocm.waiting import wait_until
from pulumi.dynamic import CreateResult, ReadResult, UpdateResult

DELETE_LIMIT = timedelta(minutes=60)
"""Time for a deletion, in which nodes drain for `node_drain_grace_period` (terraform-provider-rhcs: 60 minutes)."""
READY_LIMIT = timedelta(minutes=60)
"""Time for the first nodes (terraform-provider-rhcs: 60 minutes)."""

_EMPTY: dict[str, Any] = {"labels": {}, "taints": [], "tuning_configs": [], "kubelet_configs": []}
"""Values with which OCM unsets a field."""


class HcpNodePoolProvider(OcmProvider):
    """Creates, changes and deletes node pools."""

    table = fields.NODE_POOL
    body = requests.NodePool
    computed = frozenset({"state"})

    def broken_rules(self, inputs: dict[str, Any]) -> list[str]:
        """List settings that exclude each other."""
        broken = []
        aws, scaling = inputs["aws_node_pool"], inputs.get("autoscaling")
        if (inputs.get("replicas") is None) == (scaling is None):
            broken.append("give either replicas or autoscaling (OCM: they cannot be used together)")
        if scaling and scaling["min_replica"] > scaling["max_replica"]:
            broken.append("autoscaling.min_replica is above autoscaling.max_replica")
        reservation = aws.get("capacity_reservation") or {}
        reserved = reservation.get("preference", "open" if reservation else "none") != "none"
        if aws.get("spot_market_options") is not None and reserved:
            broken.append("spot capacity and a capacity reservation exclude each other (rosa: create machinepool)")
        if reservation.get("id") and reservation.get("preference") not in (None, "capacity-reservations-only"):
            broken.append("a reservation that is named allows only preference capacity-reservations-only")
        return broken

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Create the pool, or adopt that of an interrupted run."""
        inputs, connection = plain(props), self.connection
        cluster_id = inputs["cluster_id"]
        body: requests.NodePool = self.request(inputs)
        tags = {**body.aws_node_pool.tags, adoption.TAG: inputs["owner"]}
        body = body.model_copy(update={"aws_node_pool": body.aws_node_pool.model_copy(update={"tags": tags})})
        pool, adopted = Creation(
            label=f"node pool {body.id!r}",
            find=lambda: self._find(cluster_id, body.id),
            create=lambda: connection.ocm.post(cluster_path(cluster_id, "node_pools"), body, responses.Raw),
            owner_of=lambda raw: ((raw.fields.get("aws_node_pool") or {}).get("tags") or {}).get(adoption.TAG),
            owner=inputs["owner"],
            differences=lambda raw: self.replacement_reasons(inputs, raw.fields),
            pauses=connection.pauses,
            sleep=connection.pace.sleep,
        ).create_or_adopt()
        if adopted:
            connection.pace.report(f"node pool {body.id!r} is there from an earlier run and is taken up again")
            self._update_pool(cluster_id, self.refresh(inputs, pool.fields), inputs)
        return CreateResult(f"{cluster_id}/{body.id}", _outputs(inputs, pool.fields))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Read the pool from OCM."""
        cluster_id, _, pool = id_.partition("/")
        live = self._find(cluster_id, pool)
        if live is None:
            return GONE
        return ReadResult(id_, _outputs(self.refresh(props, live.fields), live.fields))

    def refresh(self, props: Any, live: Any) -> dict[str, Any]:
        """Update the state, also of a pool that was switched between a fixed number and autoscaling."""
        state = super().refresh(props, live)
        for field, other in (("replicas", "autoscaling"), ("autoscaling", "replicas")):
            if state.get(field) is not None and live.get(field) is None and live.get(other) is not None:
                state[field], state[other] = None, plain(live[other])
        return state

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Set the changed fields, then upgrade."""
        cluster_id, _, _ = _id.partition("/")
        self._update_pool(cluster_id, plain(_olds), plain(_news))
        live = self.connection.ocm.get(_path(_id), responses.Raw)
        return UpdateResult(_outputs(_news, live.fields))

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Delete the pool and wait until its nodes have drained and are gone."""
        cluster_id, _, pool = _id.partition("/")
        try:
            self.connection.ocm.delete(_path(_id))
        except NotFoundError:
            return
        wait_until(
            f"node pool {pool!r}",
            lambda: self._find(cluster_id, pool),
            lambda live: live is None,
            lambda live: "draining" if live else "gone",
            limit=DELETE_LIMIT,
            pace=self.connection.pace,
        )

    def _find(self, cluster_id: str, pool: str) -> responses.Raw | None:
        path = cluster_path(cluster_id, "node_pools", pool)
        try:
            # Without the parameter the tags include those that Red Hat sets (terraform-provider-rhcs, readState).
            return self.connection.ocm.get(path, responses.Raw, fetchUserTagsOnly="true")
        except NotFoundError:
            return None

    def _update_pool(self, cluster_id: str, olds: dict[str, Any], news: dict[str, Any]) -> None:
        ocm, difference = self.connection.ocm, self.compare(olds, news)
        wire = {**_EMPTY, **self.request(news).wire()}
        # Of replicas and autoscaling the absent one must not be sent, not even as null.
        keys = sorted({path.split(".")[0] for path in difference.updates} - {"version"})
        body = {key: wire[key] for key in keys if key in wire}
        if {"replicas", "autoscaling"} & set(keys):
            body |= {key: wire[key] for key in ("replicas", "autoscaling") if key in wire}
        path = cluster_path(cluster_id, "node_pools", news["id"])
        if body:
            ocm.patch(path, body, responses.Ignored)
        if "version.id" in difference.updates and news.get("version"):
            target = UpgradeTarget(
                label=f"node pool {news['id']!r}",
                cluster_id=cluster_id,
                collection=("node_pools", news["id"], "upgrade_policies"),
                kind="NodePool",
                read_version=lambda: ocm.get(path, responses.NodePool).running_version,
            )
            upgrade(self.connection, target, news["version"]["id"])


class HcpNodePool(pulumi.dynamic.Resource, module="rosa", name="HcpNodePool"):
    """A node pool. Inputs have the structure of OCM's request (`requests.NodePool`), and `cluster_id` beside it."""

    state: pulumi.Output[str]
    """State at the last look, in OCM's word."""

    def __init__(self, name: str, inputs: dict[str, Any], opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(HcpNodePoolProvider(), name, {**inputs, "owner": stack_owner(name), "state": None}, opts)


class HcpNodePoolReadyProvider(OcmProvider):
    """Waits for the nodes of a pool; creates nothing, deletes nothing."""

    table = (
        Field("pool", FieldEffect.REPLACE, "another pool"),
        Field("nodes", FieldEffect.IN_PLACE, "waits again"),
    )
    body = requests.NoBody
    beside = frozenset({"pool", "nodes"})

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Return when the nodes are there."""
        return CreateResult(props["pool"], self._wait(props))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Look for the pool, which the wait goes with."""
        try:
            self.connection.ocm.get(_path(id_), responses.Ignored)
        except NotFoundError:
            return GONE
        return ReadResult(id_, outputs(props))

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Wait again."""
        return UpdateResult(self._wait(_news))

    def _wait(self, props: dict[str, Any]) -> dict[str, Any]:
        nodes, path = plain(props)["nodes"], _path(props["pool"])

        def done(pool: responses.NodePool) -> bool:
            if pool.status.state.value == "error":
                raise ProvisionError(f"node pool {pool.id!r} failed: {pool.status.message or 'OCM gives no reason'}")
            return pool.status.current_replicas >= nodes

        def describe(pool: responses.NodePool) -> str:
            return f"{pool.status.current_replicas} of {nodes} nodes {pool.status.message}".rstrip()

        wait_until(
            f"node pool {props['pool'].partition('/')[2]!r}",
            lambda: self.connection.ocm.get(path, responses.NodePool),
            done,
            describe,
            limit=READY_LIMIT,
            pace=self.connection.pace,
        )
        return outputs(props)


class HcpNodePoolReady(pulumi.dynamic.Resource, module="rosa", name="HcpNodePoolReady"):
    """A pool with the nodes that it must always have; a pool that may be empty is ready at once."""

    def __init__(
        self, name: str, pool: pulumi.Input[str], nodes: int, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(HcpNodePoolReadyProvider(), name, {"pool": pool, "nodes": nodes}, opts)


def _path(id_: str) -> str:
    cluster_id, _, pool = id_.partition("/")
    return cluster_path(cluster_id, "node_pools", pool)


def _outputs(state: dict[str, Any], live: dict[str, Any]) -> dict[str, Any]:
    status = live.get("status") or {}
    return {**outputs(state), "state": (status.get("state") or {}).get("value", "")}
