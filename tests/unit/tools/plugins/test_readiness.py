import pytest

from tools.plugins.kubernetes import readiness as r
from tools.plugins.kubernetes.conditions import WaitForError, parse_wait_for


def conditions(**states):
    return [{"type": kind, "status": state} for kind, state in states.items()]


def deployment(generation=1, **status):
    return {"metadata": {"generation": generation}, "spec": {"replicas": 2}, "status": status}


FULL = {"observedGeneration": 1, "replicas": 2, "updatedReplicas": 2, "availableReplicas": 2}


@pytest.mark.parametrize(
    ("live", "ready", "message"),
    [
        (deployment(**FULL), True, ""),
        (deployment(), False, "to see the change"),
        (deployment(2, **FULL), False, "to see the change"),
        (deployment(**{**FULL, "updatedReplicas": 1}), False, "1 of 2 pods are of the new revision"),
        (deployment(**{**FULL, "replicas": 3}), False, "1 old pods"),
        (deployment(**{**FULL, "availableReplicas": 0}), False, "0 of 2 pods are available"),
        (
            deployment(
                **FULL | {"availableReplicas": 0},
                conditions=[{"type": "ReplicaFailure", "status": "True", "message": "quota exceeded"}],
            ),
            False,
            "quota exceeded",
        ),
    ],
)
def test_deployment(live, ready, message):
    verdict = r.deployment(live)

    assert verdict.is_ready is ready
    assert message in verdict.message


