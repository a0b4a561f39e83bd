"""Covered: deletion waits for finalizers and names them when the time is up; propagation policy; objects that are gone;
a cluster that is gone.
"""

import threading
import time

import pytest
import yaml

from tests.engine.plugins.stack import manifest

pytestmark = [pytest.mark.engine, pytest.mark.cluster]

FINALIZER = "example.org/cleanup"


def config_map(namespace, **metadata):
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"namespace": namespace, "name": "map", **metadata}}


def drop_finalizers(cluster, path):
    cluster.patch(
        path,
        json={"metadata": {"finalizers": None}},
        headers={"Content-Type": "application/merge-patch+json"},
    ).raise_for_status()


def test_deletion_waits_for_finalizers(stack, namespace, cluster):
    path = f"/api/v1/namespaces/{namespace}/configmaps/map"
    stack.up(manifest("map", config_map(namespace, finalizers=[FINALIZER])))
    controller = threading.Timer(4, drop_finalizers, (cluster, path))
    controller.start()

    run = stack.up()
    controller.join()

    assert run.operations("map") == ["delete"]
    assert run.seconds > 3
    assert cluster.get(path).status_code == 404


def test_late_deletion_names_finalizers_and_can_be_repeated(stack, namespace, cluster):
    path = f"/api/v1/namespaces/{namespace}/configmaps/map"
    stack.up(manifest("map", config_map(namespace, finalizers=[FINALIZER]), custom_timeouts={"delete": "2s"}))

    run = stack.destroy(fails=True)

    assert FINALIZER in run.text
    assert "map" in stack.state
    drop_finalizers(cluster, path)
    stack.destroy()
    assert stack.state == {}


def test_absent_object_counts_as_deleted(stack, namespace, cluster):
    stack.up(manifest("map", config_map(namespace)))
    cluster.delete(f"/api/v1/namespaces/{namespace}/configmaps/map").raise_for_status()

    stack.destroy()

    assert stack.state == {}


def test_orphan_policy_keeps_dependents(stack, namespace, cluster):
    owner = config_map(namespace, annotations={"pulumi.com/deletionPropagationPolicy": "orphan"})
    stack.up(manifest("map", owner))
    path = f"/api/v1/namespaces/{namespace}/configmaps"
    uid = cluster.get(f"{path}/map").json()["metadata"]["uid"]
    reference = {"apiVersion": "v1", "kind": "ConfigMap", "name": "map", "uid": uid}
    dependent = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "dependent", "ownerReferences": [reference]},
    }
    cluster.post(path, json=dependent).raise_for_status()

    stack.destroy()

    time.sleep(1)  # the garbage collector would need less
    survivor = cluster.get(f"{path}/dependent").json()
    assert "ownerReferences" not in survivor["metadata"]


def test_resources_of_a_lost_cluster_are_dropped_on_request(stack, namespace, api_server, tmp_path):
    file = tmp_path / "kubeconfig"
    config = yaml.safe_load(api_server.kubeconfig.read_text())
    file.write_text(yaml.safe_dump(config))
    stack.provider["kubeconfig"] = str(file)
    stack.up(manifest("map", config_map(namespace)))
    config["clusters"][0]["cluster"]["server"] = "https://127.0.0.1:1"
    file.write_text(yaml.safe_dump(config))

    refused = stack.destroy(fails=True)
    stack.extra_environment = {"PULUMI_K8S_DELETE_UNREACHABLE": "true"}
    stack.destroy()

    assert refused.seconds < 15
    assert "https://127.0.0.1:1" in refused.text
    assert "PULUMI_K8S_DELETE_UNREACHABLE" in refused.text
    assert stack.state == {}
