"""Drives a stack of cloud resources for a test: a program, run by the real engine with the simulated clouds."""

import json
import textwrap
from pathlib import Path
from typing import Any

import yaml

from simulator.clouds import settings
from simulator.clouds.account import Account, Record
from tests.engine.plugins.stack import STACK, Stack


class Program(Stack):
    """A stack whose program a test writes; values that change between runs come from `given.json`."""

    def __init__(self, folder: Path, code: str, name: str = STACK) -> None:
        super().__init__(folder, {}, name)
        self.clouds = folder / "clouds"
        self.extra_environment[settings.FOLDER] = str(self.clouds)
        (folder / "__main__.py").write_text(
            "import json\nimport pulumi\ngiven = json.load(open('given.json'))\n" + textwrap.dedent(code)
        )
        self.give()

    def give(self, **values: Any) -> None:
        """Set what the program reads as `given`."""
        (self.folder / "given.json").write_text(json.dumps(values))

    def go(self, *, fails: bool = False, **values: Any):
        """Bring the stack to what `values` say."""
        self.give(**values)
        return self.command("up", "--yes", "--skip-preview", fails=fails)

    def plan(self, *, fails: bool = False, **values: Any):
        """Preview what `values` would change."""
        self.give(**values)
        return self.command("preview", "--diff", fails=fails)

    def outputs(self) -> dict[str, Any]:
        """The stack's outputs, secrets in clear."""
        return json.loads(self.command("stack", "output", "--json", "--show-secrets").text)

    def go_wrong(self, *faults: dict[str, Any], speed: float = 0.0) -> None:
        """Declare faults; they strike anew."""
        self.clouds.mkdir(exist_ok=True)
        (self.clouds / "faults.yaml").write_text(yaml.safe_dump({"speed": speed, "faults": list(faults)}))

    def in_cloud(self, cloud: str) -> dict[str, Record]:
        """Everything that exists in a cloud, by name."""
        with Account(self.clouds, cloud).open() as contents:
            return {record["name"]: record for record in contents.records.values()}
