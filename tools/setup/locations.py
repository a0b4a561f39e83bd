"""Folders of the tools.

The checkout holds sources, virtual environments and `.local/`; the cache holds files that all checkouts of a user
share.
"""

import os
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]

#: Output of `make up`: executables by name, rendered stacks, results. Never committed.
LOCAL = CHECKOUT / ".local"

#: Executables that the tools call, by their plain names.
BIN = LOCAL / "bin"

#: Go modules that pin the sources of compiled executables.
GO_MODULES = CHECKOUT / "tools" / "go"


def cache() -> Path:
    """Return the per-user cache: `$MODELYARD_CACHE`, else `~/.cache/modelyard`."""
    return Path(os.environ.get("MODELYARD_CACHE") or Path.home() / ".cache" / "modelyard")


def state() -> Path:
    """Return the root of the local clusters' state: `$MODELYARD_STATE`, else `/var/lib/modelyard`."""
    return Path(os.environ.get("MODELYARD_STATE") or "/var/lib/modelyard").absolute()


def uv() -> Path:
    """Return the path of the pinned uv, which creates every virtual environment."""
    return cache() / "uv" / "bin" / "uv"
