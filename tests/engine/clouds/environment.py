"""Drives an environment file for a test, through the real engine, simulated clouds and a real Kubernetes API."""

import os
import sys
from pathlib import Path
from typing import Any

import yaml
from modelyard.stacks.environment.environment import KEY

from simulator.clouds import settings
from simulator.clouds.account import Account
from tests.engine.clouds.program import Program
from tests.engine.plugins.stack import PROJECT, Run
from tools.setup.locations import CHECKOUT
from tools.up.workspace import overlay


class Environment(Program):
    """A stack of one environment; `give` takes what a person would change in its file.

    Args:
        folder: of the test.
        name: of the environment.
        kubeconfig: of the cluster that the cloud hands out, or that is there already.
    """

    def __init__(self, folder: Path, name: str, kubeconfig: Path) -> None:
        self._written = yaml.safe_load((CHECKOUT / f"Pulumi.{name}.yaml").read_text())["config"]
        # The charts' operators would wait for nodes. The cluster has their kinds already.
        present = {operator: {"installer": "present"} for operator in ("kueue", "kuberay")}
        self._machine: dict[str, Any] = {"operators": present}
        if self._written[KEY]["cluster"].get("kubeconfig"):
            self._machine["cluster"] = {"kubeconfig": str(kubeconfig)}
        super().__init__(folder, "", name)
        self.extra_environment[settings.KUBECONFIG] = str(kubeconfig)
        project = {
            "name": PROJECT,
            "main": os.path.relpath(CHECKOUT / "stacks", folder),
            "runtime": {"name": "python", "options": {"virtualenv": sys.prefix}},
        }
        (folder / "Pulumi.yaml").write_text(yaml.safe_dump(project))

    def give(self, **changes: Any) -> None:
        """Write the stack's file: the environment with `changes` laid over it."""
        file = self.folder / f"Pulumi.{self.name}.yaml"
        kept = yaml.safe_load(file.read_text()) or {}
        environment = overlay(overlay(self._written[KEY], self._machine), changes)
        file.write_text(yaml.safe_dump({**kept, "config": {**self._written, KEY: environment}}))

    def pools(self, **changes: Any) -> list[dict[str, Any]]:
        """The environment's node pools, with `changes` to the first."""
        first, *others = self._written[KEY]["node_pools"]
        return [{**first, **changes}, *others]

    def refreshed(self) -> Run:
        """Read everything from clouds and cluster, then bring the stack to what its file says."""
        return self.command("up", "--yes", "--skip-preview", "--refresh")

    def types_in_cloud(self, cloud: str) -> set[str]:
        """Types of everything that exists in a cloud."""
        with Account(self.clouds, cloud).open() as contents:
            return {record["type"] for record in contents.records.values()}

    def refused_destroy(self) -> Run:
        """Ask for a destroy that is refused before anything is done, as it is without `--skip-preview`."""
        return self.command("destroy", "--yes", fails=True)

    def unprotect(self) -> None:
        """Allow deletion of what is protected, as a person has to on purpose."""
        self.command("state", "unprotect", "--all", "--yes")

    def names(self, run: Run, operation: str) -> set[str]:
        """Pulumi names of the resources that had an operation in a run; providers are none."""
        steps = [event["resourcePreEvent"]["metadata"] for event in run.events if "resourcePreEvent" in event]
        steps = [step for step in steps if not step["type"].startswith("pulumi:")]
        return {step["urn"].rpartition("::")[2] for step in steps if step["op"] == operation}
