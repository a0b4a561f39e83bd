"""Covered: replacement when a field changes that Kubernetes lets nobody change, for the built-in kinds; data of
ConfigMaps and Secrets, with the provider's options; equality of numbers.
"""

import copy

import pytest

from tests.engine.plugins.stack import manifest

pytestmark = [pytest.mark.engine, pytest.mark.cluster]

POD = {"restartPolicy": "Never", "containers": [{"name": "main", "image": "demo:1"}]}
TEMPLATE = {"metadata": {"labels": {"app": "demo"}}, "spec": {"containers": [{"name": "main", "image": "demo:1"}]}}
SELECTOR = {"matchLabels": {"app": "demo"}}
SKIP = {"pulumi.com/skipAwait": "true"}


def document(api_version, kind, namespace=None, **fields):
    metadata = {"name": "object", "annotations": SKIP} | ({"namespace": namespace} if namespace else {})
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **fields}


def changed(original, path, value):
    result = copy.deepcopy(original)
    target = result
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = value
    return result


def test_immutable_fields_replace_and_others_do_not(stack, namespace, cluster):
    relabelled = {"metadata": {"labels": {"app": "other"}}, "spec": TEMPLATE["spec"]}
    claim = {"accessModes": ["ReadWriteOnce"], "storageClassName": "", "resources": {"requests": {"storage": "1Gi"}}}
    job = document("batch/v1", "Job", namespace, spec={"suspend": True, "template": {"spec": POD}})
    deployment = document("apps/v1", "Deployment", namespace, spec={"selector": SELECTOR, "template": TEMPLATE})
    account_role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role"}
    cases = {
        # name: original, what replaces it
        "deployment": (
            deployment,
            changed(
                changed(deployment, ("spec", "selector"), {"matchLabels": {"app": "other"}}),
                ("spec", "template"),
                relabelled,
            ),
            "spec.selector.matchLabels.app",
        ),
        "job": (
            job,
            changed(job, ("spec", "template", "spec", "containers", 0, "image"), "demo:2"),
            "spec.template.spec.containers[0].image",
        ),
        "claim": (
            document("v1", "PersistentVolumeClaim", namespace, spec=claim),
            document("v1", "PersistentVolumeClaim", namespace, spec={**claim, "accessModes": ["ReadWriteMany"]}),
            "spec.accessModes[0]",
        ),
        "service": (
            document("v1", "Service", namespace, spec={"ports": [{"port": 80}]}),
            document("v1", "Service", namespace, spec={"ports": [{"port": 80}], "clusterIP": "None"}),
            "spec.clusterIP",
        ),
        "binding": (
            document("rbac.authorization.k8s.io/v1", "RoleBinding", namespace, roleRef={**account_role, "name": "a"}),
            document("rbac.authorization.k8s.io/v1", "RoleBinding", namespace, roleRef={**account_role, "name": "b"}),
            "roleRef.name",
        ),
        "secret": (
            document("v1", "Secret", namespace, type="Opaque", data={"a": "MQ=="}),
            document("v1", "Secret", namespace, type="example.org/other", data={"a": "MQ=="}),
            "type",
        ),
    }
    # Every kind in a program of its own state, all at once.
    stack.up(*(manifest(name, original) for name, (original, _, _) in cases.items()))

    run = stack.up(*(manifest(name, new) for name, (_, new, _) in cases.items()))

    for name, (_, _, path) in cases.items():
        assert run.operations(name) == ["delete-replaced", "replace", "create-replacement"], name
        assert run.differences(name)[path].endswith("-replace"), name

    mutable = {
        "deployment": changed(cases["deployment"][1], ("spec", "revisionHistoryLimit"), 3),
        "service": changed(cases["service"][1], ("metadata", "labels"), {"a": "b"}),
        "claim": changed(cases["claim"][1], ("metadata", "labels"), {"a": "b"}),
    }
    later = stack.up(*(manifest(name, mutable.get(name, new)) for name, (_, new, _) in cases.items()))

    assert later.changes == {"update": len(mutable)}


def test_new_name_or_namespace_replaces_the_object(stack, namespace):
    account = document("v1", "ServiceAccount", namespace)
    stack.up(manifest("account", account))

    run = stack.preview(manifest("account", changed(account, ("metadata", "name"), "renamed")))
    moved = stack.preview(manifest("account", changed(account, ("metadata", "namespace"), "default")))

    assert run.differences("account") == {"metadata.name": "update-replace"}
    assert run.operations("account") == ["create-replacement", "replace", "delete-replaced"]
    assert moved.differences("account") == {"metadata.namespace": "update-replace"}


@pytest.mark.parametrize(
    ("kind", "option", "data"),
    [("ConfigMap", "enableConfigMapMutable", {"a": "1"}), ("Secret", "enableSecretMutable", {"a": "MQ=="})],
)
def test_data_replaces_unless_the_provider_allows_updates(stack, namespace, kind, option, data):
    original = document("v1", kind, namespace, data=data)
    stack.up(manifest("data", original))

    replaced = stack.preview(manifest("data", changed(original, ("data", "a"), "Mg==")))
    stack.provider[option] = True
    updated = stack.up(manifest("data", changed(original, ("data", "a"), "Mg==")))

    assert replaced.operations("data") == ["delete-replaced", "replace", "create-replacement"]
    assert updated.operations("data") == ["update"]


def test_string_data_follows_changes_and_removals(stack, namespace, cluster):
    stack.provider["enableSecretMutable"] = True
    stack.up(manifest("data", document("v1", "Secret", namespace, stringData={"a": "one", "b": "two"})))

    stack.up(manifest("data", document("v1", "Secret", namespace, stringData={"a": "three"})))

    assert cluster.get(f"/api/v1/namespaces/{namespace}/secrets/object").json()["data"] == {"a": "dGhyZWU="}
