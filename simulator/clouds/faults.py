"""Failures of a simulated cloud, declared in a file.

    speed: 0.001            # real seconds per second of the real cloud; 0, the default, is at once
    faults:
      - operation: create   # create, update, read, delete, invoke; left out: any of create, update and delete
        type: "azure-native:containerservice:AgentPool"     # pattern; left out: any
        name: "gpu*"        # pattern of the name in the cloud; left out: any
        fault: capacity     # quota, capacity, throttled, timeout, half-created, exists, denied
        times: 2            # then it passes; left out: once
        message: …          # instead of the cloud's own

The provider repeats a `throttled` request, as the official ones do, and fails only after several repetitions.
`capacity` on Azure, `timeout` and `half-created` leave the resource in the cloud: Pulumi records it, and the next `up`
repairs it.
"""

import fnmatch
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from simulator.clouds.account import Contents
from tools.plugins.answers import ProviderError

KINDS = ("quota", "capacity", "throttled", "timeout", "half-created", "exists", "denied")
OPERATIONS = ("create", "update", "read", "delete", "invoke")
_KEYS = {"operation", "type", "name", "fault", "times", "message"}


@dataclass(frozen=True)
class Fault:
    """Declared fault."""

    number: int
    fault: str
    operation: str = ""
    type: str = "*"
    name: str = "*"
    times: int = 1
    message: str = ""

    def concerns(self, operation: str, token: str, name: str) -> bool:
        """Tell whether the fault applies to this operation."""
        applies = self.operation == operation if self.operation else operation in ("create", "update", "delete")
        return applies and fnmatch.fnmatchcase(token, self.type) and fnmatch.fnmatchcase(name, self.name)


@dataclass(frozen=True)
class Faults:
    """Declared faults, and the speed of the cloud."""

    declared: tuple[Fault, ...] = ()
    speed: float = 0.0

    def strike(self, contents: Contents, operation: str, token: str, name: str) -> Fault | None:
        """Return the fault that applies now, counted in the cloud's file, or None."""
        for fault in self.declared:
            key = f"{fault.number}:{fault.fault}"
            if fault.concerns(operation, token, name) and contents.used.get(key, 0) < fault.times:
                contents.used[key] = contents.used.get(key, 0) + 1
                return fault
        return None


def read(file: Path | None) -> Faults:
    """Read the faults that a file declares; none without a file.

    Raises:
        ProviderError: the file cannot be read, or has an unknown key or value.
    """
    if file is None or not file.exists():
        return Faults()
    try:
        document = yaml.safe_load(file.read_text()) or {}
    except yaml.YAMLError as error:
        raise ProviderError(f"{file}: expected YAML: {error}") from None
    declared = tuple(_fault(file, number, entry) for number, entry in enumerate(document.get("faults") or []))
    return Faults(declared, float(document.get("speed") or 0.0))


def _fault(file: Path, number: int, entry: Any) -> Fault:
    path = f"{file}: faults[{number}]"
    if not isinstance(entry, dict) or not entry.keys() <= _KEYS:
        raise ProviderError(f"{path}: expected an object with {', '.join(sorted(_KEYS))}, got {entry!r}")
    if entry.get("fault") not in KINDS:
        raise ProviderError(f"{path}.fault: got {entry.get('fault')!r}; allowed: {', '.join(KINDS)}")
    if entry.get("operation", "create") not in OPERATIONS:
        raise ProviderError(f"{path}.operation: got {entry['operation']!r}; allowed: {', '.join(OPERATIONS)}")
    return Fault(number=number, **entry)
