"""Kueue and KubeRay, by bundle and by chart: what is registered, in which order, and what is refused."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from modelyard.components.kubernetes.manifests.bundle import BundleError
from modelyard.components.kubernetes.operators.installer import Installer, InstallerError, read_bundle
from modelyard.components.kubernetes.operators.kube_ray import KubeRay
from modelyard.components.kubernetes.operators.kueue import Kueue
from modelyard.components.testing import Recorder

AMOUNTS = {"requests": {"cpu": "200m", "memory": "512Mi"}, "limits": {"cpu": "1", "memory": "512Mi"}}


def test_kueue_by_bundle(engine: Recorder, kueue_bundle: str):
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


def test_a_bundle_is_installed_in_order(engine: Recorder, kueue_bundle: str):
    Kueue("kueue", {"installer": Installer.BUNDLE, "source": kueue_bundle})
    engine.finish()
    kinds = [one.inputs["kind"] for one in engine.registered if one.is_object]
    place = {kind: kinds.index(kind) for kind in kinds}
    assert place["Deployment"] == len(kinds) - 1
    for kind in ("ConfigMap", "Secret", "ValidatingWebhookConfiguration"):
        assert place["Namespace"] < place[kind]


def test_what_to_wait_for(engine: Recorder, kueue_bundle: str):
    Kueue("kueue", {"installer": Installer.BUNDLE, "source": kueue_bundle})
    engine.finish()
    waits = {
        one["kind"]: one["metadata"].get("annotations", {"readiness": "of the kind"}) for one in engine.objects.values()
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


def test_definitions_lose_prose_and_pod_templates_only(kueue_bundle: str):
    [definition] = [one for one in read_bundle(kueue_bundle) if one["kind"] == "CustomResourceDefinition"]
    assert definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"] == {
        "type": "object",
        "properties": {
            "description": {"type": "string"},
            "template": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
        },
    }


def test_kuberay_by_bundle(engine: Recorder, kuberay_bundle: str):
    KubeRay("kuberay", {"installer": Installer.BUNDLE, "source": kuberay_bundle, "cpus": 0.2})
    engine.finish()
    operator = engine.objects["Deployment/kuberay-system/kuberay-operator"]
    [container] = operator["spec"]["template"]["spec"]["containers"]
    assert container["image"] == "upstream.example/kuberay:v1.6.2"
    assert container["resources"] == AMOUNTS


@pytest.mark.parametrize("component", [Kueue, KubeRay])
def test_by_chart(engine: Recorder, component):
    args: Any = {
        "installer": Installer.CHART,
        "source": "oci://x/y",
        "chart_version": "1.2.3",
        "image": "host:5000/a/b:7",
    }
    component("operator", {**args, "cpus": 0.2, "memory_gib": 0.5})
    engine.finish()
    [release] = [one for one in engine.registered if one.type == "kubernetes:helm.sh/v3:Release"]
    values = release.inputs["values"]
    manager = values["controllerManager"]["manager"] if component is Kueue else values
    assert (release.inputs["chart"], release.inputs["version"], release.inputs["atomic"]) == (
        "oci://x/y",
        "1.2.3",
        True,
    )
    assert manager["image"] == {"repository": "host:5000/a/b", "tag": "7", "pullPolicy": "IfNotPresent"}
    assert manager["resources"] == AMOUNTS


def test_the_chart_keeps_the_visibility_api_on(engine: Recorder):
    """The chart registers that API in any case; registered and off, it blocks the deletion of every namespace."""
    Kueue("kueue", {"installer": Installer.CHART, "source": "oci://x/y"})
    engine.finish()
    [release] = [one for one in engine.registered if one.type == "kubernetes:helm.sh/v3:Release"]
    assert "VisibilityOnDemand" not in repr(release.inputs["values"])


@pytest.mark.parametrize("component", [Kueue, KubeRay])
def test_olm_is_refused_with_the_reason(engine: Recorder, component):
    with pytest.raises(InstallerError, match=r"cannot be installed by olm: \w+"):
        component("operator", {"installer": Installer.OLM, "source": ""})


def test_a_bundle_that_is_not_one(tmp_path: Path):
    file = tmp_path / "bundle.yaml"
    for content, message in [
        ("", "is empty"),
        ("a: 1", "document 1 is not a Kubernetes object"),
        ("{", "cannot be read"),
        (None, "cannot be read"),
    ]:
        file.unlink(missing_ok=True)
        if content is not None:
            file.write_text(content)
        with pytest.raises(InstallerError, match=message):
            read_bundle(str(file))


def test_another_operators_bundle_is_refused(engine: Recorder, kuberay_bundle: str):
    with pytest.raises(BundleError, match="no ConfigMap 'kueue-manager-config' in Kueue's bundle"):
        Kueue("kueue", {"installer": Installer.BUNDLE, "source": kuberay_bundle})
    assert engine.objects == {}
