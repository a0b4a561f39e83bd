"""TeamQueue and PlatformQueues: a team gets everything that keeps it in its place, and nothing exists twice."""

from typing import Any

import pytest
from modelyard.components.kubernetes.queues.platform_queues import PlatformQueues
from modelyard.components.kubernetes.queues.team_queue import TeamQueue
from modelyard.components.kubernetes.volume import VolumeError
from modelyard.components.testing import Recorder

TEAM: dict[str, Any] = {
    "ownership": {"team": "team-a", "owner": "ml-platform", "cost_center": "42", "environment": "test"},
    "quota": {"cpus": 4.0, "memory_gib": 16.0, "gpus": 2.0},
    "flavor": "gpu-nodes",
}


def test_a_team_gets_its_place(engine: Recorder):
    TeamQueue("team-a", {**TEAM, "cohort": "all"})  # type: ignore[typeddict-item]
    engine.finish()
    assert sorted(engine.objects) == [
        "ClusterQueue/team-a",
        "LimitRange/team-a/team",
        "LocalQueue/team-a/team-a",
        "Namespace/team-a",
        "NetworkPolicy/team-a/closed",
        "ResourceQuota/team-a/team",
    ]
    assert engine.objects["ClusterQueue/team-a"]["spec"]["cohortName"] == "all"
    assert engine.objects["ResourceQuota/team-a/team"]["spec"]["hard"]["requests.nvidia.com/gpu"] == "2"


def test_queues_are_awaited_and_plain_objects_are_not(engine: Recorder):
    TeamQueue("team-a", TEAM)  # type: ignore[arg-type]
    engine.finish()
    waits = {name.partition("/")[0]: one["metadata"].get("annotations") for name, one in engine.objects.items()}
    active, skip = {"pulumi.com/waitFor": "condition=Active"}, {"pulumi.com/skipAwait": "true"}
    assert waits == {
        "ClusterQueue": active,
        "LocalQueue": active,
        "Namespace": None,
        "LimitRange": skip,
        "NetworkPolicy": skip,
        "ResourceQuota": skip,
    }


def test_every_object_says_whose_it_is(engine: Recorder):
    volumes = [{"claim": "prose", "size_gib": 1.0, "host_folder": "/v/prose"}]
    TeamQueue("team-a", {**TEAM, "volumes": volumes})  # type: ignore[typeddict-item]
    engine.finish()
    wanted = {"team": "team-a", "owner": "ml-platform", "cost-center": "42", "env": "test"}
    assert len(engine.objects) == 8
    for name, one in engine.objects.items():
        assert wanted.items() <= one["metadata"]["labels"].items(), name


def test_a_volume_of_nothing_is_refused_before_anything_is_registered(engine: Recorder):
    with pytest.raises(VolumeError):
        TeamQueue("team-a", {**TEAM, "volumes": [{"claim": "prose", "size_gib": 1.0}]})  # type: ignore[typeddict-item]
    assert engine.registered == []


def test_flavors_and_priorities_exist_once(engine: Recorder):
    priorities = [{"name": "low", "value": 1.0, "description": "a"}, {"name": "high", "value": 2.0, "description": "b"}]
    PlatformQueues("queues", {"flavors": [{"name": "gpu-nodes"}], "priorities": priorities})  # type: ignore[typeddict-item]
    engine.finish()
    assert sorted(engine.objects) == [
        "ResourceFlavor/gpu-nodes",
        "WorkloadPriorityClass/high",
        "WorkloadPriorityClass/low",
    ]
    assert engine.objects["WorkloadPriorityClass/high"]["value"] == 2
