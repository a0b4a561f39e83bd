"""The folder under `.local/` that one environment works in: rendered stack file, state, passphrase, results.

The environment file in the repository stays as a person wrote it. What only this machine knows (where the kubeconfig
is, which images were built, where volumes live) is merged into a copy, and Pulumi runs on the copy. So a checkout
never becomes dirty by running it.
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

from tools.cluster.state import write_private
from tools.setup.locations import CHECKOUT, LOCAL


@dataclass(frozen=True)
class Workspace:
    """The files of one environment."""

    environment: str
    instance: str = ""
    """Local cluster it runs on, when it is another than the environment's own name: tests use theirs."""
    file: Path | None = None
    """The environment file, when it is kept outside the checkout."""

    @classmethod
    def named(cls, environment: str, instance: str = "") -> Self:
        """The workspace of an environment's name, or of the path of its file (`…/Pulumi.NAME.yaml`).

        Raises:
            EnvironmentFileError: a path whose file is not called so.
        """
        if not environment.endswith(".yaml") and "/" not in environment:
            return cls(environment, instance)
        file = Path(environment).expanduser().absolute()
        match = re.fullmatch(r"Pulumi\.([a-z0-9][a-z0-9-]*)\.yaml", file.name)
        if match is None:
            raise EnvironmentFileError(f"{environment}: an environment file is called Pulumi.NAME.yaml")
        return cls(match[1], instance, file)

    @property
    def source(self) -> Path:
        """The environment file that people edit."""
        return self.file or CHECKOUT / f"Pulumi.{self.environment}.yaml"

    @property
    def folder(self) -> Path:
        """Pulumi's project folder."""
        return LOCAL / (self.instance or self.environment)

    @property
    def facts(self) -> Path:
        """What `make up` found, as JSON: `.local/up.json` for a person's platform."""
        return (self.folder if self.instance else LOCAL) / "up.json"

    @property
    def stack_file(self) -> Path:
        """The merged copy that Pulumi reads."""
        return self.folder / f"Pulumi.{self.environment}.yaml"

    @property
    def state(self) -> Path:
        """Where Pulumi keeps the stack's state."""
        return self.folder / "state"

    @property
    def passphrase(self) -> Path:
        """The file with the passphrase that encrypts secrets in state."""
        return self.folder / "passphrase"

    @property
    def policy_configuration(self) -> Path:
        """What the policies know of this environment."""
        return self.folder / "policy-configuration.json"

    @property
    def serving_key(self) -> Path:
        """The file with the bearer token of the served endpoints."""
        return self.folder / "serving-key"

    def exists(self) -> bool:
        """Whether this environment was ever brought up from this checkout."""
        return self.stack_file.exists()

    def prepare(self, machine: dict[str, Any]) -> None:
        """Write the project, the merged stack file and the secrets' files; keeps what Pulumi wrote there before.

        Args:
            machine: what only this machine knows, laid over the environment file's object.

        Raises:
            EnvironmentFileError: there is no such environment file, or it holds no environment.
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

    def written(self) -> dict[str, Any]:
        """The environment as its file says, before anything of this machine is laid over it."""
        return self._config()[KEY]

    def _merged_file(self, machine: dict[str, Any]) -> dict[str, Any]:
        config = self._config()
        earlier = yaml.safe_load(self.stack_file.read_text()) if self.stack_file.exists() else {}
        kept = {k: v for k, v in (earlier.get("config") or {}).items() if isinstance(v, dict) and "secure" in v}
        salt = {k: v for k, v in earlier.items() if k in {"encryptionsalt", "secretsprovider", "encryptedkey"}}
        return {**salt, "config": {**kept, **config, KEY: overlay(config[KEY], machine)}}

    def _config(self) -> dict[str, Any]:
        if not self.source.exists():
            known = sorted(file.name.split(".")[1] for file in CHECKOUT.glob("Pulumi.*.yaml"))
            raise EnvironmentFileError(
                f"no {self.source.name} in {self.source.parent}; environments here: {', '.join(known)}"
            )
        written = yaml.safe_load(self.source.read_text()) or {}
        config = dict(written.get("config") or {})
        if not isinstance(config.get(KEY), dict):
            raise EnvironmentFileError(f"{self.source.name}: config.{KEY} is missing or not an object")
        return config


def overlay(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """`below` with the values of `above` laid over it, objects merged key by key, everything else replaced."""
    merged = copy.deepcopy(below)
    for key, value in above.items():
        if isinstance(value, dict) and isinstance(merged.get(key), dict):
            merged[key] = overlay(merged[key], value)
        else:
            merged[key] = value
    return merged
