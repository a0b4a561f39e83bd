"""OpenShiftGpuMachineSet: derived from a working machine set, and refused by the platform's rules."""

import copy
import re
from pathlib import Path
from typing import Any

import pulumi
import pytest
from modelyard.components.common.errors import ArgumentError
from modelyard.components.openshift.cluster_autoscaler import OpenShiftClusterAutoscaler
from modelyard.components.openshift.component import OpenShiftGpuMachineSet
from modelyard.components.testing import Recorder, compare

from tests.components.openshift import machine_sets
from tests.manifests import schemas

GOLDENS = Path(__file__).parent / "goldens"
OWNER = {"team": "team-a", "owner": "ml-platform", "cost_center": "42", "environment": "test"}

CASES: dict[str, dict[str, Any]] = {
    "aws": {
        "template": machine_sets.AWS,
        "instance_type": "p5.48xlarge",
        "max_nodes": 4,
        "zones": ["us-east-1b"],
        "disk_gib": 500,
        "fabric": True,
        "placement_group": "research-cluster",
        "capacity_reservation": "cr-0a1b",
        "capacity_blocks": True,
        "taints": ["dedicated=team-a:NoSchedule"],
    },
    "aws-spot": {
        "template": machine_sets.AWS,
        "instance_type": "g6.4xlarge",
        "max_nodes": 2,
        "spot": True,
        "max_price": 1.2,
    },
    "azure": {
        "template": machine_sets.AZURE,
        "instance_type": "Standard_NC24ads_A100_v4",
        "min_nodes": 1,
        "max_nodes": 3,
        "zones": ["2"],
        "disk_gib": 300,
        "spot": True,
        "mig_profile": "3g.40gb",
    },
    "vsphere": {
        "template": machine_sets.VSPHERE,
        "instance_type": "generic-2xl40s",
        "max_nodes": 2,
        "vm_template": "rhcos-l40s",
        "disk_gib": 400,
    },
}


def register(case: dict[str, Any], **changes: Any) -> Recorder:
    engine = Recorder.installed()
    args: Any = {"ownership": OWNER, **case, **changes}
    OpenShiftGpuMachineSet("gpu-a", {key: value for key, value in args.items() if value is not None})  # type: ignore[arg-type]
    engine.finish()
    return engine


@pytest.mark.parametrize("name", CASES)
def test_manifests_equal_the_golden_and_are_valid(name: str):
    objects = register(CASES[name]).objects
    machines = objects["MachineSet/openshift-machine-api/gpu-a"]
    compare({key: _own(body) for key, body in objects.items()}, GOLDENS / f"machine-set-{name}.json")
    schemas.check(_own(machines))


@pytest.mark.parametrize("name", CASES)
def test_openshifts_types_have_every_field_of_the_provider(name: str):
    value = _value(register(CASES[name]))
    cloud = {"aws": "aws", "azure": "azure", "vsphere": "vsphere"}[name.partition("-")[0]]
    api = schemas.module("github.com/openshift/api@v0.0.0-20251214014457-bfa868a22401") / "machine" / "v1beta1"
    known = set(re.findall(r'json:"(\w+)', (api / f"types_{cloud}provider.go").read_text()))

    assert set(value) - {"apiVersion", "kind"} <= known


def test_the_template_is_not_changed():
    before = copy.deepcopy(machine_sets.AWS)
    register(CASES["aws"])
    assert before == machine_sets.AWS


def test_the_autoscaler_owns_the_size_and_knows_the_capacity():
    engine = register(CASES["aws-spot"])
    machines = engine.objects["MachineSet/openshift-machine-api/gpu-a"]
    scaler = engine.objects["MachineAutoscaler/openshift-machine-api/gpu-a"]["spec"]
    labels = machines["spec"]["template"]["spec"]["metadata"]["labels"]

    assert "replicas" not in machines["spec"]
    assert (scaler["minReplicas"], scaler["maxReplicas"], scaler["scaleTargetRef"]["name"]) == (0, 2, "gpu-a")
    annotations = machines["metadata"]["annotations"]
    assert (annotations["machine.openshift.io/GPU"], annotations["machine.openshift.io/vCPU"]) == ("1", "16")
    capacity_labels = annotations["capacity.cluster-autoscaler.kubernetes.io/labels"].split(",")
    assert dict(label.split("=") for label in capacity_labels) == labels


def test_gpu_limits_match_the_accelerator_label():
    engine = register(CASES["aws-spot"])
    OpenShiftClusterAutoscaler("limits", {"max_nodes": 20, "gpus": {"l4": 8, "h100-sxm": 16}})
    engine.finish()
    labels = engine.objects["MachineSet/openshift-machine-api/gpu-a"]["spec"]["template"]["spec"]["metadata"]["labels"]
    limits = engine.objects["ClusterAutoscaler/default"]["spec"]["resourceLimits"]

    assert limits == {
        "maxNodesTotal": 20,
        "gpus": [{"type": "nvidia-h100-sxm", "min": 0, "max": 16}, {"type": "nvidia-l4", "min": 0, "max": 8}],
    }
    assert labels["cluster-api/accelerator"] == "nvidia-l4"
    assert "/" not in labels["cluster-api/accelerator"]


