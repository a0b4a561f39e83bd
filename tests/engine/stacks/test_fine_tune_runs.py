"""A fine-tune's job through the real engine and API: it starts once, whatever changes around it afterwards."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.engine.api_server import ApiServer
from tools.plugins import environment
from tools.setup.locations import CHECKOUT

pytestmark = pytest.mark.engine

PROGRAM = """
import pulumi
from modelyard.components import ExistingCluster, FineTuneWorkspace

config = pulumi.Config()
cluster = ExistingCluster("gpu", {"kubeconfig": config.require("kubeconfig")})
FineTuneWorkspace(
    "prose",
    {
        "ownership": {"team": "a", "owner": config.require("owner"), "cost_center": "1", "environment": "test"},
        "namespace": "runs",
        "queue": "a",
        "image": config.require("image"),
        "preset": "gpt2-tiny",
        "train_data": "pvc://prose/data",
        "results": "pvc://prose/results",
        "settings": {"max_steps": config.require_int("steps")},
        "worker": {"cpus": 1, "memory_gib": 2},
    },
    pulumi.ResourceOptions(providers=[cluster.provider]),
)
"""
JOBS = "/apis/ray.io/v1/namespaces/runs/rayjobs"


@pytest.fixture(scope="module")
def jobs(api_server: ApiServer, bundles: dict[str, Path]) -> ApiServer:
    """The API with KubeRay's kinds and a team's namespace."""
    for document in yaml.safe_load_all(bundles["kuberay.yaml"].read_text()):
        if document and document["kind"] == "CustomResourceDefinition":
            applied = api_server.client.patch(
                f"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{document['metadata']['name']}",
                params={"fieldManager": "test", "force": "true"},
                content=json.dumps(document),
                headers={"Content-Type": "application/apply-patch+yaml"},
            )
            applied.raise_for_status()
    api_server.client.post("/api/v1/namespaces", json={"metadata": {"name": "runs"}}).raise_for_status()
    return api_server


@pytest.fixture
def up(tmp_path: Path, jobs: ApiServer) -> Callable[..., list[dict[str, Any]]]:
    """Runs `pulumi up` with this image, owner and steps; returns the jobs that are there then."""
    (tmp_path / "state").mkdir()
    (tmp_path / "passphrase").write_text("of a stack that lives as long as a test")
    (tmp_path / "__main__.py").write_text(PROGRAM)
    project = {"name": "runs", "runtime": {"name": "python", "options": {"virtualenv": str(CHECKOUT / ".venv")}}}
    (tmp_path / "Pulumi.yaml").write_text(yaml.safe_dump(project))
    variables = environment(backend_url=f"file://{tmp_path / 'state'}", passphrase_file=tmp_path / "passphrase")

    def pulumi(*arguments: str) -> None:
        command = ["pulumi", *arguments, "--non-interactive", "--cwd", str(tmp_path)]
        done = subprocess.run(command, capture_output=True, text=True, env=variables, check=False, timeout=120)
        assert done.returncode == 0, done.stdout + done.stderr

    def run(*, image: str, owner: str = "ml", steps: int = 10) -> list[dict[str, Any]]:
        given = {"kubeconfig": str(jobs.kubeconfig), "image": image, "owner": owner, "steps": str(steps)}
        pulumi("config", "set-all", *(f"--plaintext={key}={value}" for key, value in given.items()))
        pulumi("up", "--yes", "--skip-preview")
        return jobs.client.get(JOBS).raise_for_status().json()["items"]

    pulumi("stack", "init", "test")
    return run


def images_of(job: dict[str, Any]) -> set[str]:
    cluster = job["spec"]["rayClusterSpec"]
    pods = [
        job["spec"]["submitterPodTemplate"],
        cluster["headGroupSpec"]["template"],
        *(group["template"] for group in cluster["workerGroupSpecs"]),
    ]
    return {container["image"] for pod in pods for container in pod["spec"]["containers"]}


def admit(jobs: ApiServer, job: dict[str, Any]) -> dict[str, Any]:
    """Write as Kueue does when it admits a job: a mark in every pod template, in its own name."""
    for group in job["spec"]["rayClusterSpec"]["workerGroupSpecs"]:
        group["template"]["metadata"]["labels"]["kueue.x-k8s.io/podset"] = group["groupName"]
    path = f"{JOBS}/{job['metadata']['name']}"
    return jobs.client.put(path, params={"fieldManager": "kueue"}, json=job).raise_for_status().json()


def test_started_run_keeps_its_image_and_next_run_takes_the_new(up, jobs: ApiServer):
    [first] = up(image="registry.invalid/train:1")
    assert images_of(first) == {"registry.invalid/train:1"}
    admitted = admit(jobs, first)

    [kept] = up(image="registry.invalid/train:2", owner="research")

    assert kept["spec"] == admitted["spec"]  # else Kueue would suspend a running job, and forget a finished one
    assert kept["metadata"]["labels"]["owner"] == "research"

    [following] = up(image="registry.invalid/train:2", owner="research", steps=20)

    assert following["metadata"]["name"] != first["metadata"]["name"]
    assert images_of(following) == {"registry.invalid/train:2"}
