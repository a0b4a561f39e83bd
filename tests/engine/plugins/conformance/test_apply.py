"""Covered: server-side apply and its field managers: other managers' fields survive, conflicts name the managers,
`pulumi.com/patchForce`, removed fields, objects that exist already, upsert, Patch resources, nulls.
"""

import pytest

from tests.engine.plugins.stack import Resource, manifest

pytestmark = [pytest.mark.engine, pytest.mark.cluster]


def service(namespace, **spec):
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"namespace": namespace, "name": "service"},
        "spec": {"ports": [{"port": 80, "name": "http"}], **spec},
    }


def deployment(namespace, name, replicas=None, annotations=None, image="demo:1"):
    spec = {
        "selector": {"matchLabels": {"app": name}},
        "template": {
            "metadata": {"labels": {"app": name}},
            "spec": {"containers": [{"name": "main", "image": image}]},
        },
    }
    if replicas is not None:
        spec["replicas"] = replicas
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {
            "namespace": namespace,
            "name": name,
            "annotations": {"pulumi.com/skipAwait": "true", **(annotations or {})},
        },
        "spec": spec,
    }


def apply_as(cluster, manager, path, body):
    done = cluster.patch(
        path,
        params={"fieldManager": manager, "force": "true"},
        json=body,
        headers={"Content-Type": "application/apply-patch+yaml"},
    )
    done.raise_for_status()
    return done.json()


def scale(namespace, name, replicas):
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"namespace": namespace, "name": name},
        "spec": {"replicas": replicas},
    }


def test_fields_of_other_managers_survive_and_removed_fields_go(stack, namespace, cluster):
    path = f"/api/v1/namespaces/{namespace}/services/service"
    stack.up(manifest("service", service(namespace, sessionAffinity="ClientIP", type="ClusterIP")))
    apply_as(
        cluster,
        "another",
        path,
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": "service", "namespace": namespace, "labels": {"theirs": "1"}},
        },
    )

    run = stack.up(manifest("service", service(namespace, publishNotReadyAddresses=True)))

    live = cluster.get(path).json()
    assert run.differences("service") == {
        "spec.sessionAffinity": "delete",
        "spec.type": "delete",
        "spec.publishNotReadyAddresses": "add",
    }
    assert live["metadata"]["labels"] == {"theirs": "1"}
    assert live["spec"]["sessionAffinity"] == "None"
    assert live["spec"]["publishNotReadyAddresses"] is True


def test_conflict_is_named_and_resolved_by_force(stack, namespace, cluster):
    path = f"/apis/apps/v1/namespaces/{namespace}/deployments/server"
    stack.up(manifest("server", deployment(namespace, "server", replicas=1)))
    apply_as(cluster, "autoscaler", path, scale(namespace, "server", 5))

    refused = stack.up(manifest("server", deployment(namespace, "server", replicas=2)), fails=True)

    assert ".spec.replicas" in refused.text
    assert "autoscaler" in refused.text
    assert cluster.get(path).json()["spec"]["replicas"] == 5

    forced = deployment(namespace, "server", replicas=2, annotations={"pulumi.com/patchForce": "true"})
    stack.up(manifest("server", forced))

    assert cluster.get(path).json()["spec"]["replicas"] == 2


def test_ignored_change_leaves_the_field_to_its_other_manager(stack, namespace, cluster):
    path = f"/apis/apps/v1/namespaces/{namespace}/deployments/server"
    options = {"ignore_changes": ["spec.replicas"]}
    stack.up(manifest("server", deployment(namespace, "server", replicas=1), **options))
    apply_as(cluster, "autoscaler", path, scale(namespace, "server", 5))

    same = stack.up(manifest("server", deployment(namespace, "server", replicas=3), **options))
    image = stack.up(manifest("server", deployment(namespace, "server", replicas=3, image="demo:2"), **options))

    live = cluster.get(path).json()["spec"]
    assert same.changes == {}
    assert image.differences("server") == {"spec.template.spec.containers[0].image": "update"}
    assert (live["replicas"], live["template"]["spec"]["containers"][0]["image"]) == (5, "demo:2")


def test_existing_object_is_adopted_only_on_request(stack, namespace, cluster):
    cluster.post(f"/api/v1/namespaces/{namespace}/services", json=service(namespace)).raise_for_status()

    refused = stack.up(manifest("service", service(namespace)), fails=True)

    assert "already exists" in refused.text
    assert "service" not in stack.state

    stack.provider["upsertExistingObjects"] = True
    assert stack.up(manifest("service", service(namespace))).operations("service") == ["create"]


def test_patch_resource_owns_its_fields_and_returns_them(stack, namespace, cluster):
    path = f"/api/v1/namespaces/{namespace}/services/service"
    cluster.post(f"/api/v1/namespaces/{namespace}/services", json=service(namespace)).raise_for_status()
    patch = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"namespace": namespace, "name": "service", "labels": {"ours": "1"}},
    }

    stack.up(Resource("patch", "kubernetes:core/v1:ServicePatch", patch))
    patched = cluster.get(path).json()
    stack.up()

    assert patched["metadata"]["labels"] == {"ours": "1"}
    after = cluster.get(path).json()
    assert "labels" not in after["metadata"]
    assert after["spec"]["ports"] == patched["spec"]["ports"]


def test_patch_without_name_is_refused(stack, namespace):
    patch = {"apiVersion": "v1", "kind": "Service", "metadata": {"namespace": namespace}}

    run = stack.preview(Resource("patch", "kubernetes:core/v1:ServicePatch", patch), fails=True)

    assert "metadata.name" in run.text


def test_deleted_object_is_recreated_after_a_refresh(stack, namespace, cluster):
    one = manifest("service", service(namespace))
    stack.up(one)
    cluster.delete(f"/api/v1/namespaces/{namespace}/services/service").raise_for_status()

    stack.refresh()
    assert "service" not in stack.state
    assert stack.up(one).operations("service") == ["create"]