def test_a_pool_without_zones_stays_in_the_templates_zone():
    value = _value(register(CASES["aws-spot"]))
    assert value["placement"] == {"availabilityZone": "us-east-1a", "region": "us-east-1"}
    assert value["subnet"]["filters"][0]["values"] == ["research-x7k2p-subnet-private-us-east-1a"]


def test_former_names_stay_accepted(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pulumi.log, "warn", lambda _: None)
    former = {**CASES["aws"], "efa": True, "capacity_block": True, "fabric": None, "capacity_blocks": None}

    assert _value(register(former)) == _value(register(CASES["aws"]))


LIMITS: Any = {"max_nodes": 20, "gpus": {"l4": 8}}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        pytest.param({"gpus": {"l4": -1}}, "limits: gpus.l4 = -1: must be 0 or more", id="negative GPUs"),
        pytest.param({"max_nodes": 0}, "limits: max_nodes = 0: must be 1 or more", id="no nodes"),
        pytest.param({"unneeded_seconds": 0}, "limits: unneeded_seconds = 0: must be 1 or more", id="no time"),
    ],
)
def test_limits_of_the_autoscaler_are_positive(changes: Any, message: str):
    engine = Recorder.installed()
    with pytest.raises(ArgumentError) as refusal:
        OpenShiftClusterAutoscaler("limits", LIMITS | changes)
    assert str(refusal.value) == message
    assert engine.registered == []


def _subnet_by_id() -> dict[str, Any]:
    template = copy.deepcopy(machine_sets.AWS)
    template["spec"]["template"]["spec"]["providerSpec"]["value"]["subnet"] = {"id": "subnet-0a1b"}
    return template


REFUSED = [
    pytest.param(
        "aws",
        {"zones": ["us-east-1a", "us-east-1b"]},
        "a machine set lies in one zone; make one pool per zone",
        id="two zones",
    ),
    pytest.param(
        "aws",
        {"template": _subnet_by_id()},
        "so that zone 'us-east-1b' needs `subnet` as well",
        id="zone without its subnet",
    ),
    pytest.param("aws", {"placement_group": None}, "fabric: needs placement_group", id="EFA without placement group"),
    pytest.param(
        "aws",
        {"instance_type": "g6.4xlarge"},
        "g6.4xlarge has no Elastic Fabric Adapter",
        id="machine without EFA",
    ),
    pytest.param("aws", {"spot": True}, "a reservation is not spare capacity", id="spot and reserved"),
    pytest.param(
        "aws",
        {"capacity_reservation": None},
        "needs capacity_reservation, the id of the block that was bought",
        id="Capacity Block without reservation",
    ),
    pytest.param("aws-spot", {"spot": False}, "max_price = 1.2: is for spot nodes", id="price without spot"),
    pytest.param(
        "aws",
        {"instance_type": "Standard_NC24ads_A100_v4"},
        "is a machine of 'azure'; this cluster runs on 'aws'",
        id="machine of another cloud",
    ),
    pytest.param(
        "aws",
        {"template": {"kind": "MachineSet", "spec": {}}},
        "no spec.template.spec.providerSpec.value",
        id="template without provider",
    ),
    pytest.param(
        "aws",
        {"template": {"kind": "Machine"}},
        "the template is a 'Machine', not a MachineSet with a spec",
        id="template of another kind",
    ),
    pytest.param(
        "azure",
        {"placement_group": "one"},
        "placement_group = 'one': azure machine sets have no placement_group",
        id="placement group on Azure",
    ),
    pytest.param(
        "vsphere",
        {"vm_template": None},
        "vm_template: vsphere needs a virtual machine template that has the GPU",
        id="vSphere without template",
    ),
    pytest.param("vsphere", {"spot": True}, "vsphere has no spot machines", id="spot on vSphere"),
    pytest.param("vsphere", {"zones": ["a"]}, "vsphere has failure domains in place of zones", id="zones on vSphere"),
    pytest.param(
        "vsphere",
        {"instance_type": "g6.4xlarge"},
        "is a machine of 'aws'; this cluster runs on 'any'",
        id="cloud machine on vSphere",
    ),
]


@pytest.mark.parametrize(("name", "changes", "message"), REFUSED)
def test_a_broken_rule_is_refused_before_registration(name: str, changes: Any, message: str):
    engine = Recorder.installed()
    args: Any = {"ownership": OWNER, **CASES[name], **changes}
    with pytest.raises(ArgumentError) as refusal:
        OpenShiftGpuMachineSet("gpu-a", {key: value for key, value in args.items() if value is not None})  # type: ignore[arg-type]
    assert message in str(refusal.value)
    assert engine.registered == []


def test_an_unknown_provider_kind_is_refused_with_the_known():
    template = machine_sets.machine_set({"kind": "GCPMachineProviderSpec"}, "worker")
    with pytest.raises(ArgumentError) as refusal:
        register(CASES["aws"], template=template)
    assert "'GCPMachineProviderSpec'; must be one of AWSMachineProviderConfig, Azure" in str(refusal.value)


def _value(engine: Recorder) -> dict[str, Any]:
    machines = engine.objects["MachineSet/openshift-machine-api/gpu-a"]
    return machines["spec"]["template"]["spec"]["providerSpec"]["value"]


def _own(body: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in body.items() if key != "status"}
