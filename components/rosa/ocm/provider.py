"""Base of the dynamic providers of all OCM resources: checks, differences by table, a connection on demand.

A dynamic provider is pickled into the state beside each of its resources. These are classes of an importable module
without attributes, so the pickle holds their name: no code, no client, no token. Credentials are found again in the
process that makes a request (`connection`).
"""

import contextlib
import threading
from collections.abc import Mapping
from typing import Any, ClassVar

import pulumi
from modelyard.components.rosa.ocm import changes
from modelyard.components.rosa.ocm.adoption import PROPERTY, Creation, owner_mark, program_of
from modelyard.components.rosa.ocm.changes import Difference, Field, FieldEffect
from modelyard.components.rosa.ocm.client import cluster_path
from modelyard.components.rosa.ocm.connection import Connection, connect
from modelyard.components.rosa.ocm.errors import NotFoundError
from modelyard.components.rosa.ocm.models import responses
from modelyard.components.rosa.ocm.models.requests import Body
from pulumi.dynamic import (
    CheckFailure,
    CheckResult,
    ConfigureRequest,
    CreateResult,
    DiffResult,
    ReadResult,
    ResourceProvider,
    UpdateResult,
)
from pydantic import ValidationError

GONE = ReadResult(None, {})
"""Answer to a refresh of a resource that does not exist any more."""


