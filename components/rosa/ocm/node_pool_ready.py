"""Waits until a node pool has the nodes that it must always have; a pool that may be empty is ready at once."""

from datetime import timedelta
from typing import Any

import pulumi
from modelyard.components.rosa.ocm import answers, paths, waiting
from modelyard.components.rosa.ocm.changes import Change, Field
from modelyard.components.rosa.ocm.cluster_ready import Nothing
from modelyard.components.rosa.ocm.errors import NotFoundError
from modelyard.components.rosa.ocm.node_pool import check_state
from modelyard.components.rosa.ocm.provider import GONE, OcmProvider, plain
from pulumi.dynamic import CreateResult, ReadResult, UpdateResult

LIMIT = timedelta(minutes=60)
"""terraform-provider-rhcs: 60 minutes."""


class HcpNodePoolReadyProvider(OcmProvider):
    """Waits; creates nothing, deletes nothing."""

    table = (
        Field("pool", Change.REPLACE, "another pool"),
        Field("nodes", Change.IN_PLACE, "waits again"),
    )
    body = Nothing
    beside = frozenset({"pool", "nodes"})

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Returns when the nodes are there."""
        self._wait(plain(props))
        return CreateResult(props["pool"], _inputs(props))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Gone with its pool."""
        cluster_id, _, pool = id_.partition("/")
        try:
            self.connection.ocm.get(paths.cluster(cluster_id, "node_pools", pool), answers.Nothing)
        except NotFoundError:
            return GONE
        return ReadResult(id_, _inputs(props))

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Waits again."""
        self._wait(plain(_news))
        return UpdateResult(_inputs(_news))

    def _wait(self, wanted: dict[str, Any]) -> None:
        cluster_id, _, pool = wanted["pool"].partition("/")
        path = paths.cluster(cluster_id, "node_pools", pool)

        def done(seen: answers.NodePool) -> bool:
            check_state(seen)
            return seen.status.current_replicas >= wanted["nodes"]

        waiting.until(
            f"node pool {pool!r}",
            lambda: self.connection.ocm.get(path, answers.NodePool),
            done,
            lambda seen: " ".join(
                part
                for part in (f"{seen.status.current_replicas} of {wanted['nodes']} nodes", seen.status.message)
                if part
            ),
            limit=LIMIT,
            pace=self.connection.pace,
        )


class HcpNodePoolReady(pulumi.dynamic.Resource, module="rosa", name="HcpNodePoolReady"):
    """A pool with at least `nodes` nodes.

    Args:
        name: of the resource.
        pool: id of an `HcpNodePool`.
        nodes: how many to wait for.
        opts: options.
    """

    def __init__(
        self, name: str, pool: pulumi.Input[str], nodes: int, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(HcpNodePoolReadyProvider(), name, {"pool": pool, "nodes": nodes}, opts)


def _inputs(props: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in plain(props).items() if key != "__provider"}
