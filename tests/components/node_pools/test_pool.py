"""What pools of all clouds share: the amounts that queues and autoscalers count on, and what is refused everywhere."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from modelyard.components.common.errors import ArgumentError
from modelyard.components.node_pools.spec import Driver, GpuPoolArgs, Pool, checked
from modelyard.workloads.hardware import catalogue

OWNER = {"team": "team-a", "owner": "ml-platform", "cost_center": "42", "environment": "test"}


def pool(cloud: str = "azure", region: str | None = None, **changes: Any) -> Pool:
    args: dict[str, Any] = {"ownership": OWNER, "instance_type": "Standard_NC24ads_A100_v4", "max_nodes": 2, **changes}
    kept = {key: value for key, value in args.items() if value is not None}
    return checked("gpu-a", cast(GpuPoolArgs, kept), cloud=cloud, region=region)


def test_a_pool_starts_at_no_nodes_and_the_operator_brings_the_driver():
    made = pool()

    assert (made.min_nodes, made.max_nodes, made.spot, made.driver) == (0, 2, False, Driver.OPERATOR)
    assert [one.text() for one in made.taints] == ["nvidia.com/gpu=present:NoSchedule"]
    assert made.labels == {
        "modelyard.dev/pool": "gpu-a",
        "modelyard.dev/gpu": "a100-80gb-pcie",
        "team": "team-a",
        "owner": "ml-platform",
        "cost-center": "42",
        "env": "test",
    }


def test_numbers_that_came_over_the_wire_are_whole_again():
    assert (pool(min_nodes=1.0, max_nodes=4.0).max_nodes, type(pool(max_nodes=4.0).max_nodes)) == (4, int)


def test_cut_gpus_are_counted_as_their_instances_and_named_on_the_node():
    whole, cut = pool(), pool(mig_profile="1g.10gb")

    assert (whole.gpus, cut.gpus) == (1, 7)
    assert cut.labels["nvidia.com/mig.config"] == "all-1g.10gb"


@given(instance=st.sampled_from(catalogue.instance_types()), data=st.data())
def test_every_machine_of_the_catalogue_makes_a_pool_with_all_its_gpus(instance: Any, data: Any):
    profiles = catalogue.gpu(instance.gpu).mig_profiles
    profile = data.draw(st.sampled_from([None, *profiles]))
    made = pool(cloud=instance.cloud, instance_type=instance.name, mig_profile=profile and profile.name)

    assert made.gpus == instance.gpus * (profile.instances if profile else 1)


def test_the_gpu_taint_may_be_repeated_and_is_there_once():
    made = pool(taints=["nvidia.com/gpu=present:NoSchedule", "dedicated=team-a:NoExecute"])

    assert [one.text() for one in made.taints] == ["nvidia.com/gpu=present:NoSchedule", "dedicated=team-a:NoExecute"]


REFUSED = [
    ({"instance_type": None}, "give exactly one of instance_type and for_preset"),
    ({"for_preset": "gpt2"}, "give exactly one of instance_type and for_preset"),
    ({"task": "serve"}, "task = 'serve': only goes with for_preset; a named machine is not planned"),
    ({"instance_type": "Standard_NC24ads_A100_v5"}, "did you mean 'Standard_NC24ads_A100_v4'"),
    ({"instance_type": "g6.xlarge"}, "'g6.xlarge': is a machine of 'aws'; this cluster runs on 'azure'"),
    ({"min_nodes": -1}, "min_nodes = -1: must be 0 or more"),
    ({"max_nodes": 0}, "max_nodes = 0: must be 1 or more; leave the pool out to have none"),
    ({"min_nodes": 3}, "min_nodes = 3: is above max_nodes = 2"),
    ({"max_nodes": 1.5}, "max_nodes = 1.5: must be a whole number"),
    ({"zones": ["1", "1"]}, "zones = ['1', '1']: names a zone twice"),
    ({"labels": {"kubernetes.io/x": "y"}}, "labels = 'kubernetes.io/x': kubernetes.io/, k8s.io/, "),
    ({"labels": {"a b": "y"}}, "labels = 'a b': must be a label key"),
    ({"labels": {"a": "y z"}}, "labels[a] = 'y z': must be at most 63 letters"),
    ({"taints": ["a"]}, "taints: 'a' is not a taint; write it as 'key=value:NoSchedule'"),
    ({"taints": ["nvidia.com/gpu=yes:NoSchedule"]}, "every GPU node already has nvidia.com/gpu=present:NoSchedule"),
    ({"taints": ["a=b:NoSchedule", "a=c:NoSchedule"]}, "a node can hold only one"),
    ({"taints": ["CriticalAddonsOnly=true:NoSchedule"]}, "no pod could ever call for the first node"),
    ({"mig_profile": "9g.99gb"}, "mig_profile = '9g.99gb': a100-80gb-pcie knows 1g.10gb"),
    ({"instance_type": "Standard_NC4as_T4_v3", "mig_profile": "1g.10gb"}, "cannot be cut into instances"),
    ({"driver": "nobody"}, "driver = 'nobody': must be 'cloud' or 'operator'"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "message"), REFUSED, ids=[message[:40] for _, message in REFUSED])
def test_what_no_cloud_can_do_is_refused_with_the_rule(changes: dict[str, Any], message: str):
    with pytest.raises(ArgumentError) as refused:
        pool(**changes)
    assert str(refused.value).startswith("gpu-a: ")
    assert message in str(refused.value)


def test_a_machine_that_the_region_does_not_sell_is_refused_with_the_regions_that_do():
    with pytest.raises(ArgumentError) as refused:
        pool(instance_type="Standard_NCC40ads_H100_v5", region="westus")
    assert "is not sold in 'westus'; it is in centralus, eastus2, southcentralus, westeurope" in str(refused.value)


def test_a_taint_of_daemons_is_allowed_where_a_node_always_runs():
    made = pool(taints=["CriticalAddonsOnly=true:NoSchedule"], min_nodes=1)
    assert made.taints[1].key == "CriticalAddonsOnly"


def test_a_preset_takes_the_first_machine_that_fits(monkeypatch: pytest.MonkeyPatch):
    asked = plan_of(monkeypatch, ("Standard_NC4as_T4_v3", False), ("Standard_NC40ads_H100_v5", True))
    made = pool(instance_type=None, for_preset="gpt2", task="lora", spot=True, region="eastus")

    assert made.instance.name == "Standard_NC40ads_H100_v5"
    assert made.choice is not None
    assert (made.choice.preset, made.choice.task, made.choice.nodes) == ("gpt2", "lora", 1)
    assert asked == [("gpt2", {"task": "lora", "cloud": "azure", "region": "eastus", "spot": True})]


def test_a_preset_that_nothing_runs_is_refused_with_the_nearest_reasons(monkeypatch: pytest.MonkeyPatch):
    plan_of(monkeypatch, ("Standard_NC4as_T4_v3", False))
    with pytest.raises(ArgumentError) as refused:
        pool(instance_type=None, for_preset="gpt2")
    assert str(refused.value) == (
        "gpu-a: for_preset = 'gpt2': no machine of 'azure' runs it for 'serve': Standard_NC4as_T4_v3: too small"
    )


def test_a_task_that_is_not_planned_is_refused_with_the_nearest():
    with pytest.raises(ArgumentError) as refused:
        pool(instance_type=None, for_preset="gpt2", task="qlor")
    assert "task = 'qlor': did you mean 'qlora'? allowed: serve, full, lora, qlora" in str(refused.value)


def plan_of(monkeypatch: pytest.MonkeyPatch, *candidates: tuple[str, bool]) -> list[Any]:
    """A planner that answers with these candidates; returns what it is asked."""
    asked: list[Any] = []

    def plan_for_preset(preset: str, **need: Any) -> Any:
        asked.append((preset, need))
        found = [
            SimpleNamespace(sku=sku, fits=fits, nodes=1, usd_per_hour=1.0, reasons=() if fits else ("too small",))
            for sku, fits in candidates
        ]
        return SimpleNamespace(candidates=found, version="1")

    module: Any = SimpleNamespace(plan_for_preset=plan_for_preset)
    monkeypatch.setitem(__import__("sys").modules, "modelyard.workloads.planner.plan", module)
    monkeypatch.setattr("modelyard.workloads.planner.plan", module, raising=False)
    return asked
