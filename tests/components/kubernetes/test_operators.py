"""Kueue and KubeRay, by bundle and by chart: registered objects, their order, and refusals."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from modelyard.components.common.errors import ArgumentError
from modelyard.components.kubernetes.operators.installer import Installer, read_bundle
from modelyard.components.kubernetes.operators.kube_ray import KubeRay
from modelyard.components.kubernetes.operators.kueue import Kueue
from modelyard.components.testing import Recorder

AMOUNTS = {"requests": {"cpu": "200m", "memory": "512Mi"}, "limits": {"cpu": "1", "memory": "512Mi"}}


def test_kueue_from_a_bundle(engine: Recorder, kueue_bundle: str):
    args: Any = {
        "installer": Installer.BUNDLE,
        "source": kueue_bundle,
        "image": "local/kueue:1",
        "cpus": 0.2,
        "memory_gib": 0.5,
    }
    kueue = Kueue("kueue", args)
    engine.finish()
    manager = engine.objects["Deployment/kueue-system/kueue-controller-manager"]
    [container] = manager["spec"]["template"]["spec"]["containers"]
    assert container == {
        "name": "manager",
        "image": "local/kueue:1",
        "imagePullPolicy": "IfNotPresent",
        "resources": AMOUNTS,
    }
    assert manager["spec"]["minReadySeconds"] == 3
    text = engine.objects["ConfigMap/kueue-system/kueue-manager-config"]["data"]["controller_manager_config.yaml"]
    assert yaml.safe_load(text) == {
        "apiVersion": "config.kueue.x-k8s.io/v1beta2",
        "kind": "Configuration",
        "integrations": {"frameworks": ["batch/job", "ray.io/rayjob"]},
        "waitForPodsReady": {
            "timeout": "900s",
            "recoveryTimeout": "300s",
            "blockAdmission": False,
            "requeuingStrategy": {"timestamp": "Eviction", "backoffBaseSeconds": 30, "backoffMaxSeconds": 600},
        },
        "objectRetentionPolicies": {"workloads": {"afterFinished": "24h"}},
    }
    assert len(kueue.ready) == 2


def test_a_bundle_is_installed_in_phases(engine: Recorder, kueue_bundle: str):
    Kueue("kueue", {"installer": Installer.BUNDLE, "source": kueue_bundle})
    engine.finish()
    kinds = [resource.inputs["kind"] for resource in engine.registered if resource.is_object]
    position = {kind: kinds.index(kind) for kind in kinds}
    assert position["Deployment"] == len(kinds) - 1
    for kind in ("ConfigMap", "Secret", "ValidatingWebhookConfiguration"):
        assert position["Namespace"] < position[kind]


def test_definitions_and_workloads_are_awaited(engine: Recorder, kueue_bundle: str):
    Kueue("kueue", {"installer": Installer.BUNDLE, "source": kueue_bundle})
    engine.finish()
    waits = {
        body["kind"]: body["metadata"].get("annotations", {"readiness": "of the kind"})
        for body in engine.objects.values()
    }
    skip = {"pulumi.com/skipAwait": "true"}
    assert waits == {
        "CustomResourceDefinition": {"pulumi.com/waitFor": "condition=Established"},
        "Deployment": {"readiness": "of the kind"},
        "Namespace": skip,
        "ConfigMap": skip,
        "Secret": skip,
        "ValidatingWebhookConfiguration": skip,
    }


def test_definitions_lose_only_descriptions_and_pod_templates(kueue_bundle: str):
    objects = read_bundle("kueue", kueue_bundle)
    [definition] = [body for body in objects if body["kind"] == "CustomResourceDefinition"]
    assert definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"] == {
        "type": "object",
        "properties": {
            "description": {"type": "string"},
            "template": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
        },
    }


def test_kuberay_from_a_bundle(engine: Recorder, kuberay_bundle: str):
    KubeRay("kuberay", {"installer": Installer.BUNDLE, "source": kuberay_bundle, "cpus": 0.2})
    engine.finish()
    operator = engine.objects["Deployment/kuberay-system/kuberay-operator"]
    [container] = operator["spec"]["template"]["spec"]["containers"]
    assert container["image"] == "upstream.example/kuberay:v1.6.2"
    assert container["resources"] == AMOUNTS


@pytest.mark.parametrize("component", [Kueue, KubeRay])
def test_a_chart_becomes_a_release(engine: Recorder, component):
    args: Any = {
        "installer": Installer.CHART,
        "source": "oci://x/y",
        "chart_version": "1.2.3",
        "image": "host:5000/a/b:7",
    }
    component("operator", {**args, "cpus": 0.2, "memory_gib": 0.5})
    engine.finish()
    [release] = [resource for resource in engine.registered if resource.type == "kubernetes:helm.sh/v3:Release"]
    values = release.inputs["values"]
    manager = values["controllerManager"]["manager"] if component is Kueue else values
    assert (release.inputs["chart"], release.inputs["version"], release.inputs["atomic"]) == (
        "oci://x/y",
        "1.2.3",
        True,
    )
    assert manager["image"] == {"repository": "host:5000/a/b", "tag": "7", "pullPolicy": "IfNotPresent"}
    assert manager["resources"] == AMOUNTS


def test_the_chart_keeps_the_visibility_api_enabled(engine: Recorder):
    """The chart registers that API in any case; registered but disabled, it blocks the deletion of every namespace."""
    Kueue("kueue", {"installer": Installer.CHART, "source": "oci://x/y"})
    engine.finish()
    [release] = [resource for resource in engine.registered if resource.type == "kubernetes:helm.sh/v3:Release"]
    assert "VisibilityOnDemand" not in repr(release.inputs["values"])


@pytest.mark.parametrize("component", [Kueue, KubeRay])
def test_olm_is_refused_with_the_reason(engine: Recorder, component: Any):
    with pytest.raises(ArgumentError, match=r"operator: installer = 'olm': .* cannot be installed by olm: \w+"):
        component("operator", {"installer": Installer.OLM, "source": ""})
    assert engine.registered == []


@pytest.mark.parametrize("component", [Kueue, KubeRay])
def test_an_installer_may_be_given_as_its_text(engine: Recorder, component: Any):
    component("operator", {"installer": "chart", "source": "oci://x/y"})
    engine.finish()
    assert [resource.type for resource in engine.registered if "helm" in resource.type] == [
        "kubernetes:helm.sh/v3:Release"
    ]


REFUSED = [
    pytest.param(
        {"installer": "anything"}, "installer = 'anything': must be one of bundle, chart, olm", id="unknown installer"
    ),
    pytest.param({"cpus": -1.0}, "cpus = -1.0: must be a number above 0", id="negative cores"),
    pytest.param({"memory_gib": 0.0}, "memory_gib = 0.0: must be a number above 0", id="no memory"),
    pytest.param({"pods_ready_seconds": 0.0}, "pods_ready_seconds = 0.0: must be 1 or more", id="no time"),
]


@pytest.mark.parametrize(("changes", "message"), REFUSED)
def test_impossible_settings_are_refused(engine: Recorder, changes: Any, message: str):
    args: Any = {"installer": "chart", "source": "oci://x/y", **changes}
    with pytest.raises(ArgumentError) as refusal:
        Kueue("kueue", args)
    assert str(refusal.value) == f"kueue: {message}"
    assert engine.registered == []


BROKEN_BUNDLES = [
    pytest.param("", "is empty", id="empty"),
    pytest.param("a: 1", "document 1 is not a Kubernetes object", id="other YAML"),
    pytest.param("{", "cannot be read", id="malformed YAML"),
    pytest.param(None, "cannot be read", id="no file"),
]


@pytest.mark.parametrize(("content", "message"), BROKEN_BUNDLES)
def test_a_broken_bundle_is_refused(tmp_path: Path, content: str | None, message: str):
    file = tmp_path / "bundle.yaml"
    if content is not None:
        file.write_text(content)
    with pytest.raises(ArgumentError) as refusal:
        read_bundle("kueue", str(file))
    assert str(refusal.value).startswith(f"kueue: source = '{file}': {message}")


def test_the_bundle_of_another_operator_is_refused(engine: Recorder, kuberay_bundle: str):
    with pytest.raises(ArgumentError) as refusal:
        Kueue("kueue", {"installer": Installer.BUNDLE, "source": kuberay_bundle})
    assert str(refusal.value) == (
        f"kueue: source = '{kuberay_bundle}': has no ConfigMap 'kueue-manager-config'; give the bundle of kueue"
    )
    assert engine.registered == []
