"""Volumes that are folders of this machine: created before pods mount them, and filled with text to train on."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Any

from modelyard.stacks.environment.environment import Environment
from modelyard.stacks.environment.team import FineTune, Team
from modelyard.stacks.workspaces import host_folder
from modelyard.workloads.preprocess.location import MOUNT_ROOT, parse

from tools import local_text
from tools.setup.locations import cache

#: User and group of the workload containers (workloads/containers).
WORKLOAD_USER = 1000


class DataFailedError(Exception):
    """The training text could not be prepared; the text repeats the reason."""


def prepare(environment: Environment, say: Callable[[str], None]) -> None:
    """Create the folders of `environment`'s volumes, and put text where a fine-tune's data is missing.

    Volumes that a storage class provides are left alone.

    Raises:
        DataFailedError: the text could not be prepared.
    """
    for team in environment.teams:
        folders = {}
        for volume in team.volumes:
            if folder := host_folder(environment, team, volume):
                folders[volume.claim] = Path(folder)
                _create(Path(folder))
        for target in _find_missing_data(team, folders):
            say(f"preparing text in {target}")
            fill(target)


def find_host_path(uri: str, namespace: str, volumes: list[dict[str, Any]]) -> Path | None:
    """Find the folder of `pvc://claim/path` on this machine, or None if its volume is not a folder of this machine.

    Args:
        uri: a location in the notation of workspaces.
        namespace: namespace of the claim.
        volumes: the stack's output of that name.
    """
    location = parse(uri)
    for volume in volumes:
        if (volume["namespace"], volume["claim"]) == (namespace, location.claim) and volume["host_folder"]:
            inside = PurePosixPath(location.path or "").relative_to(f"{MOUNT_ROOT}/{location.claim}")
            return Path(volume["host_folder"]) / inside
    return None


def _find_missing_data(team: Team, folders: dict[str, Path]) -> list[Path]:
    """Find the folders on this machine that a fine-tune of `team` reads and that do not exist."""
    missing = []
    for workspace in team.workspaces:
        if not isinstance(workspace, FineTune):
            continue
        location = parse(workspace.train_data)
        if location.claim in folders and location.path:
            inside = PurePosixPath(location.path).relative_to(f"{MOUNT_ROOT}/{location.claim}")
            target = folders[location.claim] / (inside.parent if inside.suffix else inside)
            if not target.exists():
                missing.append(target)
    return missing


def fill(target: Path) -> None:
    """Copy the training text to the folder `target` in one step, by way of the cache.

    Raises:
        DataFailedError: the text could not be prepared.
    """
    text = cache() / "text" / f"{local_text.PACKAGE}-{local_text.RECIPE}"
    if not text.exists():
        text.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=text.parent) as folder:
            command = [sys.executable, "-m", local_text.__name__, "--quiet", "--output", f"{folder}/text"]
            result = subprocess.run(command, capture_output=True, text=True, check=False)
            if result.returncode != 0:
                raise DataFailedError(f"preparing the training text failed: {result.stderr.strip()}")
            Path(folder, "text").replace(text)
    unfinished = target.with_name(f".{target.name}.{os.getpid()}")
    shutil.copytree(text, unfinished)
    for file in (unfinished, *unfinished.rglob("*")):
        os.chown(file, WORKLOAD_USER, WORKLOAD_USER)
    unfinished.replace(target)


def _create(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    os.chown(folder, WORKLOAD_USER, WORKLOAD_USER)
