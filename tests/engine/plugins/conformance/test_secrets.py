"""Covered: secrets stay secret in state, outputs and errors; data of a Secret is secret without being marked."""

import base64

import pytest

from tests.engine.plugins.stack import manifest, output, secret

pytestmark = [pytest.mark.engine, pytest.mark.cluster]

PASSWORD = "correct-horse-battery-staple"


def leaks(text):
    return PASSWORD in text or base64.b64encode(PASSWORD.encode()).decode() in text


def test_secrets_are_neither_stored_nor_shown_in_clear(stack, namespace, cluster):
    metadata = {"namespace": namespace}
    stack.exports = {"copy": output("keys.data")}
    resources = [
        # Not marked by the program: a Secret's data is secret by nature.
        manifest(
            "keys",
            {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": {"a": PASSWORD}},
        ),
        # Marked by the program, in a kind that is not.
        manifest(
            "map",
            {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"a": secret(PASSWORD)}},
        ),
        # Marked inside a list.
        manifest(
            "pod",
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {**metadata, "annotations": {"pulumi.com/skipAwait": "true"}},
                "spec": {
                    "containers": [{"name": "main", "image": "demo", "env": [{"name": "A", "value": secret(PASSWORD)}]}]
                },
            },
        ),
    ]
    resources[0].outputs = ("data",)

    planned = stack.preview(*resources)
    run = stack.up(*resources)
    refreshed = stack.refresh()
    again = stack.up(*resources)

    assert again.changes == {}
    assert not leaks(stack.state_text)
    for one in (planned, run, refreshed, again):
        assert not leaks(one.text)
        assert not leaks(str(one.events))
    # The cluster itself has it.
    name = stack.state["map"]["id"].split("/")[1]
    assert cluster.get(f"/api/v1/namespaces/{namespace}/configmaps/{name}").json()["data"] == {"a": PASSWORD}
    secret_name = stack.state["keys"]["id"].split("/")[1]
    stored = cluster.get(f"/api/v1/namespaces/{namespace}/secrets/{secret_name}").json()["data"]
    assert base64.b64decode(stored["a"]).decode() == PASSWORD


def test_changed_secret_is_detected_and_not_shown(stack, namespace):
    stack.provider["enableConfigMapMutable"] = True
    one = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"namespace": namespace, "name": "map"}}
    stack.up(manifest("map", {**one, "data": {"a": secret("before-" + PASSWORD)}}))

    run = stack.up(manifest("map", {**one, "data": {"a": secret(PASSWORD)}}))

    assert run.operations("map") == ["update"]
    assert not leaks(run.text)
    assert not leaks(stack.state_text)
