"""OpenShiftGpuMachineSet: derived from a machine set that works, and refused by the platform's rules."""

import copy
import re
from pathlib import Path
from typing import Any

import pytest
from modelyard.components.common.errors import ArgumentError
from modelyard.components.openshift.machine_set import OpenShiftClusterAutoscaler, OpenShiftGpuMachineSet
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
        "efa": True,
        "placement_group": "research-cluster",
        "capacity_reservation": "cr-0a1b",
        "capacity_block": True,
        "taints": ["dedicated=team-a:NoSchedule"],
    },
    "aws-spot": {
        "template": machine_sets.AWS,
        "instance_type": "g6.4xlarge",
        "max_nodes": 2,
        "spot": True,
        "max_price": "1.20",
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


def made(case: dict[str, Any], **changes: Any) -> Recorder:
    engine = Recorder.installed()
    args: Any = {"ownership": OWNER, **case, **changes}
    OpenShiftGpuMachineSet("gpu-a", {key: value for key, value in args.items() if value is not None})  # type: ignore[arg-type]
    engine.finish()
    return engine


@pytest.mark.parametrize("name", CASES)
def test_a_pool_is_the_golden_one_and_fits_openshifts_definition(name: str):
    objects = made(CASES[name]).objects
    machines = objects["MachineSet/openshift-machine-api/gpu-a"]
    compare({key: _own(body) for key, body in objects.items()}, GOLDENS / f"machine-set-{name}.json")
    schemas.check(_own(machines))


@pytest.mark.parametrize("name", CASES)
def test_every_field_of_the_provider_specification_is_one_that_openshift_types(name: str):
    value = _value(made(CASES[name]))
    cloud = {"aws": "aws", "azure": "azure", "vsphere": "vsphere"}[name.partition("-")[0]]
    api = schemas.module("github.com/openshift/api@v0.0.0-20251214014457-bfa868a22401") / "machine" / "v1beta1"
    known = set(re.findall(r'json:"(\w+)', (api / f"types_{cloud}provider.go").read_text()))

    assert set(value) - {"apiVersion", "kind"} <= known


def test_the_template_stays_as_it_was():
    before = copy.deepcopy(machine_sets.AWS)
    made(CASES["aws"])
    assert before == machine_sets.AWS


def test_the_autoscaler_keeps_the_size_and_may_start_the_first_node():
    engine = made(CASES["aws-spot"])
    machines = engine.objects["MachineSet/openshift-machine-api/gpu-a"]
    scaler = engine.objects["MachineAutoscaler/openshift-machine-api/gpu-a"]["spec"]
    labels = machines["spec"]["template"]["spec"]["metadata"]["labels"]

    assert "replicas" not in machines["spec"]
    assert (scaler["minReplicas"], scaler["maxReplicas"], scaler["scaleTargetRef"]["name"]) == (0, 2, "gpu-a")
    told = machines["metadata"]["annotations"]
    assert (told["machine.openshift.io/GPU"], told["machine.openshift.io/vCPU"]) == ("1", "16")
    assert dict(one.split("=") for one in told["capacity.cluster-autoscaler.kubernetes.io/labels"].split(",")) == labels


def test_the_autoscaler_finds_the_gpus_that_its_limits_name():
    engine = made(CASES["aws-spot"])
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


def test_a_pool_without_a_zone_stays_in_the_templates():
    value = _value(made(CASES["aws-spot"]))
    assert value["placement"] == {"availabilityZone": "us-east-1a", "region": "us-east-1"}
    assert value["subnet"]["filters"][0]["values"] == ["research-x7k2p-subnet-private-us-east-1a"]


def _subnet_by_id() -> dict[str, Any]:
    template = copy.deepcopy(machine_sets.AWS)
    template["spec"]["template"]["spec"]["providerSpec"]["value"]["subnet"] = {"id": "subnet-0a1b"}
    return template


REFUSED = [
    ("aws", {"zones": ["us-east-1a", "us-east-1b"]}, "a machine set lies in one zone; make one pool per zone"),
    ("aws", {"template": _subnet_by_id()}, "so that zone 'us-east-1b' needs `subnet` as well"),
    ("aws", {"placement_group": None}, "needs placement_group"),
    ("aws", {"instance_type": "g6.4xlarge"}, "g6.4xlarge has no Elastic Fabric Adapter"),
    ("aws", {"spot": True}, "a reservation is not spare capacity"),
    ("aws", {"capacity_reservation": None}, "needs capacity_reservation, the id of the block that was bought"),
    ("aws-spot", {"spot": False}, "max_price = '1.20': is for spot nodes"),
    ("aws", {"instance_type": "Standard_NC24ads_A100_v4"}, "is a machine of 'azure'; this cluster runs on 'aws'"),
    ("aws", {"template": {"kind": "MachineSet", "spec": {}}}, "no spec.template.spec.providerSpec.value"),
    ("aws", {"template": {"kind": "Machine"}}, "the template is a 'Machine', not a MachineSet with a spec"),
    ("azure", {"placement_group": "one"}, "azure machine sets have no placement_group"),
    ("vsphere", {"vm_template": None}, "needs `vm_template`, a virtual machine template that has the GPU"),
    ("vsphere", {"spot": True}, "vsphere has no spot machines"),
    ("vsphere", {"zones": ["a"]}, "vsphere has failure domains in place of zones"),
    ("vsphere", {"instance_type": "g6.4xlarge"}, "is a machine of 'aws'; this cluster runs on 'any'"),
]


@pytest.mark.parametrize(("name", "changes", "message"), REFUSED, ids=[case[2][:40] for case in REFUSED])
def test_what_a_platform_cannot_do_is_refused_before_anything_is_registered(name: str, changes: Any, message: str):
    engine = Recorder.installed()
    args: Any = {"ownership": OWNER, **CASES[name], **changes}
    with pytest.raises(ArgumentError) as refused:
        OpenShiftGpuMachineSet("gpu-a", {key: value for key, value in args.items() if value is not None})  # type: ignore[arg-type]
    assert message in str(refused.value)
    assert engine.registered == []


def test_a_machine_set_of_another_kind_of_machine_is_refused_with_those_that_can_be_derived():
    template = machine_sets.machine_set({"kind": "GCPMachineProviderSpec"}, "worker")
    with pytest.raises(ArgumentError) as refused:
        made(CASES["aws"], template=template)
    assert "'GCPMachineProviderSpec'; can be derived: AWSMachineProviderConfig, Azure" in str(refused.value)


def _value(engine: Recorder) -> dict[str, Any]:
    machines = engine.objects["MachineSet/openshift-machine-api/gpu-a"]
    return machines["spec"]["template"]["spec"]["providerSpec"]["value"]


def _own(body: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in body.items() if key != "status"}
