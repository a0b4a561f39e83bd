"""Misspelt and nonsensical arguments of real components are refused before anything is registered."""

from typing import Any, NamedTuple

import modelyard.components as yard
import pytest
from modelyard.components.testing import Recorder

OWNERSHIP = {"team": "team-a", "owner": "ml-platform", "cost_center": "42", "environment": "test"}
QUEUE = {"ownership": OWNERSHIP, "flavor": "gpu"}
QUOTA = {"cpus": 4, "memory_gib": 16}


class Case(NamedTuple):
    component: str
    args: dict[str, Any]
    faults: list[str]


REFUSED = {
    "misspelt spot": Case(
        "KarpenterGpuNodePool",
        {"ownership": OWNERSHIP, "cloud": "aws", "instance_type": "g6.4xlarge", "max_nodes": 1, "sopt": True},
        ["it: sopt: is unknown; did you mean 'spot'?"],
    ),
    "quota of a misspelt resource": Case(
        "TeamQueue", QUEUE | {"quota": QUOTA | {"gpu": 4}}, ["it: quota.gpu: is unknown; did you mean 'gpus'?"]
    ),
    "negative quota": Case(
        "TeamQueue",
        QUEUE | {"quota": QUOTA | {"gpus": -1}},
        [
            "it: quota.gpus = -1: must be a whole number, 0 or more; GPUs cannot be shared between pods "
            "(Kubernetes, extended resources)"
        ],
    ),
    "unknown installer": Case(
        "Kueue",
        {"installer": "anything", "source": "charts/kueue"},
        ["it: installer = 'anything': must be one of bundle, chart, olm"],
    ),
    "key that is no text": Case(
        "TeamQueue",
        QUEUE | {"quota": QUOTA | {5: 1}},
        ["it: quota.5: is unknown; known are cpu_limit, cpus, gpus, memory_gib"],
    ),
    "key in upper case": Case(
        "ExistingCluster", {"kubeconfig": "k", "CONTEXT": "c"}, ["it: CONTEXT: is unknown; did you mean 'context'?"]
    ),
    "infinite seconds": Case(
        "Kueue",
        {"installer": "chart", "source": "charts/kueue", "pods_ready_seconds": float("inf")},
        ["it: pods_ready_seconds = inf: must be a finite number"],
    ),
    "taint of a flavor without a key": Case(
        "PlatformQueues",
        {"flavors": [{"name": "gpu", "taints": [{"effect": "NoSchedule"}]}], "priorities": []},
        [
            "it: flavors[0].taints[0]: must have key and effect, may have value, and nothing else "
            "(Kubernetes, core/v1 Taint)"
        ],
    ),
    "several faults": Case(
        "ExistingCluster",
        {"kubeconfig": 7, "contxt": "here"},
        ["it: contxt: is unknown; did you mean 'context'?", "it: kubeconfig = 7: must be text, got a whole number"],
    ),
}


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED.keys())
def test_a_fault_is_refused_before_registration(engine: Recorder, case: Case):
    with pytest.raises(yard.ArgumentError) as refused:
        getattr(yard, case.component)("it", case.args)

    assert [str(fault) for fault in refused.value.faults] == case.faults
    assert engine.registered == []


def test_an_installer_may_be_given_as_its_text(engine: Recorder):
    yard.Kueue("kueue", {"installer": "chart", "source": "charts/kueue"})  # type: ignore[typeddict-item]
    engine.finish()

    assert engine.names("kubernetes:helm.sh/v3:Release") == ["kueue"]
