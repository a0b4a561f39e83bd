"""KarpenterGpuNodePool: what Karpenter is told on each cloud, as its own definitions allow it."""

import re
from pathlib import Path
from typing import Any

import pytest
from modelyard.components.common.errors import ArgumentError
from modelyard.components.karpenter.node_pool import KarpenterGpuNodePool
from modelyard.components.kubernetes.manifests.karpenter import EFA_CARDS
from modelyard.components.node_pools.args import Driver
from modelyard.components.testing import Recorder, compare

from tests.manifests import schemas

GOLDENS = Path(__file__).parent / "goldens"
OWNER = {"team": "team-a", "owner": "ml-platform", "cost_center": "42", "environment": "test"}

AWS: dict[str, Any] = {
    "ownership": OWNER,
    "cloud": "aws",
    "region": "us-east-1",
    "cluster": "research",
    "role": "KarpenterNodeRole-research",
    "image": "al2023@v20260801",
    "driver": Driver.CLOUD,
    "instance_type": "p4d.24xlarge",
    "max_nodes": 4,
    "zones": ["us-east-1a", "us-east-1b"],
    "placement_group": "research-cluster",
    "capacity_reservation": "cr-0a1b",
    "grace_seconds": 3600,
    "budgets": [
        {"nodes": "0", "schedule": "0 8 * * mon-fri", "duration": "10h", "reasons": ["Drifted"]},
        {"nodes": "10%"},
    ],
}
AWS_SPOT: dict[str, Any] = {
    "ownership": OWNER,
    "cloud": "aws",
    "cluster": "research",
    "role": "KarpenterNodeRole-research",
    "image": "ami-0a1b",
    "instance_type": "g6.4xlarge",
    "max_nodes": 8,
    "spot": True,
    "weight": 50,
}
AZURE: dict[str, Any] = {
    "ownership": OWNER,
    "cloud": "azure",
    "region": "eastus",
    "instance_type": "Standard_NC24ads_A100_v4",
    "max_nodes": 2,
    "driver": Driver.CLOUD,
    "zones": ["1"],
    "expire_seconds": 86400,
}
CASES = {"aws": AWS, "aws-spot": AWS_SPOT, "azure": AZURE}


def made(case: dict[str, Any], **changes: Any) -> Recorder:
    engine = Recorder.installed()
    args: Any = {**case, **changes}
    KarpenterGpuNodePool("gpu-a", {key: value for key, value in args.items() if value is not None})  # type: ignore[arg-type]
    engine.finish()
    return engine


@pytest.mark.parametrize("name", CASES)
def test_a_pool_is_the_golden_one_and_fits_karpenters_definitions(name: str):
    objects = {key: {k: v for k, v in body.items() if k != "status"} for key, body in made(CASES[name]).objects.items()}
    compare(objects, GOLDENS / f"karpenter-{name}.json")
    for body in objects.values():
        schemas.check(body)


def test_the_pool_names_its_class():
    objects = made(AWS).objects
    reference = objects["NodePool/gpu-a"]["spec"]["template"]["spec"]["nodeClassRef"]

    assert reference == {"group": "karpenter.k8s.aws", "kind": "EC2NodeClass", "name": "gpu-a"}
    assert "EC2NodeClass/gpu-a" in objects


def test_limits_are_the_nodes_times_what_one_has():
    assert made(AWS).objects["NodePool/gpu-a"]["spec"]["limits"] == {"cpu": "384", "nvidia.com/gpu": "32"}


def test_training_is_not_disturbed_unless_it_is_asked_for():
    quiet = made(AWS_SPOT).objects["NodePool/gpu-a"]["spec"]

    assert quiet["disruption"] == {
        "consolidationPolicy": "WhenEmpty",
        "consolidateAfter": "600s",
        "budgets": [{"nodes": "1"}],
    }
    assert quiet["template"]["spec"]["expireAfter"] == "Never"


def test_the_operators_driver_switches_azures_off():
    """Validated by hand: the definitions that can be had (1.5.1) are older than the field."""
    spec = made(AZURE, driver=None).objects["AKSNodeClass/gpu-a"]["spec"]
    assert spec["gpu"] == {"mode": "None"}


@pytest.mark.parametrize("machine", EFA_CARDS)
def test_cards_are_as_many_as_karpenter_knows(machine: str):
    table = schemas.module("github.com/aws/karpenter-provider-aws@v1.14.1") / "pkg" / "providers" / "instancetype"
    text = (table / "zz_generated.vpclimits.go").read_text()
    entry = text[text.index(f'"{machine}": {{') :]
    entry = entry[: entry.index("\n\t},")]
    cards = {int(number) for number in re.findall(r"\bNetworkCardIndex: +(\d+)", entry)}

    assert set(EFA_CARDS[machine]) <= cards
    assert len(cards) - len(EFA_CARDS[machine]) == (1 if machine.startswith("p6-b300") else 0)


REFUSED = [
    (AWS, {"cloud": "gcp"}, "cloud = 'gcp': must be 'aws' or 'azure'"),
    (AWS, {"min_nodes": 1}, "min_nodes = 1: Karpenter starts nodes for pods that wait, and keeps no minimum"),
    (AWS, {"weight": 101}, "weight = 101: must be 1 to 100"),
    (AWS, {"role": None}, "role: is missing; nodes on AWS need cluster, role and image"),
    (AWS, {"image": "al2023@latest"}, "pin the version"),
    (AWS, {"driver": Driver.OPERATOR}, "has a driver already; use driver 'cloud'"),
    (AWS, {"region": "eu-west-9"}, "is not sold in 'eu-west-9'"),
    (AWS, {"budgets": [{"nodes": "1", "schedule": "@daily"}]}, "schedule and duration go together"),
    (AWS, {"budgets": [{"nodes": "some"}]}, "budgets = 'some': nodes must be a number or a percentage"),
    (AWS, {"budgets": [{"nodes": "101%"}]}, "nodes must be a number or a percentage"),
    (AWS, {"budgets": [{"nodes": "1", "reasons": ["Old"]}]}, "reasons are Empty, Drifted, Underutilized"),
    (AWS, {"budgets": [{"nodes": "1"}] * 51}, "budgets: at most 50"),
    (AZURE, {"capacity_reservation": "x"}, "AKSNodeClass has no such field"),
    (AZURE, {"mig_profile": "1g.10gb"}, "is cut by the GPU operator's MIG manager"),
    (AZURE, {"instance_type": "Standard_ND96isr_H100_v5"}, "InfiniBand joins only nodes of one scale set"),
    (AZURE, {"image": "Windows"}, "allowed: Ubuntu, Ubuntu2204, Ubuntu2404, AzureLinux"),
    (AZURE, {"region": None}, "nodes are labelled 'eastus-1', not '1'"),
]


@pytest.mark.parametrize(("case", "changes", "message"), REFUSED, ids=[case[2][:40] for case in REFUSED])
def test_what_karpenter_cannot_do_is_refused_before_anything_is_registered(case: Any, changes: Any, message: str):
    engine = Recorder.installed()
    args: Any = {**case, **changes}
    with pytest.raises(ArgumentError) as refused:
        KarpenterGpuNodePool("gpu-a", {key: value for key, value in args.items() if value is not None})  # type: ignore[arg-type]
    assert message in str(refused.value)
    assert engine.registered == []
