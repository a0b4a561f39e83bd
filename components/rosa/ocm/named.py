"""What identity providers, tuning configurations and kubelet configurations share: a cluster has them by name.

They have no place for a mark. One of the wanted name is taken for ours, left by an interrupted run, only if the cluster
itself carries the mark of this program and the thing is exactly what was asked for. Anything else is refused.
"""

from typing import Any, ClassVar

from modelyard.components.rosa.ocm import adoption, answers, changes, paths
from modelyard.components.rosa.ocm.adoption import Creation
from modelyard.components.rosa.ocm.errors import NotFoundError
from modelyard.components.rosa.ocm.provider import GONE, OcmProvider, plain
from pulumi.dynamic import CreateResult, ReadResult, UpdateResult


class NamedProvider(OcmProvider):
    """Creates, changes and deletes one kind of named thing."""

    collection: ClassVar[str]
    """Last part of its path below the cluster."""
    word: ClassVar[str]
    """For messages."""

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Creates it, or takes up what an interrupted run made."""
        wanted, there = plain(props), self.connection
        cluster_id, name = wanted["cluster_id"], wanted["name"]
        program = adoption.program(wanted["owner"])
        found, _ = Creation(
            what=f"{self.word} {name!r} of cluster {cluster_id}",
            find=lambda: self._by_name(cluster_id, name),
            make=lambda: there.ocm.post(paths.cluster(cluster_id, self.collection), self.request(wanted), answers.Raw),
            owner=lambda _: self._program_of(cluster_id),
            mine=program,
            differences=lambda raw: self.differences(wanted, raw.told),
            waits=there.pauses,
            sleep=there.pace.sleep,
        ).once()
        return CreateResult(f"{cluster_id}/{found.id}", self.outputs(wanted))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """What OCM says now."""
        cluster_id, _, own = id_.partition("/")
        try:
            live = self.connection.ocm.get(paths.cluster(cluster_id, self.collection, own), answers.Raw)
        except NotFoundError:
            return GONE
        return ReadResult(id_, self.outputs(self.refreshed(props, live.told)))

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Sets what can be set."""
        cluster_id, _, own = _id.partition("/")
        news = plain(_news)
        body = changes.only(self.request(news).wire(), self.changes(_olds, news).updates)
        self.connection.ocm.patch(paths.cluster(cluster_id, self.collection, own), body, answers.Nothing)
        return UpdateResult(self.outputs(news))

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Deletes it; gone already is fine."""
        cluster_id, _, own = _id.partition("/")
        try:
            self.connection.ocm.delete(paths.cluster(cluster_id, self.collection, own))
        except NotFoundError:
            return

    def differences(self, wanted: dict[str, Any], live: dict[str, Any]) -> list[str]:
        """Fields that differ, without their values where they may be secret."""
        state = self.refreshed(wanted, live)
        return [f"{one.path} is another" for one in self.changes(state, wanted).changed]

    def outputs(self, state: dict[str, Any]) -> dict[str, Any]:
        """What is kept."""
        return {key: value for key, value in state.items() if key != "__provider"}

    def _by_name(self, cluster_id: str, name: str) -> answers.Raw | None:
        found = self.connection.ocm.pages(paths.cluster(cluster_id, self.collection), answers.Raw)
        return next((one for one in found if one.told.get("name") == name), None)

    def _program_of(self, cluster_id: str) -> str | None:
        cluster = self.connection.ocm.get(paths.cluster(cluster_id), answers.Cluster)
        owner = cluster.properties.get(adoption.PROPERTY)
        return adoption.program(owner) if owner else None
