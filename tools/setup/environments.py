"""Virtual environments, each synchronised by uv to an exact lock.

Three, because they cannot be one: pulumi-policy needs protobuf 5, ray needs a newer one, and torch is 5 GB that a
person who only runs `pulumi up` should not have to install.
"""

import hashlib
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tools.setup.locations import CHECKOUT, cache, uv

UV_VERSION = "0.13.8"


@dataclass(frozen=True, kw_only=True)
class Environment:
    """Virtual environment."""

    name: str
    folder: str
    """Folder of the environment, relative to the checkout."""
    project: str = "."
    """Folder of its pyproject.toml and uv.lock, relative to the checkout."""
    extras: tuple[str, ...] = ()
    seconds: int
    """Duration of a cold synchronisation with downloads; only for estimates."""

    @property
    def python(self) -> Path:
        """Interpreter of the environment."""
        return CHECKOUT / self.folder / "bin" / "python"

    def key(self) -> str:
        """Compute the hash of lock, project file and interpreter, which decide the content."""
        project = CHECKOUT / self.project
        digest = hashlib.sha256(f"{sys.version}{self.extras}{CHECKOUT}".encode())
        for file in ("pyproject.toml", "uv.lock"):
            digest.update((project / file).read_bytes())
        return digest.hexdigest()

    @property
    def stamp(self) -> Path:
        """File with the key of the last complete synchronisation."""
        return CHECKOUT / self.folder / ".modelyard-key"

    def is_current(self) -> bool:
        """Tell whether the environment was synchronised to the present lock."""
        return self.python.exists() and self.stamp.exists() and self.stamp.read_text() == self.key()


CONTROL = Environment(name="control plane", folder=".venv", extras=("dev",), seconds=30)
POLICIES = Environment(name="policies", folder="policies/.venv", project="policies", seconds=15)
WORKLOADS = Environment(name="workloads", folder=".venv-workloads", extras=("workloads", "test-workloads"), seconds=180)


def uv_is_current() -> bool:
    """Tell whether the cache holds the pinned uv."""
    return _read_uv_version() == UV_VERSION


def install_uv(log: Path) -> None:
    """Put the pinned uv into the cache.

    Raises:
        RuntimeError: this Python cannot create virtual environments, or uv cannot be downloaded.
    """
    if uv_is_current():
        return
    folder = cache() / "uv"
    with log.open("ab") as out:
        for command, fix in (
            ([sys.executable, "-m", "venv", "--clear", str(folder)], "apt-get install python3-venv"),
            (
                [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", f"uv=={UV_VERSION}"],
                "check the network",
            ),
        ):
            if subprocess.run(command, stdout=out, stderr=out, check=False).returncode != 0:
                raise RuntimeError(f"`{' '.join(command)}` failed; see {log}; likely fix: {fix}")


def synchronise(environment: Environment, log: Path) -> None:
    """Install exactly the packages of `environment`'s lock.

    Raises:
        RuntimeError: uv failed; the message names the log.
    """
    command = [str(uv()), "sync", "--frozen", "--compile-bytecode", "--project", str(CHECKOUT / environment.project)]
    command += [f"--extra={extra}" for extra in environment.extras]
    # The interpreter that runs this code: uv must not download another.
    command += [f"--python={sys.executable}", "--no-python-downloads"]
    variables = {**os.environ, "UV_PROJECT_ENVIRONMENT": str(CHECKOUT / environment.folder)}
    variables.pop("VIRTUAL_ENV", None)
    with log.open("ab") as out:
        result = subprocess.run(command, stdout=out, stderr=out, env=variables, check=False)
    if result.returncode != 0:
        raise RuntimeError(f"`{' '.join(command)}` failed with exit code {result.returncode}; see {log}")
    environment.stamp.write_text(environment.key())


def _read_uv_version() -> str | None:
    try:
        result = subprocess.run([uv(), "--version"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return result.stdout.split()[1]
