"""The whole program for each environment file, as the engine is asked for it."""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pulumi
import pytest
import yaml
from modelyard.components.testing import Recorder, compare
from modelyard.stacks.deploy import deploy
from modelyard.stacks.validation.read import read_environment

from tests.components.azure.recorded import azure_engine
from tests.unit.stacks.conftest import BUNDLES, ROOT, environment
from tests.unit.stacks.rosa import rosa_engine
from tests.unit.stacks.summary import summary

GOLDENS = Path(__file__).parent / "goldens"
CLOUDS: dict[str, Callable[..., Recorder]] = {"aks": azure_engine, "rosa": rosa_engine}


@pytest.fixture
def kubeconfig(tmp_path: Path) -> str:
    file = tmp_path / "kubeconfig"
    document = {
        "current-context": "a",
        "clusters": [{"name": "a", "cluster": {"server": "https://127.0.0.1:1"}}],
        "users": [{"name": "a", "user": {}}],
        "contexts": [{"name": "a", "context": {"cluster": "a", "user": "a"}}],
    }
    file.write_text(yaml.safe_dump(document))
    return str(file)


def composed(name: str, kubeconfig: str, **changes: Any) -> tuple[Recorder, dict[str, Any]]:
    given = environment(name, **changes)
    made_with = [make for key, make in CLOUDS.items() if key in given["cluster"]]
    if not made_with:
        given["cluster"]["kubeconfig"] = kubeconfig
    if name == "local":
        for operator in ("kueue", "kuberay"):
            given["operators"][operator]["source"] = str(BUNDLES / f"{operator}.yaml")
    engine = (made_with or [Recorder.installed])[0](stack=name)
    outputs: dict[str, Any] = {}
    deployed_outputs = deploy(read_environment(given, f"Pulumi.{name}.yaml"), pulumi.Output.secret("very-secret"))
    pulumi.Output.from_input(deployed_outputs).apply(outputs.update)
    engine.finish()
    return engine, outputs


@functools.cache
def once(name: str) -> tuple[Recorder, dict[str, Any]]:
    """The program of an environment that makes its cluster, for tests that only look at it."""
    return composed(name, "")


@pytest.mark.parametrize(
    "name", ["local", "existing", "openshift-onprem", "aks-dev", "aks-prod", "rosa-dev", "rosa-prod"]
)
def test_program_registers_the_reviewed_resources(name: str, kubeconfig: str):
    engine, outputs = composed(name, kubeconfig)
    assert "very-secret" not in repr(engine.registered)
    # Full inputs are reviewed in the engine's previews (tests/engine/clouds/goldens) and in the goldens of components.
    replaced = {kubeconfig: "<kubeconfig>", str(ROOT): "<checkout>"}
    compare(summary(engine, outputs, replaced), GOLDENS / f"{name}.json")


def test_objects_in_the_cluster_share_its_provider(kubeconfig: str):
    engine, _ = composed("local", kubeconfig)
    objects = [resource for resource in engine.registered if resource.is_object]
    assert len(objects) > 20
    assert len({resource.provider for resource in objects}) == 1
    assert "pulumi:providers:kubernetes::local" in objects[0].provider


def test_operators_come_before_queues_and_workspaces(kubeconfig: str):
    engine, _ = composed("local", kubeconfig)
    names = [resource.name for resource in engine.registered]
    order = [
        "kuberay-operator:Deployment/kuberay-operator",
        "kueue:Deployment/kueue-controller-manager",
        "flavor-gpu-nodes",
        "team-a-cluster-queue",
        "team-a-local-queue",
        "prose-job",
        "prose-server-service",
    ]
    assert [names.index(name) for name in order] == sorted(names.index(name) for name in order)


def test_an_operator_that_is_there_is_not_installed(kubeconfig: str):
    given = environment("local")["operators"]
    given["kueue"] = {"installer": "present"}
    engine, outputs = composed("local", kubeconfig, operators={**given, "kuberay": {**given["kuberay"]}})
    assert not [resource.name for resource in engine.registered if resource.name.startswith("kueue")]
    assert outputs["operators"] == {"kuberay": "kuberay-system"}
    assert engine.names("modelyard:index:TeamQueue") == ["team-a"]


def test_endpoint_without_a_key_is_open_in_its_namespace(kubeconfig: str):
    given = environment("local")
    given["cluster"]["kubeconfig"] = kubeconfig
    for operator in ("kueue", "kuberay"):
        given["operators"][operator]["source"] = str(BUNDLES / f"{operator}.yaml")
    engine = Recorder.installed()
    deploy(read_environment(given, "Pulumi.local.yaml"), None)
    engine.finish()
    assert not [name for name in engine.objects if name.startswith("Secret/team-a")]
    assert "MODELYARD_API_KEY" not in repr(engine.objects["RayService/team-a/prose-server"])


def test_a_platform_of_no_teams(kubeconfig: str):
    engine, outputs = composed("local", kubeconfig, teams=[])
    assert engine.names("modelyard:index:TeamQueue") == []
    assert outputs["workspaces"] == {}
