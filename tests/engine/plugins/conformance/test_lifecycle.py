"""Covered: automatic and fixed names, server-side dry run at preview, unchanged programs, in-place updates,
replacement (create first, or delete first when the name is fixed), removal.
"""

import pytest

from tests.engine.plugins.stack import manifest, output

pytestmark = [pytest.mark.engine, pytest.mark.cluster]


def config_map(namespace, data, name=None, **metadata):
    metadata = {"namespace": namespace, **metadata}
    if name:
        metadata["name"] = name
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}


def service_account(namespace, name=None, **labels):
    metadata = {"namespace": namespace, "labels": labels} | ({"name": name} if name else {})
    return {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata}


def test_automatic_name_has_a_suffix_and_stays(stack, namespace, cluster):
    stack.up(manifest("plain", service_account(namespace, team="a")))

    identifier = stack.state["plain"]["id"]
    assert identifier.startswith(f"{namespace}/plain-")
    assert len(identifier.removeprefix(f"{namespace}/plain-")) == 8
    live = cluster.get(f"/api/v1/namespaces/{namespace}/serviceaccounts/{identifier.split('/')[1]}").json()
    assert live["metadata"]["annotations"]["pulumi.com/autonamed"] == "true"

    changed = stack.up(manifest("plain", service_account(namespace, team="b")))

    assert changed.operations("plain") == ["update"]
    assert changed.differences("plain") == {"metadata.labels.team": "update"}
    assert stack.state["plain"]["id"] == identifier


def test_unchanged_program_changes_nothing(stack, namespace):
    resources = [
        manifest("account", service_account(namespace, "account", team="a")),
        manifest("map", config_map(namespace, {"a": "1"}, "map")),
    ]
    stack.up(*resources)

    assert stack.up(*resources).changes == {}
    assert stack.preview(*resources).changes == {}


def test_autonamed_object_is_replaced_before_deletion(stack, namespace, cluster):
    stack.up(manifest("map", config_map(namespace, {"a": "1"})))
    first = stack.state["map"]["id"]

    run = stack.up(manifest("map", config_map(namespace, {"a": "2"})))

    assert run.operations("map") == ["create-replacement", "replace", "delete-replaced"]
    assert run.differences("map") == {"data.a": "update-replace"}
    assert stack.state["map"]["id"] != first
    assert cluster.get(f"/api/v1/namespaces/{namespace}/configmaps/{first.split('/')[1]}").status_code == 404


def test_fixed_name_is_deleted_before_replacement(stack, namespace, cluster):
    stack.up(manifest("map", config_map(namespace, {"a": "1"}, "fixed")))

    planned = stack.preview(manifest("map", config_map(namespace, {"a": "2"}, "fixed")))
    run = stack.up(manifest("map", config_map(namespace, {"a": "2"}, "fixed")))

    assert planned.operations("map") == ["delete-replaced", "replace", "create-replacement"]
    assert run.operations("map") == ["delete-replaced", "replace", "create-replacement"]
    assert cluster.get(f"/api/v1/namespaces/{namespace}/configmaps/fixed").json()["data"] == {"a": "2"}


def test_preview_asks_the_server_and_creates_nothing(stack, namespace, cluster):
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"namespace": namespace, "name": "service"},
        "spec": {"ports": [{"port": 80}]},
    }

    run = stack.preview(manifest("service", service))

    # protocol and targetPort are the server's defaults: only a dry run knows them.
    assert run.new_outputs("service")["spec"]["ports"] == [{"port": 80, "protocol": "TCP", "targetPort": 80}]
    assert cluster.get(f"/api/v1/namespaces/{namespace}/services/service").status_code == 404


def test_manifest_that_the_server_refuses_fails_at_preview(stack, namespace):
    wrong = config_map(namespace, {"a": "1"}, "Not_A_Valid_Name")

    run = stack.preview(manifest("map", wrong), fails=True)

    assert "Not_A_Valid_Name" in run.text
    assert "RFC 1123" in run.text


def test_unknown_values_pass_a_preview(stack, namespace, cluster):
    space = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": f"{namespace}-unknown"}}
    resources = [
        manifest("space", space),
        manifest("map", config_map(output("space.metadata.name"), {"phase": output("space.status.phase")}, "map")),
    ]

    planned = stack.preview(*resources)
    stack.up(*resources)

    assert planned.operations("map") == ["create"]
    live = cluster.get(f"/api/v1/namespaces/{namespace}-unknown/configmaps/map").json()
    assert live["data"] == {"phase": "Active"}


def test_resource_that_leaves_the_program_is_deleted(stack, namespace, cluster):
    keep = manifest("keep", service_account(namespace, "keep"))
    stack.up(keep, manifest("drop", service_account(namespace, "drop")))

    run = stack.up(keep)

    assert run.operations("drop") == ["delete"]
    assert cluster.get(f"/api/v1/namespaces/{namespace}/serviceaccounts/drop").status_code == 404
    assert cluster.get(f"/api/v1/namespaces/{namespace}/serviceaccounts/keep").status_code == 200


def test_object_without_namespace_goes_to_the_default_one(stack, namespace, cluster):
    stack.provider["namespace"] = namespace
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "placed"}}
    role = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": namespace}}

    stack.up(manifest("placed", account), manifest("role", role))

    assert stack.state["placed"]["id"] == f"{namespace}/placed"
    assert stack.state["role"]["id"] == namespace
    assert stack.up(manifest("placed", account), manifest("role", role)).changes == {}
    stack.destroy()
