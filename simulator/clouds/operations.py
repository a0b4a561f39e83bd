"""Create, read, update and delete in a simulated cloud, with its rules, its faults and its delays."""

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
from simulator.clouds.resource_type import AccountScope, ResourceType, Subject

# Shortest operation, so that requests that overlap in a real cloud overlap at any speed. Seconds.
_SHORTEST_OPERATION = 0.02

# First pause before a throttled request is repeated, doubled each time. Real seconds, which tests of the engine wait.
_BACK_OFF = 0.05

_CANCELLED = CloudError("Canceled", "the operation was cancelled; the cloud still carries it out", exists=True)


class Operations:
    """Operations of one cloud.

    Args:
        tell: shows a text in the status column of a resource.
        cancelled: set by Ctrl-C.
    """

    def __init__(
        self,
        cloud: Cloud,
        account: Account,
        faults: Faults,
        scope: AccountScope,
        *,
        tell: Callable[[str, str], None],
        cancelled: threading.Event,
    ) -> None:
        self._cloud = cloud
        self._account = account
        self._faults = faults
        self._scope = scope
        self._refusals = Refusals(cloud, scope)
        self._tell = tell
        self._cancelled = cancelled

    def create(self, kind: ResourceType, request: Request) -> Outcome:
        """Create a resource.

        Raises:
            CloudError: the cloud refused, and the resource does not exist.
        """
        name = str(request.inputs.get(kind.name, ""))
        fault = self._find_fault("create", kind, name, request)
        seconds = max(kind.seconds * self._faults.speed, _SHORTEST_OPERATION)
        with self._account.open() as contents:
            subject = Subject(kind.token, name, "", request.inputs, contents, self._scope)
            subject = replace(subject, identifier=kind.identifier(subject))
            is_taken = contents.find(subject.identifier) is not None and not kind.overwrites
            if is_taken or (fault and fault.fault == "exists"):
                raise self._refusals.exists(subject)
            self._check(kind, subject)
            self._fail_at_once(fault, kind, name)
            record = new_record(subject, "Creating", {}, seconds)
            contents.put(record)
        self._tell(request.urn, f"creating {subject.name or subject.identifier}")
        return self._finish(kind, record, request, fault, seconds)

    def update(self, kind: ResourceType, identifier: str, request: Request) -> Outcome:
        """Change a resource.

        Raises:
            CloudError: the cloud refused, and the resource is unchanged.
        """
        name = str(request.inputs.get(kind.name, ""))
        fault = self._find_fault("update", kind, name, request)
        seconds = max(kind.seconds * self._faults.speed / 2, _SHORTEST_OPERATION)
        with self._account.open() as contents:
            new = contents.find(identifier)
            if new is None and not self._cloud.creates_missing:
                raise CloudError("NotFound", f"{identifier} does not exist; run `pulumi refresh`")
            before = new["inputs"] if new else None
            outputs = new["outputs"] if new else {}
            subject = Subject(
                kind.token, name, identifier, request.inputs, contents, self._scope, before=before, outputs=outputs
            )
            self._check(kind, subject)
            self._fail_at_once(fault, kind, name)
            new = new_record(subject, "Updating", outputs, seconds)
            contents.put(new)
        self._tell(request.urn, f"updating {name or identifier}")
        return self._finish(kind, new, request, fault, seconds)

    def delete(self, kind: ResourceType, identifier: str, request: Request) -> None:
        """Delete a resource and all resources below it, if it exists.

        Raises:
            CloudError: the cloud refused.
        """
        seconds = max(kind.seconds * self._faults.speed / 2, _SHORTEST_OPERATION)
        with self._account.open() as contents:
            below = contents.find(identifier)
            if below is None:
                return
            name, inputs = below["name"], below["inputs"]
        fault = self._find_fault("delete", kind, name, request)
        with self._account.open() as contents:
            subject = Subject(kind.token, name, identifier, inputs, contents, self._scope, outputs=below["outputs"])
            self._refuse_concurrent(kind, subject)
            if users := holders(kind, subject):
                raise self._refusals.in_use(identifier, users)
            for rule in kind.delete_rules:
                rule(subject)
            if fault:
                raise self._refusals.of(fault, kind, name)
            contents.put({**below, "state": "Deleting", "busy_until": time.time() + seconds})
        self._tell(request.urn, f"deleting {name or identifier}")
        self._pass_time(seconds)
        with self._account.open() as contents:
            for below in contents.below(identifier):
                contents.remove(below["id"])
            contents.remove(identifier)

    def read(self, kind: ResourceType, identifier: str, request: Request) -> Outcome | None:
        """Read a resource; None when it does not exist."""
        fault = self._find_fault("read", kind, identifier.rpartition("/")[2], request)
        if fault:
            raise self._refusals.of(fault, kind, identifier)
        with self._account.open() as contents:
            record = contents.find(identifier)
            if record is None:
                return None
            # Computed anew: outputs follow the changes of others.
            outputs = kind.computed(self._subject(kind, record, contents))
            return Outcome(record["id"], record["inputs"], {**record["outputs"], **outputs})

    def ask(self, token: str) -> None:
        """Raise the fault that is declared for a function, if any.

        Raises:
            CloudError: a fault is declared.
        """
        with self._account.open() as contents:
            fault = self._faults.strike(contents, "invoke", token, "")
        if fault:
            wording = self._cloud.wordings[fault.fault]
            raise CloudError(wording.code, fault.message or f"{token} failed: {fault.fault}")

    # -- parts -------------------------------------------------------------------------------------------------------

    def _check(self, kind: ResourceType, subject: Subject) -> None:
        self._refuse_concurrent(kind, subject)
        if absent := missing(kind, subject):
            raise self._refusals.missing(absent)
        for rule in kind.rules:
            rule(subject)

    def _refuse_concurrent(self, kind: ResourceType, subject: Subject) -> None:
        if kind.excludes is None:
            return
        exclusive = {token for token, other in self._cloud.types.items() if other.excludes is not None}
        other = subject.cloud.busy(kind.excludes(subject), exclusive)
        if other is not None:
            raise self._refusals.busy(other["state"], other["id"])

    def _finish(
        self, kind: ResourceType, record: Record, request: Request, fault: Fault | None, seconds: float
    ) -> Outcome:
        """Wait for the operation, unless it fails or takes too long, and record its end."""
        problem = self._refusals.of(fault, kind, record["name"]) if fault else None
        if problem is None and request.timeout and seconds > request.timeout:
            problem = self._refusals.timed_out(request.timeout)
            seconds = request.timeout
        if self._cancelled.wait(seconds):
            problem = _CANCELLED
        with self._account.open() as contents:
            subject = self._subject(kind, record, contents)
            # A request that took too long succeeds later, when no client waits for it.
            state = "Failed" if fault and fault.fault != "timeout" and problem is not _CANCELLED else "Succeeded"
            outputs = {**record["outputs"], **kind.computed(subject)}
            contents.put({**record, "state": state, "outputs": outputs, "busy_until": 0.0})
        return Outcome(record["id"], record["inputs"], outputs, (str(problem),) if problem else ())

    def _find_fault(self, operation: str, kind: ResourceType, name: str, request: Request) -> Fault | None:
        """Return the fault that applies; wait for the end of throttling as long as the official provider does."""
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
        """Raise a fault that leaves no resource behind."""
        if fault and not (problem := self._refusals.of(fault, kind, name)).exists:
            raise problem

    def _subject(self, kind: ResourceType, record: Record, contents: Contents) -> Subject:
        return Subject(
            kind.token, record["name"], record["id"], record["inputs"], contents, self._scope, outputs=record["outputs"]
        )

    def _pass_time(self, seconds: float) -> None:
        if self._cancelled.wait(seconds):
            raise _CANCELLED
