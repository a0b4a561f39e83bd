"""The environment file through the real engine: overrides reach the program, and a wrong one stops it at once."""

import json
import subprocess
import time
from pathlib import Path

import pytest
import yaml

from tests.engine.stacks.conftest import Pulumi
from tools.plugins import environment
from tools.setup.locations import CHECKOUT

pytestmark = pytest.mark.engine

TEAM = "modelyard:environment.teams[0]"


def test_a_value_can_be_overridden_by_its_path(pulumi: Pulumi):
    for path, value in {
        "modelyard:environment.cluster.capacity.gpus": "4",
        "modelyard:environment.cluster.capacity.cpus": "3.5",
        f"{TEAM}.quota.gpus": "2",
        f"{TEAM}.quota.cpus": "2.5",
    }.items():
        assert pulumi("config", "set", "--path", path, value).returncode == 0

    done = pulumi("preview", "--json")

    assert done.returncode == 0, done.stdout + done.stderr
    steps = {step["urn"].rpartition("::")[2]: step for step in json.loads(done.stdout)["steps"]}
    [group] = steps["team-a-cluster-queue"]["newState"]["inputs"]["spec"]["resourceGroups"]
    assert {quota["name"]: quota["nominalQuota"] for quota in group["flavors"][0]["resources"]} == {
        "cpu": "2500m",
        "memory": "10Gi",
        "nvidia.com/gpu": "2",
    }


def test_refused_file_registers_nothing(pulumi: Pulumi):
    pulumi("config", "set", "--path", f"{TEAM}.qouta", "1")
    pulumi("config", "set", "--path", f"{TEAM}.quota.memory", "8G")

    done = pulumi("up", "--yes", "--skip-preview")

    output = done.stdout + done.stderr
    assert done.returncode != 0
    assert "Pulumi.local.yaml: modelyard:environment is refused:" in output
    assert "teams[0].qouta: unknown key; did you mean 'quota'?" in output
    assert "teams[0].quota.memory = '8G': unit 'G' is not allowed; write '8GiB' (units: MiB, GiB, TiB)" in output
    assert "Traceback" not in output
    state = json.loads(pulumi("stack", "export").stdout)["deployment"]
    assert [resource["type"] for resource in state.get("resources") or []] in ([], ["pulumi:pulumi:Stack"])


def test_a_kubeconfig_that_points_nowhere_fails_in_seconds(pulumi: Pulumi, tmp_path: Path):
    nowhere = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "a",
        # Port 1 of this machine: nothing listens there, and no packet leaves.
        "clusters": [{"name": "a", "cluster": {"server": "https://127.0.0.1:1"}}],
        "users": [{"name": "a", "user": {"token": "very-secret"}}],
        "contexts": [{"name": "a", "context": {"cluster": "a", "user": "a"}}],
    }
    file = tmp_path / "kubeconfig"
    file.write_text(yaml.safe_dump(nowhere))
    pulumi("config", "set", "--path", "modelyard:environment.cluster.kubeconfig", str(file))
    began = time.monotonic()

    done = pulumi("up", "--yes", "--skip-preview")

    output = done.stdout + done.stderr
    assert done.returncode != 0
    assert time.monotonic() - began < 60
    assert "127.0.0.1:1" in output
    assert "very-secret" not in output


def test_a_kubeconfig_that_is_not_there_is_named(pulumi: Pulumi, tmp_path: Path):
    file = tmp_path / "nowhere"
    pulumi("config", "set", "--path", "modelyard:environment.cluster.kubeconfig", str(file))

    done = pulumi("preview")

    assert done.returncode != 0
    assert f"kubeconfig = '{file}': no such file" in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def test_the_components_are_a_package_for_any_language(tmp_path: Path):
    (tmp_path / "state").mkdir()
    variables = environment(backend_url=f"file://{tmp_path / 'state'}")
    command = ["pulumi", "package", "get-schema", str(CHECKOUT / "components")]

    done = subprocess.run(
        command, capture_output=True, text=True, env=variables, check=False, cwd=tmp_path, timeout=120
    )

    assert done.returncode == 0, done.stderr
    golden = json.loads((CHECKOUT / "tests" / "components" / "goldens" / "schema.json").read_text())
    assert sorted(json.loads(done.stdout)["resources"]) == sorted(golden["resources"])
