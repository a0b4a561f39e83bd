"""The folder that one plan lives in: project, state, passphrase, simulated clouds and plugins, removed at the end.

Nothing outside of it is read that belongs to the person: no credentials of clouds, no kubeconfig, no Pulumi home.
"""

import json
import shlex
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from modelyard.policies.rules import POLICIES, Settings
from modelyard.stacks.environment.environment import KEY, Environment

from simulator.clouds import settings as simulated
from tools import plugins
from tools.cluster.state import write_private
from tools.setup.locations import CHECKOUT, LOCAL
from tools.up.environment import read_environment
from tools.up.guardrails import write_policy_configuration
from tools.up.stack import Stack
from tools.up.workspace import Workspace

#: Starts of the names of variables that could lead a program to something real.
_CREDENTIALS = ("ARM_", "AWS_", "AZURE_", "KUBE", "OCM_", "PULUMI_", "RHCS_")

#: Stands for the cluster that an environment says is there. `.invalid` never resolves (RFC 6761).
_CLUSTER = {
    "apiVersion": "v1",
    "kind": "Config",
    "current-context": "planned",
    "clusters": [{"name": "planned", "cluster": {"server": "https://planned.invalid"}}],
    "users": [{"name": "planned", "user": {}}],
    "contexts": [{"name": "planned", "context": {"cluster": "planned", "user": "planned"}}],
}


@dataclass(frozen=True)
class Throwaway(Workspace):
    """A workspace in a folder of its own."""

    root: Path = field(kw_only=True)

    @property
    def folder(self) -> Path:
        """Pulumi's project folder."""
        return self.root

    @property
    def plugins(self) -> Path:
        """The folder with the plugins that this plan uses."""
        return self.root / "plugins"


class SimulatedStack(Stack):
    """A stack whose clouds are simulated, also on a machine that has the official plugins and credentials."""

    def variables(self) -> dict[str, str]:
        """The process environment for Pulumi, without anything that leads to a real cloud or cluster."""
        folder = self.workspace.folder
        kept = {name: value for name, value in super().variables().items() if _is_harmless(name)}
        offline = plugins.environment(
            backend_url=f"file://{self.workspace.state}",
            passphrase_file=self.workspace.passphrase,
            home=folder / "home",
            base=kept,
        )
        offline["PATH"] = f"{folder / 'plugins'}:{offline['PATH']}"
        offline[simulated.FOLDER] = str(folder / "clouds")
        return offline


@contextmanager
def prepared(environment: str, overrides: Mapping[str, str] | None = None) -> Iterator[SimulatedStack]:
    """A new, empty stack of an environment, for as long as the context lasts.

    Args:
        environment: its name, or the path of its file.
        overrides: values by their path in the environment, with the syntax of `pulumi config set --path`.

    Raises:
        EnvironmentFileError: there is no such environment, or its file is refused.
        PulumiFailedError: Pulumi could not make the stack.
    """
    LOCAL.mkdir(exist_ok=True)
    # Not in the system's folder for temporary files, whose programs some machines do not let run.
    with tempfile.TemporaryDirectory(prefix="preview-", dir=LOCAL) as folder:
        named = Workspace.from_name(environment)
        workspace = Throwaway(named.environment, file=named.file, root=Path(folder))
        _link_plugins(workspace.plugins)
        workspace.prepare(_machine(workspace))
        stack = SimulatedStack(workspace)
        stack.select()
        stack.set_secret("modelyard:servingKey", workspace.serving_key.read_text())
        for path, value in (overrides or {}).items():
            stack.set_path(f"{KEY}.{path}", value)
        given = read_environment(workspace.stack_file)
        write_policy_configuration(given, workspace.policy_configuration)
        _allow_placeholders(given, workspace.policy_configuration)
        yield stack


def _machine(workspace: Throwaway) -> dict[str, Any]:
    """What this machine adds to the environment file: stand-ins for what `make up` would build or be given."""
    written = workspace.read_source()
    added: dict[str, Any] = {}
    if written.get("kind") in {"local", "existing", "openshift"}:
        kubeconfig = workspace.root / "kubeconfig"
        write_private(kubeconfig, yaml.safe_dump(_CLUSTER))
        added["cluster"] = {"kubeconfig": str(kubeconfig)}
    if written.get("kind") == "local":
        # `make up` builds them and tags them by their content.
        added["images"] = {name: f"localhost/modelyard/{name}:planned" for name in ("train", "serve")}
        added["operators"] = {
            name: {"image": f"localhost/modelyard/{image}:planned"}
            for name, image in (("kueue", "kueue"), ("kuberay", "kuberay-operator"))
        }
        added["storage"] = {"host_folder": "/var/lib/modelyard/local/volumes"}
    return added


def _allow_placeholders(environment: Environment, file: Path) -> None:
    """Let images come from `….example`, which nobody can own (RFC 2606): a plan may have them, an `up` may not."""
    named = (environment.images.train, environment.images.serve)
    registries = sorted({image.partition("/")[0] for image in named if image})
    placeholders = [registry for registry in registries if registry.endswith(".example")]
    if not placeholders:
        return
    configuration = json.loads(file.read_text())
    for policy in POLICIES:
        settings = configuration.setdefault(policy, {})
        settings["registries"] = [*settings.get("registries", Settings().registries), *placeholders]
    write_private(file, json.dumps(configuration, indent=2))


def _link_plugins(folder: Path) -> None:
    """Our plugins, first on the path of programs: Pulumi takes them before any that are installed."""
    folder.mkdir()
    for name, source in plugins.PLUGINS.items():
        (folder / name).symlink_to(source / name)
    planned = folder / "pulumi-resource-kubernetes"
    planned.unlink()
    code = (
        f"import sys; sys.path[0] = {str(CHECKOUT)!r}; "
        "from simulator.preview.planned_kubernetes import main; main(sys.argv[1:])"
    )
    planned.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -c {shlex.quote(code)} "$@"\n')
    planned.chmod(0o700)


def _is_harmless(name: str) -> bool:
    return not name.startswith(_CREDENTIALS)
