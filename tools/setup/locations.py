"""Where things are kept, in one place.

The checkout holds sources, virtual environments and `.local/`; the cache holds what every
checkout of this user can share.
"""

import os
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]

#: What `make up` writes: executables by name, rendered stacks, results. Never committed.
LOCAL = CHECKOUT / ".local"

#: Every executable that the tools call, by its plain name.
BIN = LOCAL / "bin"

#: Go modules that pin what is compiled.
GO_MODULES = CHECKOUT / "tools" / "go"


def cache() -> Path:
    """The per-user cache: `$MODELYARD_CACHE`, else `~/.cache/modelyard`."""
    return Path(os.environ.get("MODELYARD_CACHE") or Path.home() / ".cache" / "modelyard")


def state() -> Path:
    """The root of the local clusters' state: `$MODELYARD_STATE`, else `/var/lib/modelyard`. Read anew at every call."""
    return Path(os.environ.get("MODELYARD_STATE") or "/var/lib/modelyard").absolute()


def uv() -> Path:
    """The pinned uv that makes every virtual environment."""
    return cache() / "uv" / "bin" / "uv"
