"""Covered: kubeconfig as path and as content, contexts, clusters that cannot be reached, wrong credentials, options
that are refused, and which changes of a provider replace its objects.
"""

import pytest
import yaml

from tests.engine.plugins.stack import manifest, secret

pytestmark = [pytest.mark.engine, pytest.mark.cluster]


def account(namespace):
    metadata = {"namespace": namespace, "name": "account"}
    return manifest("account", {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata})


def test_unreachable_cluster_fails_in_seconds_by_name(stack, namespace, api_server, tmp_path):
    config = yaml.safe_load(api_server.kubeconfig.read_text())
    config["clusters"][0]["cluster"]["server"] = "https://127.0.0.1:1"
    file = tmp_path / "nowhere.yaml"
    file.write_text(yaml.safe_dump(config))
    stack.provider["kubeconfig"] = str(file)

    run = stack.preview(account(namespace), fails=True)

    assert run.seconds < 15
    assert "https://127.0.0.1:1" in run.text
    assert str(file) in run.text
    assert "cannot be reached" in run.text


def test_kubeconfig_that_does_not_exist_is_named(stack, namespace, tmp_path):
    stack.provider["kubeconfig"] = str(tmp_path / "absent.yaml")

    run = stack.preview(account(namespace), fails=True)

    assert str(tmp_path / "absent.yaml") in run.text
    assert "does not exist" in run.text


def test_refused_token_is_reported_and_not_shown(stack, namespace, api_server):
    config = yaml.safe_load(api_server.kubeconfig.read_text())
    config["users"][0]["user"]["token"] = "not-the-right-token"
    stack.provider["kubeconfig"] = secret(yaml.safe_dump(config))

    run = stack.up(account(namespace), fails=True)

    assert "credentials" in run.text
    assert "not-the-right-token" not in run.text


def test_secret_content_context_and_namespace_of_a_kubeconfig(stack, namespace, api_server):
    config = yaml.safe_load(api_server.kubeconfig.read_text())
    token = config["users"][0]["user"]["token"]
    config["contexts"].append({"name": "team", "context": {"cluster": "test", "user": "admin", "namespace": namespace}})
    config["current-context"] = "missing"
    stack.provider = {"kubeconfig": secret(yaml.safe_dump(config)), "context": "team"}
    document = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "account"}}

    stack.up(manifest("account", document))

    assert stack.state["account"]["id"] == f"{namespace}/account"
    assert token not in stack.state_text


def test_only_another_cluster_replaces_objects(stack, namespace, api_server, tmp_path):
    config = yaml.safe_load(api_server.kubeconfig.read_text())
    stack.up(account(namespace))

    config["users"].append({"name": "unused", "user": {}})
    file = tmp_path / "other.yaml"
    file.write_text(yaml.safe_dump(config))
    stack.provider["kubeconfig"] = str(file)
    renewed = stack.up(account(namespace))
    # localhost is the same server by another name, which is all that a kubeconfig can tell.
    cluster = config["clusters"][0]["cluster"]
    cluster["server"] = cluster["server"].replace("127.0.0.1", "localhost")
    moved_file = tmp_path / "moved.yaml"
    moved_file.write_text(yaml.safe_dump(config))
    stack.provider["kubeconfig"] = str(moved_file)
    moved = stack.preview(account(namespace))
    stack.provider["clusterIdentifier"] = "one"
    stack.provider["kubeconfig"] = str(file)
    stack.up(account(namespace))
    stack.provider["clusterIdentifier"] = "two"
    identified = stack.preview(account(namespace))

    assert renewed.changes == {"update": 1}
    assert moved.operations("cluster")[0] == "create-replacement"
    assert identified.operations("cluster")[0] == "create-replacement"


def test_rendering_to_files_is_refused(stack, namespace, tmp_path):
    stack.provider["renderYamlToDirectory"] = str(tmp_path / "out")

    run = stack.preview(account(namespace), fails=True)

    assert "renderYamlToDirectory" in run.text
