"""RayJob and RayService against golden files and KubeRay's own definitions."""

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml
from modelyard.components.kubernetes.manifests.ray_job import ray_job
from modelyard.components.kubernetes.manifests.ray_service import ray_service
from modelyard.components.testing import compare

from tests.manifests import schemas
from tests.manifests.cases import ON_CPU, ON_GPUS, ON_THE_HEAD, ONE_GPU

GOLDENS = Path(__file__).parent / "goldens"

MANIFESTS = {
    "fine-tune-on-two-gpus": ray_job(ONE_GPU),
    "fine-tune-on-cpu": ray_job(ON_CPU),
    "server-on-the-head-after-a-fine-tune": ray_service(ON_THE_HEAD),
    "server-on-two-gpus-without-a-key": ray_service(ON_GPUS),
}


@pytest.mark.parametrize("name", MANIFESTS)
def test_a_ray_manifest_equals_its_golden(name: str):
    compare(MANIFESTS[name], GOLDENS / f"{name}.json")


@pytest.mark.parametrize("name", MANIFESTS)
def test_a_ray_manifest_fits_the_installed_definition(name: str):
    schemas.check(MANIFESTS[name])


@pytest.mark.parametrize("name", MANIFESTS)
def test_every_pod_meets_the_restricted_level(name: str):
    """The rules of Kubernetes' Pod Security Standards, level restricted, for the fields that these pods use."""
    allowed = {
        "configMap",
        "csi",
        "downwardAPI",
        "emptyDir",
        "ephemeral",
        "persistentVolumeClaim",
        "projected",
        "secret",
    }
    pods = list(_pods(MANIFESTS[name]))
    assert pods
    for pod in pods:
        spec = pod["spec"]
        assert not {"hostNetwork", "hostPID", "hostIPC"} & spec.keys()
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert {key for volume in spec["volumes"] for key in volume if key != "name"} <= allowed
        for container in [*spec["containers"], *spec.get("initContainers", [])]:
            context = container["securityContext"]
            assert context["allowPrivilegeEscalation"] is False
            assert context["capabilities"] == {"drop": ["ALL"]}
            assert context.get("privileged") is not True
            assert all("hostPort" not in port for port in container.get("ports", []))


@pytest.mark.parametrize("name", MANIFESTS)
def test_every_container_has_requests_and_limits(name: str):
    for pod in _pods(MANIFESTS[name]):
        for container in [*pod["spec"]["containers"], *pod["spec"].get("initContainers", [])]:
            requests, limits = container["resources"]["requests"], container["resources"]["limits"]
            assert requests["memory"] == limits["memory"]
            assert {"cpu", "memory"} <= requests.keys()
            assert requests.get("nvidia.com/gpu") == limits.get("nvidia.com/gpu")


@pytest.mark.parametrize("name", MANIFESTS)
def test_suspension_is_left_to_kueue(name: str):
    spec = MANIFESTS[name]["spec"]
    assert "suspend" not in spec
    assert "suspend" not in (spec.get("rayClusterSpec") or spec["rayClusterConfig"])


def test_results_of_builders_are_independent():
    first = ray_job(ONE_GPU)
    before = copy.deepcopy(first)
    ray_job(ONE_GPU)["spec"]["rayClusterSpec"]["headGroupSpec"]["template"]["metadata"]["labels"]["x"] = "y"
    assert first == before == ray_job(ONE_GPU)


def test_the_serve_configuration_is_rays_yaml():
    config = yaml.safe_load(ray_service(ON_THE_HEAD)["spec"]["serveConfigV2"])
    assert config["applications"] == [
        {
            "name": "model",
            "route_prefix": "/",
            "import_path": "modelyard.workloads.serve.app:build",
            "args": ON_THE_HEAD.config,
        }
    ]


def test_the_schema_check_finds_a_misplaced_field():
    """The API server would drop this field and start a job without a deadline."""
    job = ray_job(ONE_GPU)
    job["spec"]["rayClusterSpec"]["activeDeadlineSeconds"] = 60
    with pytest.raises(schemas.SchemaMismatchError, match="activeDeadlineSeconds"):
        schemas.check(job)


def _pods(value: Any):
    if isinstance(value, dict):
        if "containers" in value.get("spec", {}) if isinstance(value.get("spec"), dict) else False:
            yield value
            return
        for inner in value.values():
            yield from _pods(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _pods(inner)