def test_rollout_past_its_deadline_has_failed():
    late = {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded", "message": "too late"}

    verdict = r.deployment(deployment(**{**FULL, "availableReplicas": 0}, conditions=[late]))

    assert verdict.is_failed
    assert "too late" in verdict.message


@pytest.mark.parametrize(
    ("status", "strategy", "ready"),
    [
        ({"observedGeneration": 1, "readyReplicas": 2, "updatedReplicas": 2}, {}, True),
        ({"observedGeneration": 1, "readyReplicas": 1, "updatedReplicas": 2}, {}, False),
        ({"observedGeneration": 1, "readyReplicas": 2, "updatedReplicas": 1}, {}, False),
        ({"observedGeneration": 1, "readyReplicas": 2, "updatedReplicas": 0}, {"type": "OnDelete"}, True),
        (
            {"observedGeneration": 1, "readyReplicas": 2, "updatedReplicas": 1},
            {"rollingUpdate": {"partition": 1}},
            True,
        ),
    ],
)
def test_stateful_set(status, strategy, ready):
    live = {"metadata": {"generation": 1}, "spec": {"replicas": 2, "updateStrategy": strategy}, "status": status}

    assert r.stateful_set(live).is_ready is ready


@pytest.mark.parametrize(
    ("status", "ready", "failed"),
    [
        ({"conditions": conditions(Complete="True")}, True, False),
        ({"conditions": conditions(Failed="True")}, False, True),
        ({"conditions": conditions(Suspended="True")}, False, False),
        ({}, False, False),
    ],
)
def test_job(status, ready, failed):
    verdict = r.job({"spec": {"completions": 3}, "status": status})

    assert (verdict.is_ready, verdict.is_failed) == (ready, failed)


def test_pending_pod_has_its_reason():
    unschedulable = {"type": "PodScheduled", "status": "False", "message": "0/1 nodes: insufficient nvidia.com/gpu"}
    stuck = {"name": "main", "state": {"waiting": {"reason": "ErrImagePull", "message": "not there"}}}

    assert "insufficient nvidia.com/gpu" in r.pod({"status": {"conditions": [unschedulable]}}).message
    assert "ErrImagePull: not there" in r.pod({"status": {"containerStatuses": [stuck]}}).message
    assert r.pod({"status": {"phase": "Failed", "reason": "Evicted"}}).is_failed
    assert r.pod({"status": {"conditions": conditions(Ready="True")}}).is_ready


@pytest.mark.parametrize(
    ("spec", "status", "slices", "ready"),
    [
        ({"type": "ExternalName"}, {}, [], True),
        ({}, {}, [], True),
        ({"selector": {"a": "b"}}, {}, [], False),
        ({"selector": {"a": "b"}, "clusterIP": "None"}, {}, [], True),
        ({"selector": {"a": "b"}}, {}, [{"endpoints": [{"conditions": {"ready": False}}]}], False),
        ({"selector": {"a": "b"}}, {}, [{"endpoints": [{"conditions": {"ready": True}}]}], True),
        ({"selector": {"a": "b"}, "type": "LoadBalancer"}, {}, [{"endpoints": [{"conditions": {}}]}], False),
    ],
)
def test_service(spec, status, slices, ready):
    assert r.service({"spec": spec, "status": status}, slices).is_ready is ready


def test_volume_claim_waits_for_an_immediate_binding():
    pending = {"status": {"phase": "Pending"}}

    assert not r.volume_claim(pending, None).is_ready
    assert not r.volume_claim(pending, {"volumeBindingMode": "Immediate"}).is_ready
    assert r.volume_claim(pending, {"volumeBindingMode": "WaitForFirstConsumer"}).is_ready
    assert r.volume_claim({"status": {"phase": "Bound"}}, None).is_ready
    assert r.volume_claim({"status": {"phase": "Lost"}}, None).is_failed


def test_quota_is_ready_in_the_controllers_spelling():
    assert r.resource_quota({"spec": {"hard": {"cpu": "2000m"}}, "status": {"hard": {"cpu": "2"}}}).is_ready
    assert not r.resource_quota({"spec": {"hard": {"cpu": "2"}}}).is_ready


@pytest.mark.parametrize(
    ("status", "ready"),
    [
        ({}, True),
        ({"conditions": conditions(Ready="True")}, True),
        ({"conditions": conditions(Ready="False")}, False),
        ({"conditions": conditions(Ready="Unknown")}, False),
        ({"conditions": conditions(Reconciling="True")}, False),
        ({"observedGeneration": 1, "conditions": conditions(Ready="True")}, False),
        ({"observedGeneration": 2, "conditions": conditions(Ready="True")}, True),
    ],
)
def test_any_object(status, ready):
    assert r.generic({"metadata": {"generation": 2}, "status": status}).is_ready is ready


LIVE = {
    "metadata": {"generation": 2},
    "status": {
        "observedGeneration": 2,
        "phase": "Running",
        "count": 3,
        "conditions": [
            {"type": "Ready", "status": "True"},
            {"type": "Degraded", "status": "False", "message": "all well"},
            {"type": "Old", "status": "True", "observedGeneration": 1},
        ],
    },
}


@pytest.mark.parametrize(
    ("expression", "ready"),
    [
        ("condition=Ready", True),
        ("condition=Ready=true", True),
        ("condition=Degraded", False),
        ("condition=Degraded=False", True),
        ("condition=Absent", False),
        ("condition=Old", False),
        ("jsonpath={.status.phase}", True),
        ("jsonpath={.status.phase}=Running", True),
        ("jsonpath={.status.phase}=Done", False),
        ("jsonpath={.status.count}=3", True),
        ("jsonpath={.status.absent}", False),
        ('jsonpath={.status.conditions[?(@.type=="Ready")].status}=True', True),
        ('["condition=Ready", "jsonpath={.status.phase}=Running"]', True),
        ('["condition=Ready", "jsonpath={.status.phase}=Done"]', False),
    ],
)
def test_wait_for(expression, ready):
    assert all(rule(LIVE).is_ready for rule in parse_wait_for(expression)) is ready


def test_no_condition_holds_before_the_controller_observes():
    stale = {**LIVE, "metadata": {"generation": 3}}

    for expression in ("condition=Ready", "jsonpath={.status.phase}=Running"):
        verdicts = [rule(stale) for rule in parse_wait_for(expression)]
        assert not any(verdict.is_ready for verdict in verdicts)
        assert "not seen the change" in verdicts[0].message


@pytest.mark.parametrize(
    "expression", ["Ready", "", "[]", "condition=", "jsonpath=.status", "jsonpath={.a}=", "jsonpath={.a[}"]
)
def test_wait_for_that_cannot_be_read(expression):
    with pytest.raises(WaitForError, match=r"pulumi\.com/waitFor"):
        parse_wait_for(expression)
