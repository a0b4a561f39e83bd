"""Puts the local environment's training text where its workspaces mount it."""

import os
import subprocess
import sys
from pathlib import Path

from tools.setup.locations import CHECKOUT, cache

#: User and group of the workload containers (workloads/containers).
WORKLOAD_USER = 1000


def prepare(volumes: Path) -> None:
    """Fill `volumes`/datasets with text, owned by the workloads' user; does nothing when it is there.

    Raises:
        DataFailedError: the text could not be prepared; carries what the command said.
    """
    target = volumes / "datasets"
    if (target / "train.txt").exists():
        return
    target.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "modelyard.workloads.preprocess.local_text", "--output", str(target)]
    command += ["--cache", str(cache() / "text")]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise DataFailedError(f"preparing the training text failed: {done.stderr.strip()}")
    for file in (target, *target.rglob("*")):
        os.chown(file, WORKLOAD_USER, WORKLOAD_USER)


class DataFailedError(Exception):
    """The training text could not be prepared."""
