"""Small system commands, with their own message in the error."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence

from tools.cluster.errors import ClusterError

SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""Search path of everything that the cluster starts: many users' PATH lacks the administrators' folders."""


def run(argv: Sequence[str], *, check: bool = True, timeout_seconds: float = 60) -> str:
    """Run a command and return its standard output.

    Raises:
        ClusterError: the command is missing, took too long or, unless `check` is false, failed; with its message.
    """
    environment = os.environ | {"PATH": SYSTEM_PATH, "LC_ALL": "C"}
    try:
        result = subprocess.run(
            list(argv), capture_output=True, text=True, check=False, timeout=timeout_seconds, env=environment
        )
    except FileNotFoundError as error:
        raise ClusterError(f"{argv[0]} is not installed: run `make doctor` for the fix") from error
    except subprocess.TimeoutExpired as error:
        raise ClusterError(f"`{' '.join(argv)}` did not finish in {timeout_seconds:.0f} s") from error
    if check and result.returncode != 0:
        message = (result.stderr or result.stdout).strip()[-600:]
        raise ClusterError(f"`{' '.join(argv)}` failed ({result.returncode}): {message}")
    return result.stdout
