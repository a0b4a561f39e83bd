"""What the environment tells a simulated cloud. All names start with MODELYARD_SIMULATED_."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

#: Folder of the simulated cloud's files. Without it the stand-ins refuse to run, so that nobody takes them for a cloud.
FOLDER = "MODELYARD_SIMULATED_CLOUDS"

#: File that says what goes wrong; by default `faults.yaml` in that folder.
FAULTS = "MODELYARD_SIMULATED_FAULTS"

#: A kubeconfig that simulated clusters hand out, so that what goes into a cluster reaches a real one.
KUBECONFIG = "MODELYARD_SIMULATED_KUBECONFIG"


class NotAskedForError(ValueError):
    """Nobody said that the cloud may be simulated; the text says how to, and what else there is."""


@dataclass(frozen=True)
class Settings:
    """Where a simulated cloud keeps its things."""

    folder: Path
    faults: Path


def read(variables: Mapping[str, str], package: str) -> Settings:
    """The settings in a process environment.

    Raises:
        NotAskedForError: the folder is not set.
    """
    folder = variables.get(FOLDER)
    if not folder:
        raise NotAskedForError(
            f"the provider {package} of this machine only simulates its cloud, and nobody asked for that: use "
            f"`make preview ENV=…`, set {FOLDER} to a folder for the simulated cloud, or install the official plugin"
        )
    return Settings(Path(folder), Path(variables.get(FAULTS) or Path(folder) / "faults.yaml"))
