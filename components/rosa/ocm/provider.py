"""What the dynamic providers of all OCM resources share: checks, differences by table, a connection on demand.

A dynamic provider is pickled into the state beside each of its resources. These are classes of an importable module
without attributes, so that what is pickled is their name: no code, no client, no token. Credentials are found again in
the process that makes a request (`connection`).
"""

import threading
from collections.abc import Mapping
from typing import Any, ClassVar

from modelyard.components.rosa.ocm import changes
from modelyard.components.rosa.ocm.body import Body
from modelyard.components.rosa.ocm.changes import Change, Changes, Field
from modelyard.components.rosa.ocm.connection import Connection, connect
from pulumi.dynamic import (
    CheckFailure,
    CheckResult,
    ConfigureRequest,
    DiffResult,
    ReadResult,
    ResourceProvider,
)
from pydantic import ValidationError

GONE = ReadResult(None, {})
"""The answer to a refresh of something that is not there any more."""


class OcmProvider(ResourceProvider):
    """Base of the providers. A subclass names its table, its request body, and the inputs that are not in the body."""

    serialize_as_secret_always = False  # it holds nothing, and a policy may read it

    table: ClassVar[tuple[Field, ...]]
    body: ClassVar[type[Body]]
    beside: ClassVar[frozenset[str]] = frozenset({"cluster_id", "owner"})
    """Inputs that are ours and not part of OCM's body."""
    computed: ClassVar[frozenset[str]] = frozenset()
    """Outputs that OCM decides."""

    _lock: ClassVar[threading.Lock] = threading.Lock()

    def configure(self, req: ConfigureRequest) -> None:
        """Keeps the stack's configuration, in this process only."""
        self._configuration = req.config

    @property
    def connection(self) -> Connection:
        """To OCM, made when it is first needed: a preview needs none, and so no credentials."""
        with self._lock:
            made = getattr(self, "_connection", None)
            if made is None:
                made = self._connection = connect(getattr(self, "_configuration", None))
            return made

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Refuses what OCM's specification does not allow; values that are not known yet are left for later."""
        inputs = plain(news)
        unknown = {key for key, value in inputs.items() if changes.is_unknown(value)}
        failures = [
            CheckFailure(place, reason)
            for place, reason in self._problems(self.of_body(inputs))
            if place.split(".")[0] not in unknown
        ]
        if not unknown and not failures:
            failures += [CheckFailure("", reason) for reason in self.rules(inputs)]
        return CheckResult(news, failures)

    def rules(self, inputs: dict[str, Any]) -> list[str]:
        """Rules between fields, as sentences; called when all are known."""
        del inputs
        return []

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        """By the table. What has a name of its own is deleted first: there cannot be two."""
        found = self.changes(_olds, _news)
        return DiffResult(changes=bool(found), replaces=found.replaces, delete_before_replace=bool(found.replaces))

    def changes(self, olds: Mapping[str, Any], news: Mapping[str, Any]) -> Changes:
        """What differs."""
        return changes.compare(self.table, plain(olds), plain(news))

    def of_body(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """The inputs that belong to OCM's body."""
        ours = self.beside | self.computed
        return {key: value for key, value in inputs.items() if key not in ours and not key.startswith("__")}

    def request(self, inputs: Mapping[str, Any]) -> Any:
        """The body, checked."""
        return self.body.model_validate(self.of_body(plain(inputs)))

    def refreshed(self, props: Mapping[str, Any], live: Mapping[str, Any]) -> dict[str, Any]:
        """The state with what OCM says now, for every field that the state has and OCM tells.

        Versions stay as they were wanted: an automatic upgrade is no drift. Of maps only the keys that were asked for
        are read, since OCM and AWS add their own.
        """
        state = plain(props)
        state.pop("__provider", None)
        for field in self.table:
            if field.change in (Change.UPGRADE, Change.ONLY_AT_CREATION) or field.path.split(".")[0] in self.beside:
                continue
            wanted, found = changes.at(state, field.path), changes.at(live, field.path)
            if wanted is None or found is None:
                continue
            if isinstance(wanted, dict) and isinstance(found, Mapping):
                found = {key: found[key] for key in wanted if key in found}
            _put(state, field.path, plain(found))
        return state

    def _problems(self, inputs: dict[str, Any]) -> list[tuple[str, str]]:
        try:
            self.body.model_validate(inputs)
        except ValidationError as wrong:
            # Messages only: the values may be secrets.
            return [(".".join(str(part) for part in one["loc"]), one["msg"]) for one in wrong.errors()]
        return []


def plain(value: Any) -> Any:
    """Without Pulumi's distortions: whole numbers are whole again."""
    if isinstance(value, Mapping):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _put(state: dict[str, Any], path: str, value: Any) -> None:
    *above, last = path.split(".")
    for part in above:
        state = state[part]
    state[last] = value
