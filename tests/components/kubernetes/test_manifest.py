"""Manifest: type tokens of any object, and the annotations by which Pulumi waits."""

import pulumi
import pytest
from modelyard.components.kubernetes.manifest import Manifest, child_options, no_wait, readiness, type_token, until
from modelyard.components.testing import Recorder

CONFIG_MAP = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "namespace": "n"}, "data": {"k": "v"}}
PRIORITY = {
    "apiVersion": "kueue.x-k8s.io/v1beta2",
    "kind": "WorkloadPriorityClass",
    "metadata": {"name": "p"},
    "value": 7,
}


@pytest.mark.parametrize(
    ("body", "token"),
    [
        (CONFIG_MAP, "kubernetes:core/v1:ConfigMap"),
        (PRIORITY, "kubernetes:kueue.x-k8s.io/v1beta2:WorkloadPriorityClass"),
    ],
)
def test_the_token_calls_the_empty_group_core(body, token):
    assert type_token(body) == token


@pytest.mark.parametrize(
    ("body", "missing"),
    [
        ({"kind": "A", "metadata": {"name": "a"}}, "apiVersion"),
        ({"apiVersion": "v1", "metadata": {"name": "a"}}, "kind"),
        ({"apiVersion": "v1", "kind": "A", "metadata": {}}, "metadata.name"),
        ({}, "apiVersion, kind, metadata.name"),
    ],
)
def test_an_incomplete_object_is_refused(body, missing):
    with pytest.raises(ValueError, match=f"not a Kubernetes object: {missing} missing"):
        type_token(body)


def test_fields_beside_spec_reach_the_engine_unchanged(engine: Recorder):
    Manifest("p", PRIORITY, pulumi.ResourceOptions(), wait=no_wait())
    engine.finish()
    assert engine.objects["WorkloadPriorityClass/p"] == {
        **PRIORITY,
        "metadata": {"name": "p", "annotations": {"pulumi.com/skipAwait": "true"}},
    }


@pytest.mark.parametrize(
    ("wait", "force", "annotations"),
    [
        (no_wait(), False, {"own": "kept", "pulumi.com/skipAwait": "true"}),
        (until("condition=Active"), False, {"own": "kept", "pulumi.com/waitFor": "condition=Active"}),
        (
            until("jsonpath={.status.phase}=Bound"),
            False,
            {"own": "kept", "pulumi.com/waitFor": "jsonpath={.status.phase}=Bound"},
        ),
        (readiness(), False, {"own": "kept"}),
        (no_wait(), True, {"own": "kept", "pulumi.com/skipAwait": "true", "pulumi.com/patchForce": "true"}),
    ],
)
def test_the_wait_becomes_an_annotation(engine: Recorder, wait, force, annotations):
    body = {**CONFIG_MAP, "metadata": {**CONFIG_MAP["metadata"], "annotations": {"own": "kept"}}}
    Manifest("a", body, pulumi.ResourceOptions(), wait=wait, force=force)
    engine.finish()
    assert engine.objects["ConfigMap/n/a"]["metadata"]["annotations"] == annotations
    assert body["metadata"]["annotations"] == {"own": "kept"}


@pytest.mark.parametrize("condition", ["Ready", "condition=", "jsonpath=.status", ""])
def test_a_malformed_condition_is_refused(condition):
    with pytest.raises(ValueError, match="cannot wait for"):
        until(condition)


def test_a_manifest_needs_a_wait():
    with pytest.raises(TypeError, match="wait"):
        Manifest("a", CONFIG_MAP, pulumi.ResourceOptions())  # type: ignore[call-arg]


def test_a_secret_value_stays_a_secret(engine: Recorder):
    body = {**CONFIG_MAP, "data": {"k": pulumi.Output.secret("very-secret")}}
    Manifest("a", body, pulumi.ResourceOptions(), wait=no_wait())
    engine.finish()
    assert engine.objects["ConfigMap/n/a"]["data"] == "<secret>"  # one secret makes the whole field one


def test_children_inherit_only_deleted_with(engine: Recorder):
    cluster = pulumi.ComponentResource("t:t:Cluster", "cluster")
    parent = pulumi.ComponentResource("t:t:Parent", "parent")
    opts = pulumi.ResourceOptions(deleted_with=cluster, protect=True, ignore_changes=["x"])
    child = child_options(parent, opts)
    engine.finish()
    assert (child.parent, child.deleted_with, child.protect, child.ignore_changes) == (parent, cluster, None, None)
