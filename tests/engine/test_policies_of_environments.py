"""The whole local environment, previewed by the real engine with the policy pack: it keeps every rule."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from modelyard.policies.rules import Settings, pack_config
from modelyard.stacks.environment.environment import KEY

from tests.engine.api_server import ApiServer
from tools.bundles.render import render_all
from tools.plugins import environment
from tools.setup.locations import CHECKOUT
from tools.up.workspace import overlay

pytestmark = pytest.mark.engine

HOST_FOLDER = "/var/lib/modelyard/test/volumes"


@pytest.fixture(scope="module")
def project(api_server: ApiServer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project of the local environment, with what `make up` would add; the images are only names here."""
    folder = tmp_path_factory.mktemp("local")
    (folder / "state").mkdir()
    (folder / "passphrase").write_text("of a stack that is never created")
    bundles = render_all()
    machine: dict[str, Any] = {
        "cluster": {"kubeconfig": str(api_server.kubeconfig)},
        "images": {name: f"localhost/modelyard/{name}:0123456789ab" for name in ("train", "serve")},
        "operators": {
            "kueue": {"image": "localhost/modelyard/kueue:0123456789ab", "source": str(_file(bundles, "kueue"))},
            "kuberay": {
                "image": "localhost/modelyard/kuberay-operator:0123456789ab",
                "source": str(_file(bundles, "kuberay")),
            },
        },
        "storage": {"host_folder": HOST_FOLDER},
    }
    written = yaml.safe_load((CHECKOUT / "Pulumi.local.yaml").read_text())["config"]
    definition = yaml.safe_load((CHECKOUT / "Pulumi.yaml").read_text())
    definition["main"] = os.path.relpath(CHECKOUT / definition["main"], folder)
    definition["runtime"]["options"]["virtualenv"] = str(CHECKOUT / ".venv")
    (folder / "Pulumi.yaml").write_text(yaml.safe_dump(definition))
    (folder / "Pulumi.local.yaml").write_text(
        yaml.safe_dump({"config": {**written, KEY: overlay(written[KEY], machine)}})
    )
    assert _pulumi(folder, "stack", "init", "local").returncode == 0
    key = _pulumi(folder, "config", "set", "--secret", "modelyard:servingKey", given="sixteen-or-more-characters")
    assert key.returncode == 0, key.stderr
    return folder


def preview(project: Path, settings: Settings) -> tuple[int, str]:
    """Exit code and output of a preview under `settings`."""
    (project / "policies.json").write_text(json.dumps(pack_config(settings)))
    pack = ("--policy-pack", str(CHECKOUT / "policies"), "--policy-pack-config", str(project / "policies.json"))
    done = _pulumi(project, "preview", "--stack", "local", *pack)
    return done.returncode, done.stdout + done.stderr


def test_the_local_environment_keeps_every_rule(project):
    capacity = {"cpu": "2", "memory": "12Gi", "nvidia.com/gpu": "1"}

    code, output = preview(project, Settings(allowed_host_paths=(HOST_FOLDER,), capacity=capacity))

    assert code == 0, output
    assert "[mandatory]" not in output
    assert "kubernetes:ray.io/v1:RayJob" in output
    assert "kubernetes:ray.io/v1:RayService" in output


def test_local_is_refused_on_a_smaller_node_or_without_its_folder(project):
    code, output = preview(project, Settings(capacity={"cpu": "1", "nvidia.com/gpu": "1"}))

    assert code != 0
    assert "[quota-within-capacity, high] ClusterQueue team-a" in output
    assert "and the nodes have 1. Allowed: at most 1 of cpu over all queues" in output
    assert "[host-paths, critical] PersistentVolume team-a-prose, spec.hostPath.path" in output


def _file(bundles: dict[str, Path], operator: str) -> Path:
    [found] = [path for path in bundles.values() if path.name == f"{operator}.yaml"]
    return found


def _pulumi(folder: Path, *arguments: str, given: str | None = None) -> subprocess.CompletedProcess[str]:
    variables = environment(
        backend_url=f"file://{folder / 'state'}", passphrase_file=folder / "passphrase", home=folder / "home"
    )
    # a file, not a pipe: a plugin that ends later than the engine would hold a pipe open
    with (folder / "output").open("w+") as stream:
        command = ["pulumi", *arguments, "--non-interactive", "--color", "never"]
        done = subprocess.run(
            command,
            cwd=folder,
            env=variables,
            input=given,
            stdout=stream,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=180,
        )
        stream.seek(0)
        return subprocess.CompletedProcess(done.args, done.returncode, stream.read(), "")
