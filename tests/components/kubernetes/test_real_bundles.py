"""Bundles rendered from upstream have the objects that the components expect."""

from pathlib import Path

import pytest
import yaml
from modelyard.components.kubernetes.manifests import crd
from modelyard.components.kubernetes.operators.installer import Installer, read_bundle
from modelyard.components.kubernetes.operators.kube_ray import KubeRay
from modelyard.components.kubernetes.operators.kueue import Kueue
from modelyard.components.testing import Recorder

from tools.bundles.render import render_all


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return render_all(tmp_path_factory.mktemp("bundles"))


def test_kueue_installs_from_its_bundle(engine: Recorder, rendered: dict[str, Path]):
    Kueue("kueue", {"installer": Installer.BUNDLE, "source": str(rendered["kueue.yaml"]), "image": "local/kueue:1"})
    engine.finish()
    manager = engine.objects["Deployment/kueue-system/kueue-controller-manager"]["spec"]["template"]["spec"]
    assert [container["image"] for container in manager["containers"]] == ["local/kueue:1"]
    text = engine.objects["ConfigMap/kueue-system/kueue-manager-config"]["data"]["controller_manager_config.yaml"]
    config = yaml.safe_load(text)
    assert config["integrations"]["frameworks"] == [
        "batch/job",
        "ray.io/rayjob",
        "ray.io/raycluster",
        "ray.io/rayservice",
    ]
    assert config["internalCertManagement"]["enable"] is True


def test_kuberay_installs_from_its_bundle(engine: Recorder, rendered: dict[str, Path]):
    KubeRay("kuberay", {"installer": Installer.BUNDLE, "source": str(rendered["kuberay.yaml"]), "image": "local/ray:1"})
    engine.finish()
    operator = engine.objects["Deployment/kuberay-system/kuberay-operator"]["spec"]["template"]["spec"]
    assert [container["image"] for container in operator["containers"]] == ["local/ray:1"]


def test_webhooks_are_those_of_the_enabled_frameworks(rendered: dict[str, Path]):
    for body in read_bundle("operator", str(rendered["kueue.yaml"])):
        groups = {g for hook in body.get("webhooks", []) for rule in hook["rules"] for g in rule["apiGroups"]}
        assert groups <= {"kueue.x-k8s.io", "batch", "ray.io"}
        if "webhooks" in body:
            assert "ray.io" in groups


@pytest.mark.parametrize(("operator", "most"), [("kueue", 120_000), ("kuberay", 160_000)])
def test_definitions_are_small_enough_to_be_resources(rendered: dict[str, Path], operator: str, most: int):
    """1.8 MB for KubeRay upstream; all of it would pass through Pulumi at every preview."""
    objects = read_bundle("operator", str(rendered[f"{operator}.yaml"]))
    definitions = [body for body in objects if body["kind"] == "CustomResourceDefinition"]
    assert len(definitions) == {"kueue": 11, "kuberay": 4}[operator]
    assert len(repr(definitions)) < most
    assert [crd.compact(definition) for definition in definitions] == definitions


def test_charts_are_copied_and_writable(rendered: dict[str, Path]):
    for chart in ("charts/kueue", "charts/kuberay-operator"):
        assert (rendered[chart] / "Chart.yaml").is_file()
        (rendered[chart] / "written").write_text("")


def test_a_second_rendering_changes_nothing(rendered: dict[str, Path]):
    folder = rendered["kueue.yaml"].parent
    before = {file: file.stat().st_mtime_ns for file in folder.glob("*.yaml")}
    render_all(folder)
    assert {file: file.stat().st_mtime_ns for file in folder.glob("*.yaml")} == before
