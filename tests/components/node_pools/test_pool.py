"""Rules and amounts of node pools that hold on every kind of cluster."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from modelyard.components.common.errors import ArgumentError
from modelyard.components.node_pools.args import Driver, NodePoolArgs
from modelyard.components.node_pools.spec import NodePoolSpec, validate_pool
from modelyard.workloads.hardware import catalogue
from modelyard.workloads.planner import plan

OWNER = {"team": "team-a", "owner": "ml-platform", "cost_center": "42", "environment": "test"}


def validate(cloud: str = "azure", region: str | None = None, **changes: Any) -> NodePoolSpec:
    args: dict[str, Any] = {"ownership": OWNER, "instance_type": "Standard_NC24ads_A100_v4", "max_nodes": 2, **changes}
    kept = {key: value for key, value in args.items() if value is not None}
    return validate_pool("gpu-a", cast(NodePoolArgs, kept), cloud=cloud, region=region)


def test_defaults_are_zero_nodes_and_the_operators_driver():
    pool = validate()

    assert (pool.min_nodes, pool.max_nodes, pool.spot, pool.driver) == (0, 2, False, Driver.OPERATOR)
    assert [taint.text() for taint in pool.taints] == ["nvidia.com/gpu=present:NoSchedule"]
    assert pool.labels == {
        "modelyard.dev/pool": "gpu-a",
        "modelyard.dev/gpu": "a100-80gb-pcie",
        "team": "team-a",
        "owner": "ml-platform",
        "cost-center": "42",
        "env": "test",
    }


def test_floating_point_counts_become_integers():
    assert (validate(min_nodes=1.0, max_nodes=4.0).max_nodes, type(validate(max_nodes=4.0).max_nodes)) == (4, int)


def test_mig_gpus_count_as_their_instances():
    whole, cut = validate(), validate(mig_profile="1g.10gb")

    assert (whole.gpus, cut.gpus) == (1, 7)
    assert cut.labels["nvidia.com/mig.config"] == "all-1g.10gb"


@given(instance=st.sampled_from(catalogue.list_instance_types()), data=st.data())
def test_every_machine_of_the_catalogue_counts_all_its_gpus(instance: Any, data: Any):
    profiles = catalogue.find_gpu(instance.gpu).mig_profiles
    profile = data.draw(st.sampled_from([None, *profiles]))
    pool = validate(cloud=instance.cloud, instance_type=instance.name, mig_profile=profile and profile.name)

    assert pool.gpus == instance.gpus * (profile.instances if profile else 1)


def test_a_repeated_gpu_taint_is_kept_once():
    pool = validate(taints=["nvidia.com/gpu=present:NoSchedule", "dedicated=team-a:NoExecute"])

    assert [taint.text() for taint in pool.taints] == [
        "nvidia.com/gpu=present:NoSchedule",
        "dedicated=team-a:NoExecute",
    ]


REFUSED = [
    pytest.param(
        {"instance_type": None}, "give exactly one of instance_type and for_preset", id="neither machine nor preset"
    ),
    pytest.param(
        {"for_preset": "gpt2"}, "give exactly one of instance_type and for_preset", id="both machine and preset"
    ),
    pytest.param(
        {"task": "serve"},
        "task = 'serve': only goes with for_preset; a named machine is not planned",
        id="task of a named machine",
    ),
    pytest.param(
        {"instance_type": "Standard_NC24ads_A100_v5"}, "did you mean 'Standard_NC24ads_A100_v4'", id="misspelt machine"
    ),
    pytest.param(
        {"instance_type": "g6.xlarge"},
        "'g6.xlarge': is a machine of 'aws'; this cluster runs on 'azure'",
        id="machine of another cloud",
    ),
    pytest.param({"min_nodes": -1}, "min_nodes = -1: must be 0 or more", id="negative minimum"),
    pytest.param(
        {"max_nodes": 0}, "max_nodes = 0: must be 1 or more; leave the pool out to have none", id="maximum of zero"
    ),
    pytest.param({"min_nodes": 3}, "min_nodes = 3: is above max_nodes = 2", id="minimum above maximum"),
    pytest.param({"max_nodes": 1.5}, "max_nodes = 1.5: must be a whole number", id="fraction of a node"),
    pytest.param({"zones": ["1", "1"]}, "zones = ['1', '1']: names a zone twice", id="repeated zone"),
    pytest.param(
        {"labels": {"kubernetes.io/x": "y"}},
        "labels = 'kubernetes.io/x': kubernetes.io/, k8s.io/, ",
        id="reserved label",
    ),
    pytest.param({"labels": {"a b": "y"}}, "labels = 'a b': must be a label key", id="malformed label key"),
    pytest.param({"labels": {"a": "y z"}}, "labels[a] = 'y z': must be at most 63 letters", id="malformed label value"),
    pytest.param(
        {"taints": ["a"]}, "taints[0] = 'a': is not a taint; write it as 'key=value:NoSchedule'", id="malformed taint"
    ),
    pytest.param(
        {"taints": ["nvidia.com/gpu=yes:NoSchedule"]},
        "every GPU node already has nvidia.com/gpu=present:NoSchedule",
        id="other value of the GPU taint",
    ),
    pytest.param(
        {"taints": ["a=b:NoSchedule", "a=c:NoSchedule"]}, "a node can hold only one", id="key and effect twice"
    ),
    pytest.param(
        {"taints": ["CriticalAddonsOnly=true:NoSchedule"]},
        "no pod could ever call for the first node",
        id="daemon taint with zero nodes",
    ),
    pytest.param(
        {"mig_profile": "9g.99gb"},
        "mig_profile = '9g.99gb': profiles of a100-80gb-pcie are 1g.10gb",
        id="unknown MIG profile",
    ),
    pytest.param(
        {"instance_type": "Standard_NC4as_T4_v3", "mig_profile": "1g.10gb"},
        "which do not support MIG",
        id="GPU without MIG",
    ),
    pytest.param({"driver": "nobody"}, "driver = 'nobody': must be one of cloud, operator", id="unknown driver"),
]


@pytest.mark.parametrize(("changes", "message"), REFUSED)
def test_a_broken_rule_is_refused_with_its_text(changes: dict[str, Any], message: str):
    with pytest.raises(ArgumentError) as refusal:
        validate(**changes)
    assert str(refusal.value).startswith("gpu-a: ")
    assert message in str(refusal.value)


def test_a_machine_not_sold_in_the_region_is_refused():
    with pytest.raises(ArgumentError) as refusal:
        validate(instance_type="Standard_NCC40ads_H100_v5", region="westus")
    assert "is not sold in 'westus'; it is in centralus, eastus2, southcentralus, westeurope" in str(refusal.value)


def test_a_daemon_taint_is_allowed_where_a_node_always_runs():
    pool = validate(taints=["CriticalAddonsOnly=true:NoSchedule"], min_nodes=1)
    assert pool.taints[1].key == "CriticalAddonsOnly"


def test_a_preset_takes_the_first_machine_that_fits(monkeypatch: pytest.MonkeyPatch):
    requests = planner_with(monkeypatch, ("Standard_NC4as_T4_v3", False), ("Standard_NC40ads_H100_v5", True))
    pool = validate(instance_type=None, for_preset="gpt2", task="lora", spot=True, region="eastus")

    assert pool.instance.name == "Standard_NC40ads_H100_v5"
    assert pool.selection is not None
    assert (pool.selection.preset, pool.selection.task, pool.selection.nodes) == ("gpt2", "lora", 1)
    assert requests == [("gpt2", {"task": "lora", "cloud": "azure", "region": "eastus", "spot": True})]


def test_a_preset_that_no_machine_runs_is_refused(monkeypatch: pytest.MonkeyPatch):
    planner_with(monkeypatch, ("Standard_NC4as_T4_v3", False))
    with pytest.raises(ArgumentError) as refusal:
        validate(instance_type=None, for_preset="gpt2")
    assert str(refusal.value) == (
        "gpu-a: for_preset = 'gpt2': no machine of 'azure' runs it for 'serve': Standard_NC4as_T4_v3: too small"
    )


def test_an_unknown_task_is_refused_with_the_nearest():
    with pytest.raises(ArgumentError) as refusal:
        validate(instance_type=None, for_preset="gpt2", task="qlor")
    assert "task = 'qlor': must be one of serve, full, lora, qlora; did you mean 'qlora'?" in str(refusal.value)


def planner_with(monkeypatch: pytest.MonkeyPatch, *candidates: tuple[str, bool]) -> list[Any]:
    """Replace the planner by one that proposes `candidates`; returns its requests."""
    requests: list[Any] = []

    def plan_for_preset(preset: str, **options: Any) -> Any:
        requests.append((preset, options))
        proposed = [
            SimpleNamespace(sku=sku, fits=fits, nodes=1, usd_per_hour=1.0, reasons=() if fits else ("too small",))
            for sku, fits in candidates
        ]
        return SimpleNamespace(candidates=proposed, version="1")

    monkeypatch.setattr(plan, "plan_for_preset", plan_for_preset)
    return requests
