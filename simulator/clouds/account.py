"""What exists in one simulated cloud: a JSON file that every provider process reads and writes under a lock.

A file, because the cloud outlives the engine: what an interrupted or killed update has created is there afterwards, as
it would be in a real account. A person may read it, and a test may change it to play somebody who works beside Pulumi.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import time
from collections.abc import Container, Iterator
from pathlib import Path
from typing import Any, TypedDict

# Operations of a process that was killed hold nothing up for longer than this. Seconds.
_LONGEST_OPERATION = 3600.0


class Record(TypedDict):
    """One resource in the cloud."""

    id: str
    type: str
    """Its Pulumi type token."""
    name: str
    state: str
    """`Succeeded`, `Failed`, or what is being done: `Creating`, `Updating`, `Deleting`."""
    inputs: dict[str, Any]
    """What was asked for, in clear."""
    outputs: dict[str, Any]
    """What the cloud added."""
    busy_until: float
    """When the operation that runs on it will have ended (Unix time); 0 when none runs."""


class Contents:
    """The cloud's contents within one transaction."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.records: dict[str, Record] = document.setdefault("resources", {})
        self.used: dict[str, int] = document.setdefault("faults", {})
        """Per fault how often it has struck."""
        self._document = document

    def find(self, identifier: str) -> Record | None:
        """The resource of an id; ids differ in nothing but case, as in ARM."""
        key = identifier.lower()
        return next((record for one, record in self.records.items() if one.lower() == key), None)

    def put(self, record: Record) -> None:
        """Add or replace a resource."""
        self.records[record["id"]] = record

    def remove(self, identifier: str) -> None:
        """Remove a resource, if it is there."""
        if record := self.find(identifier):
            del self.records[record["id"]]

    def of_type(self, token: str) -> list[Record]:
        """All resources of a type."""
        return [record for record in self.records.values() if record["type"] == token]

    def below(self, identifier: str) -> list[Record]:
        """All resources whose id lies below this one."""
        prefix = identifier.lower() + "/"
        return [record for one, record in self.records.items() if one.lower().startswith(prefix)]

    def busy(self, identifier: str, tokens: Container[str]) -> Record | None:
        """The resource of one of these types, with this id or below it, on which an operation runs."""
        now = time.time()
        own = self.find(identifier)
        found = [*([own] if own else []), *self.below(identifier)]
        found = [one for one in found if one["type"] in tokens]
        return next((one for one in found if now < one["busy_until"] < now + _LONGEST_OPERATION), None)

    def serial(self) -> int:
        """A number that was never given before: clouds do not use ids again."""
        self._document["serial"] = self._document.get("serial", 0) + 1
        return self._document["serial"]


class Account:
    """The simulated account of one cloud.

    Args:
        folder: where its file lies, made if it is missing.
        cloud: the name of the provider, which names the file.
    """

    def __init__(self, folder: Path, cloud: str) -> None:
        self.file = folder / f"{cloud}.json"

    @contextlib.contextmanager
    def open(self) -> Iterator[Contents]:
        """The contents, for this process alone; changes are written at the end, none when an error leaves the block."""
        self.file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self.file.with_suffix(".lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            before = self.file.read_text() if self.file.exists() else "{}"
            document = json.loads(before)
            yield Contents(document)
            after = json.dumps(document, indent=1, sort_keys=True)
            if after != before:
                self._write(after)

    def _write(self, text: str) -> None:
        draft = self.file.with_suffix(".draft")
        # Private, because the cloud holds passwords and keys in clear.
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:
            stream.write(text)
        draft.replace(self.file)


def fingerprint(*parts: object, length: int = 17) -> str:
    """Hexadecimal digits that are always the same for the same parts."""
    return hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()[:length]


def uuid_of(*parts: object) -> str:
    """A UUID that is always the same for the same parts."""
    digits = fingerprint(*parts, length=32)
    return "-".join((digits[:8], digits[8:12], f"4{digits[13:16]}", f"8{digits[17:20]}", digits[20:32]))
