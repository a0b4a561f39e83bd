"""TeamQueue and PlatformQueues: the objects of a team and of the whole platform."""

from typing import Any

import pytest
from modelyard.components.common.errors import ArgumentError
from modelyard.components.kubernetes.queues.platform_queues import PlatformQueues
from modelyard.components.kubernetes.queues.team_queue import TeamQueue
from modelyard.components.testing import Recorder

TEAM: dict[str, Any] = {
    "ownership": {"team": "team-a", "owner": "ml-platform", "cost_center": "42", "environment": "test"},
    "quota": {"cpus": 4.0, "memory_gib": 16.0, "gpus": 2.0},
    "flavor": "gpu-nodes",
}


def test_a_team_gets_namespace_queues_and_limits(engine: Recorder):
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


def test_only_queues_and_the_namespace_are_awaited(engine: Recorder):
    TeamQueue("team-a", TEAM)  # type: ignore[arg-type]
    engine.finish()
    waits = {name.partition("/")[0]: body["metadata"].get("annotations") for name, body in engine.objects.items()}
    active, skip = {"pulumi.com/waitFor": "condition=Active"}, {"pulumi.com/skipAwait": "true"}
    assert waits == {
        "ClusterQueue": active,
        "LocalQueue": active,
        "Namespace": None,
        "LimitRange": skip,
        "NetworkPolicy": skip,
        "ResourceQuota": skip,
    }


def test_every_object_has_the_labels_of_its_owner(engine: Recorder):
    volumes = [{"claim": "prose", "size_gib": 1.0, "host_folder": "/v/prose"}]
    TeamQueue("team-a", {**TEAM, "volumes": volumes})  # type: ignore[typeddict-item]
    engine.finish()
    labels = {"team": "team-a", "owner": "ml-platform", "cost-center": "42", "env": "test"}
    assert len(engine.objects) == 8
    for name, body in engine.objects.items():
        assert labels.items() <= body["metadata"]["labels"].items(), name


CLAIM = {"claim": "prose", "size_gib": 1.0}
REFUSED = [
    *(
        pytest.param(
            {"ownership": {**TEAM["ownership"], "team": team}},
            f"ownership.team = '{team}': is a namespace of the cluster or of an operator, where the rules for teams do "
            "not hold; choose another",
            id=f"team {team}",
        )
        for team in ("default", "kube-system", "openshift-ingress")
    ),
    pytest.param(
        {"volumes": [CLAIM]},
        "volumes[0].storage_class: needs either storage_class or host_folder to create claim 'prose' from",
        id="volume of no source",
    ),
    pytest.param(
        {"volumes": [{"claim": "old"}, {**CLAIM, "size_gib": 0.0, "storage_class": "fast"}]},
        "volumes[1].size_gib = 0.0: must be above 0; leave it out for an existing claim",
        id="volume of no size",
    ),
    pytest.param(
        {"quota": {"cpus": 4.0, "memory_gib": 16.0, "gpus": -1}},
        "quota.gpus = -1: must be a whole number, 0 or more; GPUs cannot be shared between pods "
        "(Kubernetes, extended resources)",
        id="negative GPUs",
    ),
    pytest.param(
        {"quota": {"cpus": 0.0, "memory_gib": 16.0}}, "quota.cpus = 0.0: must be a number above 0", id="no cores"
    ),
    pytest.param(
        {"quota": {"cpus": 4.0, "memory_gib": float("inf")}},
        "quota.memory_gib = inf: must be a finite number",
        id="endless memory",
    ),
    pytest.param(
        {"quota": {"cpus": 4.0, "memory_gib": 16.0, "cpu_limit": 2.0}},
        "quota.cpu_limit = 2.0: must be at least cpus = 4 (Kubernetes, limits and requests)",
        id="limit below the request",
    ),
]


@pytest.mark.parametrize(("changes", "message"), REFUSED)
def test_impossible_arguments_are_refused(engine: Recorder, changes: Any, message: str):
    with pytest.raises(ArgumentError) as refusal:
        TeamQueue("team-a", {**TEAM, **changes})  # type: ignore[typeddict-item]
    assert str(refusal.value) == f"team-a: {message}"
    assert engine.registered == []


def test_flavors_and_priorities_exist_once_per_cluster(engine: Recorder):
    priorities = [{"name": "low", "value": 1.0, "description": "a"}, {"name": "high", "value": 2.0, "description": "b"}]
    PlatformQueues("queues", {"flavors": [{"name": "gpu-nodes"}], "priorities": priorities})  # type: ignore[typeddict-item]
    engine.finish()
    assert sorted(engine.objects) == [
        "ResourceFlavor/gpu-nodes",
        "WorkloadPriorityClass/high",
        "WorkloadPriorityClass/low",
    ]
    assert engine.objects["WorkloadPriorityClass/high"]["value"] == 2
