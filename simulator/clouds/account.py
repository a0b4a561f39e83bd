"""Contents of one simulated cloud: a JSON file that every provider process reads and writes under a lock.

A file, because the cloud outlives the engine: resources of an interrupted or killed update exist afterwards, as in a
real account. A person may read it, and a test may change it to play somebody who works beside Pulumi.
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

# Longest time for which an operation of a killed process blocks others. Seconds.
_LONGEST_OPERATION = 3600.0


class Record(TypedDict):
    """Resource in the cloud."""

    id: str
    type: str
    """Pulumi type token."""
    name: str
    state: str
    """State: `Succeeded`, `Failed`, or the running operation: `Creating`, `Updating`, `Deleting`."""
    inputs: dict[str, Any]
    """Inputs in clear."""
    outputs: dict[str, Any]
    """Outputs beyond the inputs."""
    busy_until: float
    """End of the running operation (Unix time); 0 when none runs."""


class Contents:
    """Contents of the cloud within one transaction."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.records: dict[str, Record] = document.setdefault("resources", {})
        self.used: dict[str, int] = document.setdefault("faults", {})
        """Count of strikes of each fault."""
        self._document = document

    def find(self, identifier: str) -> Record | None:
        """Find the resource of an id, without regard to case, as ARM does."""
        key = identifier.lower()
        return next((record for other, record in self.records.items() if other.lower() == key), None)

    def put(self, record: Record) -> None:
        """Add or replace a resource."""
        self.records[record["id"]] = record

    def remove(self, identifier: str) -> None:
        """Remove a resource, if it exists."""
        if record := self.find(identifier):
            del self.records[record["id"]]

    def of_type(self, token: str) -> list[Record]:
        """List the resources of a type."""
        return [record for record in self.records.values() if record["type"] == token]

    def below(self, identifier: str) -> list[Record]:
        """List the resources whose id is below this one."""
        prefix = identifier.lower() + "/"
        return [record for other, record in self.records.items() if other.lower().startswith(prefix)]

    def busy(self, identifier: str, tokens: Container[str]) -> Record | None:
        """Find a resource of these types, with this id or below it, on which an operation runs."""
        now = time.time()
        own = self.find(identifier)
        records = [record for record in (own, *self.below(identifier)) if record and record["type"] in tokens]
        return next((record for record in records if now < record["busy_until"] < now + _LONGEST_OPERATION), None)

    def serial(self) -> int:
        """Return a new number at every call: clouds do not use ids again."""
        self._document["serial"] = self._document.get("serial", 0) + 1
        return self._document["serial"]


class Account:
    """Simulated account of one cloud.

    Args:
        folder: folder of its file, created if it is missing.
        cloud: name of the provider, which names the file.
    """

    def __init__(self, folder: Path, cloud: str) -> None:
        self.file = folder / f"{cloud}.json"

    @contextlib.contextmanager
    def open(self) -> Iterator[Contents]:
        """Lock and yield the contents; changes are written at the end, but not after an error."""
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
    """Derive hexadecimal digits from parts, always the same for the same parts."""
    return hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()[:length]


def make_uuid(*parts: object) -> str:
    """Derive a UUID from parts, always the same for the same parts."""
    digits = fingerprint(*parts, length=32)
    return "-".join((digits[:8], digits[8:12], f"4{digits[13:16]}", f"8{digits[17:20]}", digits[20:32]))
