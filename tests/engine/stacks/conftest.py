"""A project folder for one environment, as `make up` writes it, in which tests run the real Pulumi."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from modelyard.stacks.environment.environment import KEY

from tests.engine.api_server import ApiServer
from tools.bundles.render import render_all
from tools.plugins import environment
from tools.setup.locations import CHECKOUT
from tools.up.workspace import overlay

Pulumi = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def bundles() -> dict[str, Path]:
    """The operators' bundles."""
    return render_all()


@pytest.fixture
def pulumi(tmp_path: Path, api_server: ApiServer, bundles: dict[str, Path]) -> Pulumi:
    """Runs `pulumi` on a stack `local` of its own."""
    folder = tmp_path / "project"
    (folder / "state").mkdir(parents=True)
    passphrase = folder / "passphrase"
    passphrase.write_text("of a stack that lives as long as a test")
    machine: dict[str, Any] = {
        "cluster": {"kubeconfig": str(api_server.kubeconfig)},
        "images": {name: f"localhost/modelyard/{name}:0123456789ab" for name in ("train", "serve")},
        "operators": {name: {"source": str(bundles[f"{name}.yaml"])} for name in ("kueue", "kuberay")},
        "storage": {"host_folder": "/var/lib/modelyard/test/volumes"},
    }
    config = yaml.safe_load((CHECKOUT / "Pulumi.local.yaml").read_text())["config"]
    project = yaml.safe_load((CHECKOUT / "Pulumi.yaml").read_text())
    project["main"] = os.path.relpath(CHECKOUT / project["main"], folder)
    project["runtime"]["options"]["virtualenv"] = str(CHECKOUT / ".venv")
    (folder / "Pulumi.yaml").write_text(yaml.safe_dump(project))
    (folder / "Pulumi.local.yaml").write_text(yaml.safe_dump({"config": {KEY: overlay(config[KEY], machine)}}))
    variables = environment(backend_url=f"file://{folder / 'state'}", passphrase_file=passphrase)

    def run(*arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
        command = ["pulumi", *arguments, "--non-interactive", "--cwd", str(folder)]
        return subprocess.run(
            command, input=given, capture_output=True, text=True, env=variables, check=False, timeout=120
        )

    assert run("stack", "init", "local").returncode == 0
    assert run("config", "set", "--secret", "modelyard:servingKey", given="of-nobodys-endpoint").returncode == 0
    return run
