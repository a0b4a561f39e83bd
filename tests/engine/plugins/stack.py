"""Drives a Pulumi stack for a test: a program that registers what a JSON file lists, run by the real engine.

Values may hold `secret(...)`, `output("resource.path")` and `asset(...)`; everything else is passed as it is.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tools.plugins import environment
from tools.setup.locations import CHECKOUT

PROJECT = "conformance"
STACK = "test"

# An empty stack, made by the first test of a run and removed with the process.
_SCRATCH = tempfile.TemporaryDirectory(prefix="modelyard-stack-")
_EMPTY = Path(_SCRATCH.name) / "empty"

_PROGRAM = """
import json
import pulumi

class Anything(pulumi.CustomResource):
    pass

def value(item):
    if isinstance(item, dict):
        if "$secret" in item:
            return pulumi.Output.secret(value(item["$secret"]))
        if "$asset" in item:
            return pulumi.FileAsset(item["$asset"])
        if "$output" in item:
            name, *path = item["$output"]
            found = getattr(made[name], path[0])
            for key in path[1:]:
                found = found[key]
            return found
        return {key: value(one) for key, one in item.items()}
    return [value(one) for one in item] if isinstance(item, list) else item

made = {}
spec = json.load(open("resources.json"))
provider = pulumi.ProviderResource("kubernetes", "cluster", value(spec["provider"]))
for entry in spec["resources"]:
    options = dict(entry["options"])
    if "depends_on" in options:
        options["depends_on"] = [made[name] for name in options["depends_on"]]
    if "custom_timeouts" in options:
        options["custom_timeouts"] = pulumi.CustomTimeouts(**options["custom_timeouts"])
    properties = value(entry["properties"])
    for name in entry["outputs"]:
        properties.setdefault(name, None)
    options = pulumi.ResourceOptions(provider=provider, **options)
    made[entry["name"]] = Anything(entry["type"], entry["name"], properties, options)
for name, item in spec["exports"].items():
    pulumi.export(name, value(item))
