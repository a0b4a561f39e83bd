"""`make up ENV=existing`: the same main job in a cluster that somebody else runs, reached through its kubeconfig alone.

The cluster is one of ours under another name; nothing of the program knows. What its owner would have prepared is made
here: images on the node, a storage class with a volume, and the text to train on.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from modelyard.stacks.environment.environment import KEY

from tools import images
from tools.cluster import Api, Instance
from tools.setup.locations import CHECKOUT, LOCAL
from tools.setup.plan import SYSTEM_IMAGES, WORKLOAD_IMAGES
from tools.up.volumes import WORKLOAD_USER, fill

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(1200)]

NAME = "test-owned"


def environment_file(folder: Path) -> Path:
    """A copy of the example, changed as its first line says: what this cluster has, and a model small enough for it."""
    built = images.build([*SYSTEM_IMAGES, *WORKLOAD_IMAGES])
    written = yaml.safe_load((CHECKOUT / "Pulumi.existing.yaml").read_text())
    environment = written["config"][KEY]
    environment["name"] = "owned"
    environment["cluster"] |= {"capacity": {"cpus": 2, "memory": "12GiB", "gpus": 1}, "gpu_node_labels": {}}
    environment["images"] = {name: built[name] for name in WORKLOAD_IMAGES}
    environment["operators"] = {
        "kueue": operator("kueue.yaml", built["kueue"]),
        "kuberay": operator("kuberay.yaml", built["kuberay-operator"]),
    }
    team = environment["teams"][0]
    team |= {"quota": {"cpus": 1.6, "memory": "10GiB", "gpus": 1}, "volumes": [{"claim": "prose", "size": "2GiB"}]}
    job, server = team["workspaces"]
    del job["model"]
    del server["replicas"]  # one pod with the server in it, as in the local environment
    job |= {
        "preset": "gpt2-tiny",
        "worker": {"cpus": 0.8, "cpu_limit": 2, "memory": "2GiB", "gpus": 1},
        "head": {"cpus": 0.3, "cpu_limit": 2, "memory": "3GiB"},
        "settings": {"use_gpu": False, "max_steps": 40},
        "timeout": "1h",
    }
    server["replica"] = {"cpus": 0.4, "cpu_limit": 2, "memory": "3GiB"}
    file = folder / "Pulumi.owned.yaml"
    file.write_text(yaml.safe_dump(written))
    return file


def run_up(file: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tools.up", "--env", str(file), "--instance", NAME]
    command += ["--kubeconfig", str(Instance.from_name(NAME).kubeconfig), *arguments]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-6000:]}"
    return done


def operator(bundle: str, image: str) -> dict[str, Any]:
    source = str(LOCAL / "bundles" / bundle)
    return {"installer": "bundle", "source": source, "image": image, "cpus": 0.1, "memory": "384MiB"}


@pytest.fixture(scope="module")
def owned() -> Iterator[Instance]:
    """A cluster whose owner has put images, storage and data there."""
    instance = Instance.from_name(NAME)
    instance.down()
    built = images.build([*SYSTEM_IMAGES, *WORKLOAD_IMAGES])
    images.seed(instance.containerd_socket.parent / "root", built.values())
    instance.up(gpus=1)
    images.load(instance.containerd_socket, list(built.values()))
    folder = instance.volumes / "owned"
    folder.mkdir(parents=True)
    os.chown(folder, WORKLOAD_USER, WORKLOAD_USER)
    fill(folder / "data")
    with Api(instance.kubeconfig) as api:
        api.apply(volume(folder))
    yield instance
    instance.down()


def volume(folder: Path) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": "owned"},
        "spec": {
            "capacity": {"storage": "2Gi"},
            "accessModes": ["ReadWriteMany"],
            "storageClassName": "standard",
            "persistentVolumeReclaimPolicy": "Retain",
            "hostPath": {"path": str(folder)},
        },
    }


def test_main_job_runs_in_an_existing_cluster_and_leaves_it(owned: Instance, tmp_path: Path):
    file = environment_file(tmp_path)
    facts = json.loads(run_up(file, "--json").stdout)

    # The results folder cannot be read from here, so these come from the job's log and through a forwarded port.
    assert facts["perplexity_after"] < facts["perplexity_before"]
    assert facts["checkpoint"].startswith("pvc://prose/")
    assert facts["endpoint"].startswith("http://127.0.0.1:")
    assert facts["answer"].strip()
    with pytest.raises(httpx.ConnectError):
        httpx.get(facts["endpoint"])  # the forwarded port ended with the command

    again = json.loads(run_up(file, "--json").stdout)
    assert again["changed"] == 0
    assert again["resources"] == facts["resources"]

    run_up(file, "--down")
    with Api(owned.kubeconfig) as api:
        assert api.get("/api/v1/namespaces/team-a") is None
        assert api.get("/apis/apiextensions.k8s.io/v1/customresourcedefinitions/rayjobs.ray.io") is None
        assert api.require("/api/v1/nodes/" + NAME)
