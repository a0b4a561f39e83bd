"""Validation happens once: reading derives the specs, and the components take them as they are."""

from collections import Counter
from typing import Any

import pulumi
import pytest
from modelyard.components.node_pools import selection, spec
from modelyard.stacks.deploy import deploy
from modelyard.stacks.validation.read import read_environment

from tests.unit.stacks.conftest import environment
from tests.unit.stacks.test_program import CLOUDS


@pytest.mark.parametrize("name", ["aks-prod", "rosa-prod"])
def test_planner_runs_once_for_each_pool(name: str, monkeypatch: pytest.MonkeyPatch):
    presets: Counter[str] = Counter()
    plan = selection.plan.plan_for_preset

    def counted(preset: str, *arguments: Any, **options: Any) -> Any:
        presets[preset] += 1
        return plan(preset, *arguments, **options)

    monkeypatch.setattr(selection.plan, "plan_for_preset", counted)
    document = environment(name, teams=[])
    for pool, preset in zip(document["node_pools"], ("gpt2", "qwen2.5-7b"), strict=False):
        del pool["instance_type"]
        pool["for_preset"] = preset
    document["cluster"][document["kind"]].pop("vcpu_quota")
    engine = CLOUDS[document["kind"]](stack=name)
    validated = read_environment(document, f"Pulumi.{name}.yaml")
    deploy(validated, pulumi.Output.secret("key"))
    engine.finish()

    assert presets == {"gpt2": 1, "qwen2.5-7b": 1}


@pytest.mark.parametrize("name", ["aks-prod", "rosa-prod", "openshift-onprem"])
def test_pools_are_validated_while_the_file_is_read(name: str, monkeypatch: pytest.MonkeyPatch):
    validated = read_environment(environment(name), f"Pulumi.{name}.yaml")
    pools = [node_pool.pool for node_pool in validated.node_pools]

    assert [pool.name for pool in pools] == [pool.name for pool in validated.environment.node_pools]
    assert all(isinstance(pool, spec.NodePoolSpec) for pool in pools)