"""


@dataclass
class Resource:
    """One resource of the program; `outputs` names properties that are only read."""

    name: str
    type: str
    properties: dict[str, Any]
    options: dict[str, Any] = field(default_factory=dict)
    outputs: tuple[str, ...] = ("metadata", "status")


def manifest(name: str, document: dict[str, Any], **options: Any) -> Resource:
    """A Kubernetes object as a resource."""
    version = document["apiVersion"]
    group = version if "/" in version else f"core/{version}"
    return Resource(name, f"kubernetes:{group}:{document['kind']}", document, options)


def secret(value: Any) -> dict[str, Any]:
    """A secret value."""
    return {"$secret": value}


def output(path: str) -> dict[str, Any]:
    """The output of another resource, such as `namespace.metadata.name`."""
    return {"$output": path.split(".")}


def asset(path: Path) -> dict[str, Any]:
    """A file asset."""
    return {"$asset": str(path)}


@dataclass
class Run:
    """Result of one `pulumi` command.

    Attributes:
        code: its exit code.
        text: what it printed.
        events: the engine's events.
        seconds: how long it took.
    """

    code: int
    text: str
    events: list[dict[str, Any]]
    seconds: float

    def operations(self, name: str) -> list[str]:
        """The operations that the engine planned (preview) or did for the resource with this Pulumi name, in order."""
        return [step["op"] for step in self._steps() if step["urn"].endswith(f"::{name}")]

    def differences(self, name: str) -> dict[str, str]:
        """Property path and kind of change of an updated or replaced resource."""
        for step in self._steps():
            if step["urn"].endswith(f"::{name}") and step.get("detailedDiff"):
                return {path: change["diffKind"] for path, change in step["detailedDiff"].items()}
        return {}

    def new_outputs(self, name: str) -> dict[str, Any]:
        """The outputs of a resource after the operation."""
        for event in reversed(self.events):
            metadata = event.get("resOutputsEvent", {}).get("metadata", {})
            if metadata.get("urn", "").endswith(f"::{name}") and metadata.get("new"):
                return metadata["new"]["outputs"]
        raise AssertionError(f"no outputs of {name} in:\n{self.text}")

    @property
    def changes(self) -> dict[str, int]:
        """Count of resources by operation, without unchanged ones."""
        for event in self.events:
            if "summaryEvent" in event:
                changes = event["summaryEvent"]["resourceChanges"]
                return {operation: count for operation, count in changes.items() if operation != "same"}
        return {}

    def messages(self, severity: str | None = None) -> list[str]:
        """The diagnostics that were shown, of one severity or all."""
        found = [event["diagnosticEvent"] for event in self.events if "diagnosticEvent" in event]
        return [
            entry["message"] for entry in found if not entry.get("ephemeral") and severity in (None, entry["severity"])
        ]

    @property
    def statuses(self) -> list[str]:
        """Texts of the status column while the operation ran."""
        found = [event["diagnosticEvent"] for event in self.events if "diagnosticEvent" in event]
        return [entry["message"].strip() for entry in found if entry.get("ephemeral")]

    def _steps(self) -> list[dict[str, Any]]:
        return [event["resourcePreEvent"]["metadata"] for event in self.events if "resourcePreEvent" in event]


class Stack:
    """A stack of its own in `folder`.

    Args:
        provider: inputs of the Kubernetes provider.
        name: name of the stack.
    """

    def __init__(self, folder: Path, provider: Mapping[str, Any], name: str = STACK) -> None:
        self.folder = folder
        self.name = name
        self.provider = dict(provider)
        self.exports: dict[str, Any] = {}
        self.extra_environment: dict[str, str] = {}
        (folder / "state").mkdir()
        passphrase = folder / "passphrase"
        passphrase.touch(mode=0o600)
        passphrase.write_text("conformance passphrase")
        self._environment = environment(
            backend_url=f"file://{folder / 'state'}", passphrase_file=passphrase, home=folder / "home"
        )
        self._environment["PULUMI_STACK"] = name
        # Compiled modules make every run faster; some shells turn them off.
        self._environment.pop("PYTHONDONTWRITEBYTECODE", None)
        if os.environ.get("MODELYARD_CONFORMANCE_PLUGIN") == "official":
            self._use_official_plugins()
        project = {"name": PROJECT, "runtime": {"name": "python", "options": {"virtualenv": sys.prefix}}}
        (folder / "Pulumi.yaml").write_text(json.dumps(project))
        (folder / "__main__.py").write_text(_PROGRAM)
        self._initialise()

    def _initialise(self) -> None:
        """Make the stack: the first time by the engine, later by a copy of the empty one, which takes no time."""
        files = {"state": self.folder / "state", "settings": self.folder / f"Pulumi.{self.name}.yaml"}
        if self.name != STACK:
            self.command("stack", "init", self.name)
            return
        if _EMPTY.exists():
            shutil.copytree(_EMPTY / "state", files["state"], dirs_exist_ok=True)
            shutil.copy(_EMPTY / "settings", files["settings"])
            return
        self.command("stack", "init", STACK)
        shutil.copytree(files["state"], _EMPTY / "state")
        shutil.copy(files["settings"], _EMPTY / "settings")

    def _use_official_plugins(self) -> None:
        """Pulumi looks its plugins up itself: our links are not on PATH, and downloads are allowed."""
        inside = [
            part for part in self._environment["PATH"].split(os.pathsep) if Path(part) != CHECKOUT / ".local" / "bin"
        ]
        tools = self.folder / "bin"
        tools.mkdir()
        for name in ("pulumi", "helm"):
            if found := shutil.which(name, path=self._environment["PATH"]):
                (tools / name).symlink_to(Path(found).resolve())
        self._environment["PATH"] = os.pathsep.join([str(tools), *inside])
        self._environment.pop("PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION")
        self._environment.pop("PULUMI_HOME")

    def write(self, *resources: Resource) -> None:
        """Set what the program registers."""
        spec = {
            "provider": self.provider,
            "exports": self.exports,
            "resources": [
                {
                    "name": one.name,
                    "type": one.type,
                    "properties": one.properties,
                    "options": one.options,
                    "outputs": list(one.outputs),
                }
                for one in resources
            ],
        }
        (self.folder / "resources.json").write_text(json.dumps(spec))

    def up(self, *resources: Resource, fails: bool = False) -> Run:
        """Bring the stack to exactly these resources."""
        self.write(*resources)
        return self.command("up", "--yes", "--skip-preview", fails=fails)

    def preview(self, *resources: Resource, fails: bool = False) -> Run:
        """Show what `up` would do."""
        self.write(*resources)
        return self.command("preview", fails=fails)

    def refresh(self, *, fails: bool = False) -> Run:
        """Take the cluster's state over."""
        return self.command("refresh", "--yes", "--skip-preview", fails=fails)

    def destroy(self, *, fails: bool = False) -> Run:
        """Delete all resources."""
        return self.command("destroy", "--yes", "--skip-preview", fails=fails)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a command in a process group of its own and return at once."""
        return subprocess.Popen(
            ["pulumi", *arguments, "--non-interactive", "--color", "never", *self._event_log(arguments)],
            cwd=self.folder,
            env=self._environment | self.extra_environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def finish(self, child: subprocess.Popen[str], started: float, *, limit: float = 120) -> Run:
        """Wait for a started command."""
        try:
            text, _ = child.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            text, _ = child.communicate()
            raise AssertionError(f"pulumi did not end within {limit} s:\n{text}") from None
        log = self.folder / "events.jsonl"
        events = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
        return Run(child.returncode, text, events, time.monotonic() - started)

    def command(self, *arguments: str, fails: bool = False) -> Run:
        """Run a command; it must succeed, or fail when `fails`."""
        started = time.monotonic()
        run = self.finish(self.start(*arguments), started)
        if (run.code != 0) != fails:
            raise AssertionError(f"pulumi {' '.join(arguments)} ended with {run.code}:\n{run.text}")
        return run

    def _event_log(self, arguments: tuple[str, ...]) -> list[str]:
        log = self.folder / "events.jsonl"
        log.unlink(missing_ok=True)
        return ["--event-log", str(log)] if arguments[0] in ("up", "preview", "refresh", "destroy", "import") else []

    @property
    def state(self) -> dict[str, Any]:
        """The resources of the stack by Pulumi name, as they are stored: secrets encrypted."""
        resources = json.loads(self.state_text)["checkpoint"]["latest"].get("resources") or []
        return {resource["urn"].rpartition("::")[2]: resource for resource in resources}

    @property
    def state_text(self) -> str:
        """The stored state as text."""
        return (self.folder / "state" / ".pulumi" / "stacks" / PROJECT / f"{self.name}.json").read_text()
