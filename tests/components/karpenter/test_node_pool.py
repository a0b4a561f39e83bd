"""KarpenterGpuNodePool: manifests on each cloud, valid by Karpenter's own definitions, and the rules refused."""

import re
from pathlib import Path
from typing import Any

import pytest
from modelyard.components.common.errors import ArgumentError
from modelyard.components.karpenter.component import KarpenterGpuNodePool
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


def register(case: dict[str, Any], **changes: Any) -> Recorder:
    engine = Recorder.installed()
    args: Any = {**case, **changes}
    KarpenterGpuNodePool("gpu-a", {key: value for key, value in args.items() if value is not None})  # type: ignore[arg-type]
    engine.finish()
    return engine


@pytest.mark.parametrize("name", CASES)
def test_manifests_equal_the_golden_and_are_valid(name: str):
    engine = register(CASES[name])
    objects = {key: {k: v for k, v in body.items() if k != "status"} for key, body in engine.objects.items()}
    compare(objects, GOLDENS / f"karpenter-{name}.json")
    for body in objects.values():
        schemas.check(body)


def test_the_pool_refers_to_its_node_class():
    objects = register(AWS).objects
    reference = objects["NodePool/gpu-a"]["spec"]["template"]["spec"]["nodeClassRef"]

    assert reference == {"group": "karpenter.k8s.aws", "kind": "EC2NodeClass", "name": "gpu-a"}
    assert "EC2NodeClass/gpu-a" in objects


def test_limits_are_the_most_nodes_times_their_amounts():
    assert register(AWS).objects["NodePool/gpu-a"]["spec"]["limits"] == {"cpu": "384", "nvidia.com/gpu": "32"}


def test_nodes_with_pods_are_left_alone_by_default():
    spec = register(AWS_SPOT).objects["NodePool/gpu-a"]["spec"]

    assert spec["disruption"] == {
        "consolidationPolicy": "WhenEmpty",
        "consolidateAfter": "600s",
        "budgets": [{"nodes": "1"}],
    }
    assert spec["template"]["spec"]["expireAfter"] == "Never"


def test_the_operators_driver_disables_azures():
    """The published definitions (1.5.1) are older than the field, so no schema checks it."""
    spec = register(AZURE, driver=None).objects["AKSNodeClass/gpu-a"]["spec"]
    assert spec["gpu"] == {"mode": "None"}


@pytest.mark.parametrize("machine", EFA_CARDS)
def test_efa_cards_equal_karpenters_table(machine: str):
    table = schemas.module("github.com/aws/karpenter-provider-aws@v1.14.1") / "pkg" / "providers" / "instancetype"
    text = (table / "zz_generated.vpclimits.go").read_text()
    entry = text[text.index(f'"{machine}": {{') :]
    entry = entry[: entry.index("\n\t},")]
    cards = {int(number) for number in re.findall(r"\bNetworkCardIndex: +(\d+)", entry)}

    assert set(EFA_CARDS[machine]) <= cards
    assert len(cards) - len(EFA_CARDS[machine]) == (1 if machine.startswith("p6-b300") else 0)


REFUSED = [
    pytest.param(AWS, {"cloud": "gcp"}, "cloud = 'gcp': must be one of aws, azure", id="unknown cloud"),
    pytest.param(
        AWS,
        {"min_nodes": 1},
        "min_nodes = 1: Karpenter starts nodes for pods that wait, and keeps no minimum",
        id="minimum above zero",
    ),
    pytest.param(AWS, {"weight": 101}, "weight = 101: must be 1 to 100", id="weight above 100"),
    pytest.param(
        AWS,
        {"role": None},
        "role: is missing; nodes on AWS need cluster, role and image",
        id="role missing on AWS",
    ),
    pytest.param(AWS, {"image": "al2023@latest"}, "pin the version", id="moving image"),
    pytest.param(
        AWS,
        {"driver": Driver.OPERATOR},
        "has a driver already; use 'cloud'",
        id="operator driver in an image with one",
    ),
    pytest.param(AWS, {"region": "eu-west-9"}, "is not sold in 'eu-west-9'", id="region without the machine"),
    pytest.param(
        AWS,
        {"budgets": [{"nodes": "1", "schedule": "@daily"}]},
        "schedule and duration go together",
        id="schedule without duration",
    ),
    pytest.param(
        AWS,
        {"budgets": [{"nodes": "some"}]},
        "budgets[0].nodes = 'some': must be a number or a percentage",
        id="budget that is no number",
    ),
    pytest.param(
        AWS,
        {"budgets": [{"nodes": "101%"}]},
        "budgets[0].nodes = '101%': must be a number or a percentage",
        id="budget above 100 %",
    ),
    pytest.param(
        AWS,
        {"budgets": [{"nodes": "1", "reasons": ["Old"]}]},
        "budgets[0].reasons[0] = 'Old': must be one of Empty, Drifted, Underutilized",
        id="unknown reason",
    ),
    pytest.param(AWS, {"budgets": [{"nodes": "1"}] * 51}, "budgets: must be at most 50", id="51 budgets"),
    pytest.param(AZURE, {"capacity_reservation": "x"}, "AKSNodeClass has no such field", id="reservation on Azure"),
    pytest.param(
        AZURE,
        {"mig_profile": "1g.10gb"},
        "needs the GPU operator's MIG manager",
        id="MIG with the driver of the image",
    ),
    pytest.param(
        AZURE,
        {"instance_type": "Standard_ND96isr_H100_v5"},
        "InfiniBand joins only nodes of one scale set",
        id="InfiniBand machine",
    ),
    pytest.param(
        AZURE,
        {"image": "Windows"},
        "image = 'Windows': must be one of Ubuntu, Ubuntu2204, Ubuntu2404, AzureLinux",
        id="unknown image family",
    ),
    pytest.param(AZURE, {"region": None}, "nodes are labelled 'eastus-1', not '1'", id="zone number without region"),
]


@pytest.mark.parametrize(("case", "changes", "message"), REFUSED)
def test_a_broken_rule_is_refused_before_registration(case: Any, changes: Any, message: str):
    engine = Recorder.installed()
    args: Any = {**case, **changes}
    with pytest.raises(ArgumentError) as refusal:
        KarpenterGpuNodePool("gpu-a", {key: value for key, value in args.items() if value is not None})  # type: ignore[arg-type]
    assert message in str(refusal.value)
    assert engine.registered == []
