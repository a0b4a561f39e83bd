"""Environment variables of a simulated cloud. All names start with MODELYARD_SIMULATED_."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

#: Folder of the simulated cloud's files. Without it the stand-ins refuse to run, so that they never pass for a cloud.
FOLDER = "MODELYARD_SIMULATED_CLOUDS"

#: File of declared faults; by default `faults.yaml` in that folder.
FAULTS = "MODELYARD_SIMULATED_FAULTS"

#: Kubeconfig of simulated clusters, so that their objects reach a real Kubernetes API.
KUBECONFIG = "MODELYARD_SIMULATED_KUBECONFIG"


class SimulationNotRequestedError(ValueError):
    """The variable that allows a simulation is not set; the text has the variable and the alternatives."""


@dataclass(frozen=True)
class Settings:
    """Paths of a simulated cloud."""

    folder: Path
    faults: Path


def read(variables: Mapping[str, str], package: str) -> Settings:
    """Read the settings from a process environment.

    Raises:
        SimulationNotRequestedError: the folder is not set.
    """
    folder = variables.get(FOLDER)
    if not folder:
        raise SimulationNotRequestedError(
            f"the provider {package} of this machine only simulates its cloud, and {FOLDER} does not allow that: run "
            f"`make preview ENV=…`, set {FOLDER} to a folder for the simulated cloud, or install the official plugin"
        )
    return Settings(Path(folder), Path(variables.get(FAULTS) or Path(folder) / "faults.yaml"))
