"""Folder under `.local/` of one environment: rendered stack file, state, passphrase, results.

The environment file in the repository stays as a person wrote it. Values of this machine alone (path of the kubeconfig,
built images, folder of the volumes) are merged into a copy, and Pulumi runs on the copy. So running an environment
never makes a checkout dirty.
"""

import copy
import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import yaml
from modelyard.stacks.environment.environment import KEY
from modelyard.stacks.validation.messages import EnvironmentFileError
from modelyard.stacks.validation.stack_file import read_config

from tools.cluster.state import write_private
from tools.setup.locations import CHECKOUT, LOCAL


@dataclass(frozen=True)
class Workspace:
    """Files of one environment."""

    environment: str
    instance: str = ""
    """Local cluster of the environment, when its name is not the environment's: tests use instances of their own."""
    file: Path | None = None
    """Environment file, when it is kept outside the checkout."""

    @classmethod
    def from_name(cls, environment: str, instance: str = "") -> Self:
        """Make the workspace of an environment's name, or of the path of its file (`…/Pulumi.NAME.yaml`).

        Raises:
            EnvironmentFileError: the file has another name.
        """
        if not environment.endswith(".yaml") and "/" not in environment:
            return cls(environment, instance)
        file = Path(environment).expanduser().absolute()
        match = re.fullmatch(r"Pulumi\.([a-z0-9][a-z0-9-]*)\.yaml", file.name)
        if match is None:
            raise EnvironmentFileError(
                f"{environment}: expected a file called Pulumi.NAME.yaml; rename it (NAME: lower-case letters, "
                "digits and '-')"
            )
        return cls(match[1], instance, file)

    @property
    def source(self) -> Path:
        """Environment file that people edit."""
        return self.file or CHECKOUT / f"Pulumi.{self.environment}.yaml"

    @property
    def folder(self) -> Path:
        """Pulumi's project folder."""
        return LOCAL / (self.instance or self.environment)

    @property
    def facts(self) -> Path:
        """Report of `make up` as JSON: `.local/up.json` for a person's platform."""
        return (self.folder if self.instance else LOCAL) / "up.json"

    @property
    def stack_file(self) -> Path:
        """Merged copy that Pulumi reads."""
        return self.folder / f"Pulumi.{self.environment}.yaml"

    @property
    def state(self) -> Path:
        """Folder of the stack's state."""
        return self.folder / "state"

    @property
    def passphrase(self) -> Path:
        """File with the passphrase that encrypts secrets in the state."""
        return self.folder / "passphrase"

    @property
    def policy_configuration(self) -> Path:
        """Configuration of the policy pack for this environment."""
        return self.folder / "policy-configuration.json"

    @property
    def serving_key(self) -> Path:
        """File with the bearer token of the served endpoints."""
        return self.folder / "serving-key"

    def exists(self) -> bool:
        """Tell whether this environment was ever brought up from this checkout."""
        return self.stack_file.exists()

    def prepare(self, machine: dict[str, Any]) -> None:
        """Write the project, the merged stack file and the secrets' files; keep the values that Pulumi added to them.

        Args:
            machine: values of this machine, laid over the environment file's object.

        Raises:
            EnvironmentFileError: no such environment file, or no environment in it.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        self.state.mkdir(exist_ok=True)
        for file in (self.passphrase, self.serving_key):
            if not file.exists():
                write_private(file, secrets.token_urlsafe(32))
        project = yaml.safe_load((CHECKOUT / "Pulumi.yaml").read_text())
        project["main"] = os.path.relpath(CHECKOUT / project["main"], self.folder)
        options = project["runtime"]["options"]
        # Absolute: the engine reads it from this folder, the plugin of dynamic resources from the program's.
        options["virtualenv"] = str(CHECKOUT / options["virtualenv"])
        write_private(self.folder / "Pulumi.yaml", yaml.safe_dump(project, sort_keys=False))
        write_private(self.stack_file, yaml.safe_dump(self._merged_file(machine), sort_keys=False))

    def read_source(self) -> dict[str, Any]:
        """Read the environment file's object, without the values of this machine."""
        return self._config()[KEY]

    def _merged_file(self, machine: dict[str, Any]) -> dict[str, Any]:
        config = self._config()
        previous = yaml.safe_load(self.stack_file.read_text()) if self.stack_file.exists() else {}
        secrets_of_pulumi = {
            k: v for k, v in (previous.get("config") or {}).items() if isinstance(v, dict) and "secure" in v
        }
        salt = {k: v for k, v in previous.items() if k in {"encryptionsalt", "secretsprovider", "encryptedkey"}}
        return {**salt, "config": {**secrets_of_pulumi, **config, KEY: overlay(config[KEY], machine)}}

    def _config(self) -> dict[str, Any]:
        if not self.source.exists():
            names = sorted(file.name.split(".")[1] for file in CHECKOUT.glob("Pulumi.*.yaml"))
            raise EnvironmentFileError(
                f"{self.source}: no such file; environments of this checkout: {', '.join(names)}"
            )
        return read_config(self.source)


def overlay(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """Lay the values of `above` over `below`: objects are merged key by key, everything else is replaced."""
    merged = copy.deepcopy(below)
    for key, value in above.items():
        if isinstance(value, dict) and isinstance(merged.get(key), dict):
            merged[key] = overlay(merged[key], value)
        else:
            merged[key] = value
    return merged
