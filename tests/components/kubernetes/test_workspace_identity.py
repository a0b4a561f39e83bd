"""Cloud identities of workspaces: by their service account, and only where one is given."""

from typing import Any

import pulumi
import pytest
from modelyard.components import FineTuneWorkspace, ServeWorkspace
from modelyard.components.testing import Recorder

OWNER: Any = {"team": "team-a", "owner": "ml-platform", "cost_center": "42", "environment": "test"}
SHARED: dict[str, Any] = {
    "ownership": OWNER,
    "namespace": "team-a",
    "queue": "team-a",
    "image": "registry.example/image@sha256:0a",
    "preset": "gpt2-tiny",
}
TRAIN: dict[str, Any] = {
    **SHARED,
    "train_data": "pvc://prose/data",
    "results": "pvc://prose/results",
    "worker": {"cpus": 1, "memory_gib": 4},
}
SERVE: dict[str, Any] = {
    **SHARED,
    "model": "pvc://prose/model",
    "claims": ["prose"],
    "replica": {"cpus": 1, "memory_gib": 4},
}
LABEL = {"azure.workload.identity/use": "true"}


def register(component: Any, args: dict[str, Any], **identity: Any) -> dict[str, dict[str, Any]]:
    engine = Recorder.installed()
    component("prose", {**args, **({"identity": identity} if identity else {})})
    engine.finish()
    return engine.objects


@pytest.mark.parametrize(("component", "args"), [(FineTuneWorkspace, TRAIN), (ServeWorkspace, SERVE)])
def test_account_and_pods_carry_the_identity(component: Any, args: dict[str, Any]):
    role = pulumi.Output.from_input("arn:aws:iam::123456789012:role/prose")
    objects = register(component, args, annotations={"eks.amazonaws.com/role-arn": role}, pod_labels=LABEL)
    plain = register(component, args)
    account = "ServiceAccount/team-a/prose"

    assert objects[account]["metadata"]["annotations"]["eks.amazonaws.com/role-arn"].endswith("role/prose")
    assert "role-arn" not in repr(plain[account])
    for bodies, labelled in ((objects, True), (plain, False)):
        workload = next(body for key, body in bodies.items() if key.startswith("Ray"))
        assert ("azure.workload.identity/use" in repr(workload["spec"])) is labelled
    assert _reaches_internet(objects)
    assert not _reaches_internet(plain)


def test_only_a_pod_label_changes_the_name_of_the_job():
    labelled, annotated, plain = (
        next(key for key in register(FineTuneWorkspace, TRAIN, **identity) if key.startswith("RayJob/"))
        for identity in ({"annotations": {"a": "b"}, "pod_labels": LABEL}, {"annotations": {"a": "b"}}, {})
    )
    assert labelled != plain
    assert annotated == plain


def _reaches_internet(objects: dict[str, dict[str, Any]]) -> bool:
    """Tell if pods may connect to the internet, where the cloud's token service is."""
    return "ipBlock" in repr(objects["NetworkPolicy/team-a/prose"]["spec"]["egress"])
