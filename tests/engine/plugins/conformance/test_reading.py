"""Covered: refresh (drift, spelling of quantities, objects that are gone), import, and the repair by the next `up`."""

import pytest

from tests.engine.plugins.stack import manifest

pytestmark = [pytest.mark.engine, pytest.mark.cluster]


def limits(namespace, cpu="2000m", memory="1Gi"):
    return {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"namespace": namespace, "name": "quota", "annotations": {"pulumi.com/skipAwait": "true"}},
        "spec": {"hard": {"requests.cpu": cpu, "requests.memory": memory}},
    }


def merge(cluster, path, body):
    done = cluster.patch(path, json=body, headers={"Content-Type": "application/merge-patch+json"})
    done.raise_for_status()


def test_refresh_finds_drift_and_up_repairs_it(stack, namespace, cluster):
    path = f"/api/v1/namespaces/{namespace}/resourcequotas/quota"
    quota = manifest("quota", limits(namespace))
    stack.up(quota)

    assert stack.refresh().changes == {}
    assert stack.up(quota).changes == {}, "2000m is written back as 2, which is no drift"

    merge(cluster, path, {"spec": {"hard": {"requests.cpu": "7"}}})
    drifted = stack.refresh()

    assert drifted.changes == {"update": 1}
    assert stack.state["quota"]["inputs"]["spec"]["hard"]["requests.cpu"] == "7"

    repaired = stack.up(manifest("quota", {**limits(namespace), "metadata": forced(limits(namespace)["metadata"])}))

    assert "update" in repaired.operations("quota")
    assert cluster.get(path).json()["spec"]["hard"]["requests.cpu"] == "2"


def forced(metadata):
    return {**metadata, "annotations": {**metadata["annotations"], "pulumi.com/patchForce": "true"}}


def test_additions_of_others_are_no_drift(stack, namespace, cluster):
    quota = manifest("quota", limits(namespace))
    stack.up(quota)

    merge(
        cluster,
        f"/api/v1/namespaces/{namespace}/resourcequotas/quota",
        {"metadata": {"labels": {"theirs": "1"}}},
    )
    stack.refresh()

    assert stack.up(quota).changes == {}


def test_existing_object_is_imported_and_then_unchanged(stack, namespace, cluster):
    document = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"namespace": namespace, "name": "found"},
        "data": {"a": "1"},
    }
    cluster.post(f"/api/v1/namespaces/{namespace}/configmaps", json=document).raise_for_status()

    run = stack.up(manifest("found", document, import_=f"{namespace}/found"))

    assert run.operations("found") == ["import"]
    assert stack.state["found"]["id"] == f"{namespace}/found"
    assert stack.up(manifest("found", document)).changes == {}
    relabelled = {**document, "metadata": {**document["metadata"], "labels": {"a": "b"}}}
    assert stack.up(manifest("found", relabelled)).operations("found") == ["update"]
