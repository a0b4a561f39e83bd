"""Kernel settings of the host that a kubelet changes: recorded before, restored with the last instance."""

from __future__ import annotations

import json
from pathlib import Path

from tools.cluster.kubelet import HOST_SETTINGS
from tools.cluster.state import lock_root, write_private

SYSCTL = Path("/proc/sys")
_RECORD = ".host-settings.json"


def remember(root: Path, sysctl: Path = SYSCTL) -> None:
    """Record the settings under the state root, unless an earlier instance already did."""
    with lock_root(root):
        record = root / _RECORD
        if record.exists():
            return
        present = {name: (sysctl / name).read_text().strip() for name in HOST_SETTINGS if (sysctl / name).exists()}
        write_private(record, json.dumps(present))


def restore(root: Path, sysctl: Path = SYSCTL) -> list[str]:
    """Restore the recorded values and delete the record; return the names of those that had changed."""
    with lock_root(root):
        record = root / _RECORD
        if not record.exists():
            return []
        changed: list[str] = []
        for name, value in json.loads(record.read_text()).items():
            setting = sysctl / name
            if name in HOST_SETTINGS and setting.exists() and setting.read_text().strip() != value:
                setting.write_text(value)
                changed.append(name)
        record.unlink()
        return changed