class OcmProvider(ResourceProvider):
    """Base of the providers. A subclass names its table, its request body, and the inputs outside of the body."""

    serialize_as_secret_always = False  # it holds nothing, and a policy may read it

    table: ClassVar[tuple[Field, ...]]
    body: ClassVar[type[Body]]
    beside: ClassVar[frozenset[str]] = frozenset({"cluster_id", "owner"})
    """Inputs that are ours and not part of OCM's body."""
    computed: ClassVar[frozenset[str]] = frozenset()
    """Outputs that OCM decides."""

    _lock: ClassVar[threading.Lock] = threading.Lock()

    def configure(self, req: ConfigureRequest) -> None:
        """Keep the stack's configuration, in this process only."""
        self._configuration = req.config

    @property
    def connection(self) -> Connection:
        """Connection to OCM, opened at the first request: a preview needs none, and so no credentials."""
        with self._lock:
            connection = getattr(self, "_connection", None)
            if connection is None:
                connection = self._connection = connect(getattr(self, "_configuration", None))
            return connection

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Refuse what OCM's specification does not allow; values that are not known yet are checked later."""
        inputs = plain(news)
        unknown = {key for key, value in inputs.items() if changes.is_unknown(value)}
        failures = [
            CheckFailure(path, reason)
            for path, reason in self._body_faults(self.body_inputs(inputs))
            if path.split(".")[0] not in unknown
        ]
        if not unknown and not failures:
            failures += [CheckFailure("", reason) for reason in self.broken_rules(inputs)]
        return CheckResult(news, failures)

    def broken_rules(self, inputs: dict[str, Any]) -> list[str]:
        """List broken rules between fields, as sentences; called when all fields are known."""
        del inputs
        return []

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        """Compare by the table. A replacement deletes first: names are unique."""
        difference = self.compare(_olds, _news)
        replaces = difference.replaces
        return DiffResult(changes=bool(difference), replaces=replaces, delete_before_replace=bool(replaces))

    def compare(self, olds: Mapping[str, Any], news: Mapping[str, Any]) -> Difference:
        """Compare two states by the table."""
        return changes.compare(self.table, plain(olds), plain(news))

    def replacement_reasons(self, desired_state: dict[str, Any], live: dict[str, Any]) -> list[str]:
        """List fields that cannot be changed and differ, as "region.id is 'a', wanted 'b'"."""
        state = self.refresh(desired_state, live)
        return [
            f"{path} is {changes.value_at(state, path)!r}, wanted {changes.value_at(desired_state, path)!r}"
            for path in self.compare(state, desired_state).replaces
        ]

    def body_inputs(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """Select the inputs that belong to OCM's body."""
        keys = self.beside | self.computed
        return {key: value for key, value in inputs.items() if key not in keys and not key.startswith("__")}

    def request(self, inputs: Mapping[str, Any]) -> Any:
        """Build the body, checked."""
        return self.body.model_validate(self.body_inputs(plain(inputs)))

    def refresh(self, props: Mapping[str, Any], live: Mapping[str, Any]) -> dict[str, Any]:
        """Update the state with OCM's answer, for every field that both have.

        Versions keep their desired value: an automatic upgrade is no drift. Of maps only the keys of the state are
        read, since OCM and AWS add their own.
        """
        state = outputs(props)
        for field in self.table:
            fixed = field.effect in (FieldEffect.UPGRADE, FieldEffect.ONLY_AT_CREATION)
            if fixed or field.path.split(".")[0] in self.beside:
                continue
            desired, current = changes.value_at(state, field.path), changes.value_at(live, field.path)
            if desired is None or current is None:
                continue
            if isinstance(desired, dict) and isinstance(current, Mapping):
                current = {key: current[key] for key in desired if key in current}
            _set_value(state, field.path, plain(current))
        return state

    def _body_faults(self, inputs: dict[str, Any]) -> list[tuple[str, str]]:
        try:
            self.body.model_validate(inputs)
        except ValidationError as error:
            # Messages only: the values may be secrets.
            return [(".".join(map(str, fault["loc"])), fault["msg"]) for fault in error.errors()]
        return []


class PathProvider(OcmProvider):
    """Base for resources with a path of their own, by which OCM reads, changes and deletes them."""

    def path(self, id_: str) -> str:
        """Return the path of the resource with this Pulumi id."""
        raise NotImplementedError

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Read the resource from OCM."""
        try:
            live = self.connection.ocm.get(self.path(id_), responses.Raw)
        except NotFoundError:
            return GONE
        return ReadResult(id_, self.refresh(props, live.fields))

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Set the changed fields."""
        body = changes.select_paths(self.request(_news).wire(), self.compare(_olds, _news).updates)
        self.connection.ocm.patch(self.path(_id), body, responses.Ignored)
        return UpdateResult(outputs(_news))

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Delete the resource, if it still exists."""
        with contextlib.suppress(NotFoundError):
            self.connection.ocm.delete(self.path(_id))


class NamedProvider(PathProvider):
    """Base for identity providers, tuning and kubelet configurations, which a cluster has by name.

    They have no room for a mark. A resource of the same name is adopted, as left by an interrupted run, only if the
    cluster itself carries the mark of this program and the resource is exactly the requested one.
    """

    collection: ClassVar[str]
    """Last part of the path below the cluster."""
    label: ClassVar[str]
    """Noun in messages."""

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Create the resource, or adopt that of an interrupted run."""
        inputs, connection = plain(props), self.connection
        cluster_id, name = inputs["cluster_id"], inputs["name"]
        path, body = cluster_path(cluster_id, self.collection), self.request(inputs)
        resource, _ = Creation(
            label=f"{self.label} {name!r} of cluster {cluster_id}",
            find=lambda: self._find(cluster_id, name),
            create=lambda: connection.ocm.post(path, body, responses.Raw),
            owner_of=lambda _: self._program_of(cluster_id),
            owner=program_of(inputs["owner"]),
            # No values: they may be secrets.
            differences=lambda raw: [
                f"{field.path} is another" for field in self.compare(self.refresh(inputs, raw.fields), inputs).fields
            ],
            pauses=connection.pauses,
            sleep=connection.pace.sleep,
        ).create_or_adopt()
        return CreateResult(f"{cluster_id}/{resource.id}", outputs(inputs))

    def path(self, id_: str) -> str:
        """Return the path of the resource with the Pulumi id `<cluster>/<resource>`."""
        cluster_id, _, resource_id = id_.partition("/")
        return cluster_path(cluster_id, self.collection, resource_id)

    def _find(self, cluster_id: str, name: str) -> responses.Raw | None:
        resources = self.connection.ocm.pages(cluster_path(cluster_id, self.collection), responses.Raw)
        return next((resource for resource in resources if resource.fields.get("name") == name), None)

    def _program_of(self, cluster_id: str) -> str | None:
        cluster = self.connection.ocm.get(cluster_path(cluster_id), responses.Cluster)
        owner = cluster.properties.get(PROPERTY)
        return program_of(owner) if owner else None


def stack_owner(name: str) -> str:
    """Compose the mark of a resource of the running program."""
    return owner_mark(pulumi.get_project(), pulumi.get_stack(), name)


def plain(value: Any) -> Any:
    """Undo Pulumi's distortion of numbers: whole numbers become whole again."""
    if isinstance(value, Mapping):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def outputs(props: Mapping[str, Any]) -> dict[str, Any]:
    """Turn properties into outputs: plain, and without the pickled provider."""
    return {key: value for key, value in plain(props).items() if key != "__provider"}


def _set_value(state: dict[str, Any], path: str, value: Any) -> None:
    *parents, last = path.split(".")
    for part in parents:
        state = state[part]
    state[last] = value
