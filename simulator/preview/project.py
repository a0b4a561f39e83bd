"""Temporary folder of one plan: project, state, passphrase, simulated clouds and plugins.

No file of the person outside the checkout is read: no credentials of clouds, no kubeconfig, no Pulumi home.
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

#: Prefixes of variables that could lead a program to a real cloud or cluster.
_CREDENTIALS = ("ARM_", "AWS_", "AZURE_", "KUBE", "OCM_", "PULUMI_", "RHCS_")

#: Kubeconfig in place of an existing cluster. `.invalid` never resolves (RFC 6761).
_CLUSTER = {
    "apiVersion": "v1",
    "kind": "Config",
    "current-context": "planned",
    "clusters": [{"name": "planned", "cluster": {"server": "https://planned.invalid"}}],
    "users": [{"name": "planned", "user": {}}],
    "contexts": [{"name": "planned", "context": {"cluster": "planned", "user": "planned"}}],
}


@dataclass(frozen=True)
class TemporaryWorkspace(Workspace):
    """Workspace in a temporary folder."""

    root: Path = field(kw_only=True)

    @property
    def folder(self) -> Path:
        """Pulumi's project folder."""
        return self.root

    @property
    def plugins(self) -> Path:
        """Folder with the plugins of this plan."""
        return self.root / "plugins"


class SimulatedStack(Stack):
    """Stack on simulated clouds, also on a machine with official plugins and credentials."""

    def variables(self) -> dict[str, str]:
        """Build the process environment for Pulumi, without variables that lead to a real cloud or cluster."""
        folder = self.workspace.folder
        harmless = {name: value for name, value in super().variables().items() if _is_harmless(name)}
        variables = plugins.environment(
            backend_url=f"file://{self.workspace.state}",
            passphrase_file=self.workspace.passphrase,
            home=folder / "home",
            base=harmless,
        )
        variables["PATH"] = f"{folder / 'plugins'}:{variables['PATH']}"
        variables[simulated.FOLDER] = str(folder / "clouds")
        return variables


@contextmanager
def prepare_stack(environment: str, overrides: Mapping[str, str] | None = None) -> Iterator[SimulatedStack]:
    """Yield a new, empty stack of an environment, and remove it at the end.

    Args:
        environment: name of the environment, or path of its file.
        overrides: values by their path in the environment, with the syntax of `pulumi config set --path`.

    Raises:
        EnvironmentFileError: no such environment, or its file is refused.
        PulumiFailedError: Pulumi could not create the stack.
    """
    LOCAL.mkdir(exist_ok=True)
    # Not in the system's folder for temporary files, from which some machines run no programs.
    with tempfile.TemporaryDirectory(prefix="preview-", dir=LOCAL) as folder:
        source = Workspace.from_name(environment)
        workspace = TemporaryWorkspace(source.environment, file=source.file, root=Path(folder))
        _link_plugins(workspace.plugins)
        workspace.prepare(_machine_values(workspace))
        stack = SimulatedStack(workspace)
        stack.select()
        stack.set_secret("modelyard:servingKey", workspace.serving_key.read_text())
        for path, value in (overrides or {}).items():
            stack.set_path(f"{KEY}.{path}", value)
        validated = read_environment(workspace.stack_file)
        write_policy_configuration(validated, workspace.policy_configuration)
        _allow_placeholders(validated, workspace.policy_configuration)
        yield stack


def _machine_values(workspace: TemporaryWorkspace) -> dict[str, Any]:
    """Return values to lay over the environment file, in place of the cluster and images of `make up`."""
    kind = workspace.read_source().get("kind")
    values: dict[str, Any] = {}
    if kind in {"local", "existing", "openshift"}:
        kubeconfig = workspace.root / "kubeconfig"
        write_private(kubeconfig, yaml.safe_dump(_CLUSTER))
        values["cluster"] = {"kubeconfig": str(kubeconfig)}
    if kind == "local":
        # `make up` builds the images and tags them by their content.
        values["images"] = {name: f"localhost/modelyard/{name}:planned" for name in ("train", "serve")}
        values["operators"] = {
            name: {"image": f"localhost/modelyard/{image}:planned"}
            for name, image in (("kueue", "kueue"), ("kuberay", "kuberay-operator"))
        }
        values["storage"] = {"host_folder": "/var/lib/modelyard/local/volumes"}
    return values


def _allow_placeholders(environment: Environment, file: Path) -> None:
    """Allow images of `….example`, which nobody can own (RFC 2606), in a plan; an `up` refuses them."""
    images = (environment.images.train, environment.images.serve)
    registries = sorted({image.partition("/")[0] for image in images if image})
    placeholders = [registry for registry in registries if registry.endswith(".example")]
    if not placeholders:
        return
    configuration = json.loads(file.read_text())
    for policy in POLICIES:
        settings = configuration.setdefault(policy, {})
        settings["registries"] = [*settings.get("registries", Settings().registries), *placeholders]
    write_private(file, json.dumps(configuration, indent=2))


def _link_plugins(folder: Path) -> None:
    """Link our plugins into a folder that comes first in the search path, before installed ones."""
    folder.mkdir()
    for name, source in plugins.PLUGINS.items():
        (folder / name).symlink_to(source / name)
    provider = folder / "pulumi-resource-kubernetes"
    provider.unlink()
    code = (
        f"import sys; sys.path[0] = {str(CHECKOUT)!r}; "
        "from simulator.preview.planned_kubernetes import main; main(sys.argv[1:])"
    )
    provider.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -c {shlex.quote(code)} "$@"\n')
    provider.chmod(0o700)


def _is_harmless(name: str) -> bool:
    return not name.startswith(_CREDENTIALS)
