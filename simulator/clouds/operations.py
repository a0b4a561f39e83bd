"""Create, read, update and delete in a simulated cloud: its rules, its faults, and the time it takes."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace

from simulator.clouds.account import Account, Contents, Record
from simulator.clouds.cloud import Cloud
from simulator.clouds.errors import CloudError
from simulator.clouds.faults import Fault, Faults
from simulator.clouds.references import holders, missing
from simulator.clouds.refusals import Refusals
from simulator.clouds.requests import Outcome, Request
from simulator.clouds.requests import record as new_record
from simulator.clouds.resource_type import Place, ResourceType, Subject

# Requests of one update that overlap in a real cloud overlap here too, even when the cloud is infinitely fast. Seconds.
_SHORTEST_OPERATION = 0.02

# The first pause before a throttled request is repeated, doubled each time. Real seconds: engines are tested with it.
_BACK_OFF = 0.05

_CANCELLED = CloudError("Canceled", "the operation was cancelled; the cloud still carries it out", exists=True)


class Operations:
    """The operations of one cloud.

    Args:
        tell: shows a text in the status column of a resource.
        cancelled: set when the person pressed Ctrl-C.
    """

    def __init__(
        self,
        cloud: Cloud,
        account: Account,
        faults: Faults,
        place: Place,
        *,
        tell: Callable[[str, str], None],
        cancelled: threading.Event,
    ) -> None:
        self._cloud = cloud
        self._account = account
        self._faults = faults
        self._place = place
        self._refusals = Refusals(cloud, place)
        self._tell = tell
        self._cancelled = cancelled

    def create(self, kind: ResourceType, request: Request) -> Outcome:
        """Make a resource.

        Raises:
            CloudError: the cloud refused, and nothing exists.
        """
        name = str(request.inputs.get(kind.name, ""))
        fault = self._struck("create", kind, name, request)
        seconds = max(kind.seconds * self._faults.speed, _SHORTEST_OPERATION)
        with self._account.open() as contents:
            subject = Subject(kind.token, name, "", request.inputs, contents, self._place)
            subject = replace(subject, identifier=kind.identifier(subject))
            is_taken = contents.find(subject.identifier) is not None and not kind.overwrites
            if is_taken or (fault and fault.fault == "exists"):
                raise self._refusals.exists(subject)
            self._permit(kind, subject)
            self._fail_at_once(fault, kind, name)
            record = new_record(subject, "Creating", {}, seconds)
            contents.put(record)
        self._tell(request.urn, f"creating {subject.name or subject.identifier}")
        return self._finish(kind, record, request, fault, seconds)

    def update(self, kind: ResourceType, identifier: str, request: Request) -> Outcome:
        """Change a resource.

        Raises:
            CloudError: the cloud refused, and the resource is as it was.
        """
        name = str(request.inputs.get(kind.name, ""))
        fault = self._struck("update", kind, name, request)
        seconds = max(kind.seconds * self._faults.speed / 2, _SHORTEST_OPERATION)
        with self._account.open() as contents:
            found = contents.find(identifier)
            if found is None and not self._cloud.creates_missing:
                raise CloudError("NotFound", f"{identifier} does not exist; `pulumi refresh` takes that over")
            before = found["inputs"] if found else None
            outputs = found["outputs"] if found else {}
            subject = Subject(
                kind.token, name, identifier, request.inputs, contents, self._place, before=before, outputs=outputs
            )
            self._permit(kind, subject)
            self._fail_at_once(fault, kind, name)
            record = new_record(subject, "Updating", outputs, seconds)
            contents.put(record)
        self._tell(request.urn, f"updating {name or identifier}")
        return self._finish(kind, record, request, fault, seconds)

    def delete(self, kind: ResourceType, identifier: str, request: Request) -> None:
        """Delete a resource and all below it; one that is gone is deleted.

        Raises:
            CloudError: the cloud refused.
        """
        seconds = max(kind.seconds * self._faults.speed / 2, _SHORTEST_OPERATION)
        with self._account.open() as contents:
            found = contents.find(identifier)
            if found is None:
                return
            name, inputs = found["name"], found["inputs"]
        fault = self._struck("delete", kind, name, request)
        with self._account.open() as contents:
            subject = Subject(kind.token, name, identifier, inputs, contents, self._place, outputs=found["outputs"])
            self._not_during_others(kind, subject)
            if held := holders(kind, subject):
                raise self._refusals.held(identifier, held)
            for rule in kind.delete_rules:
                rule(subject)
            if fault:
                raise self._refusals.of(fault, kind, name)
            contents.put({**found, "state": "Deleting", "busy_until": time.time() + seconds})
        self._tell(request.urn, f"deleting {name or identifier}")
        self._pass_time(seconds)
        with self._account.open() as contents:
            for record in contents.below(identifier):
                contents.remove(record["id"])
            contents.remove(identifier)

    def read(self, kind: ResourceType, identifier: str, request: Request) -> Outcome | None:
        """A resource as it is now; None when it is gone."""
        fault = self._struck("read", kind, identifier.rpartition("/")[2], request)
        if fault:
            raise self._refusals.of(fault, kind, identifier)
        with self._account.open() as contents:
            found = contents.find(identifier)
            if found is None:
                return None
            # Computed anew: what the cloud says of it follows what somebody else has changed.
            outputs = kind.computed(self._subject(kind, found, contents))
            return Outcome(found["id"], found["inputs"], {**found["outputs"], **outputs})

    def ask(self, token: str) -> None:
        """Let a function fail, if that is declared.

        Raises:
            CloudError: it is.
        """
        with self._account.open() as contents:
            fault = self._faults.strike(contents, "invoke", token, "")
        if fault:
            wording = self._cloud.wordings[fault.fault]
            raise CloudError(wording.code, fault.message or f"{token} failed: {fault.fault}")

    # -- parts -------------------------------------------------------------------------------------------------------

    def _permit(self, kind: ResourceType, subject: Subject) -> None:
        self._not_during_others(kind, subject)
        if absent := missing(kind, subject):
            raise self._refusals.missing(absent)
        for rule in kind.rules:
            rule(subject)

    def _not_during_others(self, kind: ResourceType, subject: Subject) -> None:
        if kind.excludes is None:
            return
        alike = {token for token, one in self._cloud.types.items() if one.excludes is not None}
        other = subject.cloud.busy(kind.excludes(subject), alike)
        if other is not None:
            raise self._refusals.busy(other["state"], other["id"])

    def _finish(
        self, kind: ResourceType, record: Record, request: Request, fault: Fault | None, seconds: float
    ) -> Outcome:
        """Wait for the operation, unless it fails or takes too long, and note how it ended."""
        problem = self._refusals.of(fault, kind, record["name"]) if fault else None
        if problem is None and request.timeout and seconds > request.timeout:
            problem = self._refusals.timed_out(request.timeout)
            seconds = request.timeout
        if self._cancelled.wait(seconds):
            problem = _CANCELLED
        with self._account.open() as contents:
            subject = self._subject(kind, record, contents)
            # A request that took too long ends well later, when nobody waits for it.
            state = "Failed" if fault and fault.fault != "timeout" and problem is not _CANCELLED else "Succeeded"
            outputs = {**record["outputs"], **kind.computed(subject)}
            contents.put({**record, "state": state, "outputs": outputs, "busy_until": 0.0})
        return Outcome(record["id"], record["inputs"], outputs, (str(problem),) if problem else ())

    def _struck(self, operation: str, kind: ResourceType, name: str, request: Request) -> Fault | None:
        """The fault that strikes; throttling is waited for, as long as the official provider does."""
        for attempt in range(self._cloud.retries + 1):
            with self._account.open() as contents:
                fault = self._faults.strike(contents, operation, kind.token, name)
            if fault is None or fault.fault != "throttled":
                return fault
            if attempt < self._cloud.retries:
                self._tell(request.urn, f"throttled (429), attempt {attempt + 2} follows")
                self._pass_time(min(_BACK_OFF * 2**attempt, 1.0))
        raise self._refusals.throttled(kind, name)

    def _fail_at_once(self, fault: Fault | None, kind: ResourceType, name: str) -> None:
        """Raise a fault that leaves nothing behind."""
        if fault and not (problem := self._refusals.of(fault, kind, name)).exists:
            raise problem

    def _subject(self, kind: ResourceType, record: Record, contents: Contents) -> Subject:
        return Subject(
            kind.token, record["name"], record["id"], record["inputs"], contents, self._place, outputs=record["outputs"]
        )

    def _pass_time(self, seconds: float) -> None:
        if self._cancelled.wait(seconds):
            raise _CANCELLED
