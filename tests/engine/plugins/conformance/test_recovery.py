"""Covered: an engine that is killed while it creates, objects that are still being deleted, warnings of the API server.

The stand-in goes further than the official provider here: an object that its own resource applied is taken up again
after a kill, where the official one reports that it already exists. Those tests do not run against the official one.
"""

import os
import signal
import time

import pytest

from tests.engine.plugins.stack import manifest

pytestmark = [pytest.mark.engine, pytest.mark.cluster]

only_ours = pytest.mark.skipif(
    os.environ.get("MODELYARD_CONFORMANCE_PLUGIN") == "official", reason="the official provider does not promise it"
)


def deployment(namespace):
    labels = {"app": "server"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "main", "image": "demo"}]}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "server", "namespace": namespace},
        "spec": {"replicas": 1, "selector": {"matchLabels": labels}, "template": template},
    }


@only_ours
def test_killed_up_converges_when_repeated(stack, namespace, cluster):
    path = f"/apis/apps/v1/namespaces/{namespace}/deployments/server"
    stack.write(manifest("server", deployment(namespace)))
    started = time.monotonic()
    child = stack.start("up", "--yes", "--skip-preview")
    while cluster.get(path).status_code != 200:
        assert time.monotonic() - started < 60
        time.sleep(0.1)
    os.killpg(child.pid, signal.SIGKILL)
    child.communicate()
    uid = cluster.get(path).json()["metadata"]["uid"]
    assert not stack.state.get("server", {}).get("id")

    stack.command("cancel", "--yes")  # the killed engine has left its lock
    document = deployment(namespace)
    document["metadata"]["annotations"] = {"pulumi.com/skipAwait": "true"}
    document["spec"]["replicas"] = 2
    stack.up(manifest("server", document))

    live = cluster.get(path).json()
    assert live["metadata"]["uid"] == uid
    assert live["spec"]["replicas"] == 2
    stack.destroy()
    limit = time.monotonic() + 30  # skipAwait skips the wait for the deletion of a Deployment, too
    while cluster.get(path).status_code != 404:
        assert time.monotonic() < limit
        time.sleep(0.2)


@only_ours
def test_creation_waits_for_deletion_of_its_predecessor(stack, namespace, cluster):
    path = f"/api/v1/namespaces/{namespace}/configmaps/map"
    document = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "map", "namespace": namespace}}
    old = {**document, "metadata": {**document["metadata"], "finalizers": ["example.org/cleanup"]}}
    cluster.post(f"/api/v1/namespaces/{namespace}/configmaps", json=old).raise_for_status()
    cluster.delete(path).raise_for_status()
    stack.write(manifest("map", document))
    started = time.monotonic()
    child = stack.start("up", "--yes", "--skip-preview")
    time.sleep(5)
    cluster.patch(
        path, json={"metadata": {"finalizers": None}}, headers={"Content-Type": "application/merge-patch+json"}
    ).raise_for_status()

    run = stack.finish(child, started)

    assert run.code == 0, run.text
    live = cluster.get(path).json()
    assert "deletionTimestamp" not in live["metadata"]


@only_ours
def test_deleted_object_is_recreated_by_its_next_change(stack, namespace, cluster):
    path = f"/api/v1/namespaces/{namespace}/serviceaccounts/account"
    metadata = {"name": "account", "namespace": namespace}
    document = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata}
    stack.up(manifest("account", document))
    cluster.delete(path).raise_for_status()

    stack.up(manifest("account", {**document, "metadata": {**metadata, "labels": {"a": "b"}}}))

    assert cluster.get(path).json()["metadata"]["labels"] == {"a": "b"}


def test_unready_job_is_replaced_on_request(stack, namespace, cluster):
    def job(**annotations):
        template = {"spec": {"restartPolicy": "Never", "containers": [{"name": "main", "image": "demo"}]}}
        metadata = {"name": "job", "namespace": namespace, "annotations": annotations}
        return {"apiVersion": "batch/v1", "kind": "Job", "metadata": metadata, "spec": {"template": template}}

    skip = {"pulumi.com/skipAwait": "true"}
    stack.up(manifest("job", job(**skip)))

    assert stack.preview(manifest("job", job(**skip))).changes == {}
    replaced = stack.preview(manifest("job", job(**skip, **{"pulumi.com/replaceUnready": "true"})))
    assert replaced.operations("job") == ["delete-replaced", "replace", "create-replacement"]


def test_api_warnings_are_shown_unless_disabled(stack, namespace, cluster):
    level = {"pod-security.kubernetes.io/warn": "restricted"}
    cluster.patch(
        f"/api/v1/namespaces/{namespace}",
        json={"metadata": {"labels": level}},
        headers={"Content-Type": "application/merge-patch+json"},
    ).raise_for_status()
    server = deployment(namespace)
    server["metadata"]["annotations"] = {"pulumi.com/skipAwait": "true"}

    shown = stack.preview(manifest("server", server))
    stack.provider["suppressDeprecationWarnings"] = True
    quiet = stack.preview(manifest("server", server))

    assert any("would violate PodSecurity" in message for message in shown.messages("warning"))
    assert not any("would violate PodSecurity" in message for message in quiet.messages("warning"))
