import base64
import datetime
import json
import sys

import pytest
import yaml

from tools.plugins.kubernetes import configuration
from tools.plugins.kubernetes.credentials import TokenSource, tls_context
from tools.plugins.kubernetes.errors import KubeconfigError
from tools.plugins.kubernetes.kubeconfig import load, standalone
from tools.plugins.wire import UNKNOWN, Secret


def document(server="https://127.0.0.1:6443", user=None, **cluster):
    return {
        "current-context": "one",
        "clusters": [{"name": "c", "cluster": {"server": server, **cluster}}],
        "users": [{"name": "u", "user": user or {"token": "hidden-token"}}],
        "contexts": [
            {"name": "one", "context": {"cluster": "c", "user": "u"}},
            {"name": "two", "context": {"cluster": "c", "user": "u", "namespace": "team"}},
        ],
    }


@pytest.mark.parametrize("form", [yaml.safe_dump, json.dumps, dict])
def test_content_in_any_form(form):
    found = load(form(document()))

    assert (found.server, found.context, found.namespace) == ("https://127.0.0.1:6443", "one", "default")
    assert found.credentials.token == "hidden-token"
    assert "hidden-token" not in repr(found)


def test_path_context_and_relative_files(tmp_path):
    (tmp_path / "ca.crt").write_bytes(b"authority")
    (tmp_path / "config").write_text(yaml.safe_dump(document(**{"certificate-authority": "ca.crt"})))

    found = load(str(tmp_path / "config"), context="two")

    assert found.namespace == "team"
    assert found.authority == b"authority"
    alone = standalone(str(tmp_path / "config"), context="two")
    assert alone["current-context"] == "two"
    assert alone["clusters"][0]["cluster"]["certificate-authority"] == str(tmp_path / "ca.crt")


def test_environment_joins_several_files(tmp_path, monkeypatch):
    first, second = document(), document(server="https://127.0.0.1:2")
    first["contexts"], first["current-context"] = [], "two"
    for name, content in (("a", first), ("b", second)):
        (tmp_path / name).write_text(yaml.safe_dump(content))
    monkeypatch.setenv("KUBECONFIG", f"{tmp_path / 'a'}:{tmp_path / 'b'}:{tmp_path / 'absent'}")

    found = load(None)

    # The first definition of a name counts.
    assert (found.server, found.namespace) == ("https://127.0.0.1:6443", "team")


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("/does/not/exist", "does not exist"),
        ("a: [\nb", "neither YAML nor JSON"),
        ("{broken", "neither YAML nor JSON"),
        ("- a\n- b", "not a mapping"),
        (yaml.safe_dump({**document(), "current-context": "three"}), "no context 'three'; it has: one, two"),
        (yaml.safe_dump({**document(), "clusters": []}), "no cluster 'c'"),
        (yaml.safe_dump(document(server="")), "names no server"),
        (yaml.safe_dump(document(**{"certificate-authority": "/absent.crt"})), "/absent.crt"),
        (yaml.safe_dump(document(**{"certificate-authority-data": "%%%"})), "not base64"),
    ],
)
def test_errors_name_the_fault_and_hide_credentials(value, message):
    with pytest.raises(KubeconfigError) as caught:
        load(value)

    assert message in str(caught.value)
    assert "hidden-token" not in str(caught.value)


def test_authority_that_is_no_certificate_is_named():
    with pytest.raises(KubeconfigError, match="no PEM certificate"):
        tls_context(load(document(**{"certificate-authority-data": "bm9uZQ=="})), None, None)


def test_missing_kubeconfig_names_the_searched_paths(tmp_path, monkeypatch):
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "nothing"))

    with pytest.raises(KubeconfigError, match="nothing does not exist"):
        load(None)


def command(tmp_path, code):
    script = tmp_path / "credentials.py"
    script.write_text(code)
    return {"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": sys.executable, "args": [str(script)]}}


def credential(token, until):
    status = {"token": token, "expirationTimestamp": until.isoformat()}
    return json.dumps({"kind": "ExecCredential", "status": status})


def test_credential_command_is_run_again_when_its_token_expires(tmp_path):
    later = datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=1)
    calls = tmp_path / "calls"
    code = f"open({str(calls)!r}, 'a').write('x')\nprint({credential('fresh', later)!r})"
    source = TokenSource(load(document(user=command(tmp_path, code))))

    assert source.headers() == source.headers() == {"Authorization": "Bearer fresh"}
    assert calls.read_text() == "x"
    source.forget()
    source.headers()
    assert calls.read_text() == "xx"

    old = datetime.datetime.now(datetime.UTC) - datetime.timedelta(hours=1)
    expired = TokenSource(load(document(user=command(tmp_path, code.replace(later.isoformat(), old.isoformat())))))
    expired.headers()
    expired.headers()
    assert calls.read_text() == "xxxx"


@pytest.mark.parametrize(
    ("user", "message"),
    [
        ({"exec": {"command": "no-such-program", "installHint": "install it"}}, "not installed: install it"),
        ({"exec": {"command": "false"}}, "failed with code 1"),
        ({"exec": {"command": "true"}}, "did not print an ExecCredential"),
        ({"tokenFile": "/absent"}, "tokenFile /absent"),
    ],
)
def test_unavailable_credentials(user, message):
    with pytest.raises(KubeconfigError, match=message):
        TokenSource(load(document(user=user))).headers()


def test_token_file_is_read_for_every_request(tmp_path):
    file = tmp_path / "token"
    file.write_text("one\n")
    source = TokenSource(load(document(user={"tokenFile": str(file)})))

    assert source.headers() == {"Authorization": "Bearer one"}
    file.write_text("two\n")
    assert source.headers() == {"Authorization": "Bearer two"}


def test_flags_come_from_inputs_then_from_the_environment(monkeypatch):
    monkeypatch.setenv("PULUMI_K8S_DELETE_UNREACHABLE", "true")
    monkeypatch.setenv("PULUMI_K8S_UPSERT_EXISTING_OBJECTS", "true")

    read = configuration.read({"upsertExistingObjects": "false", "enablePatchForce": True, "kubeconfig": Secret("x")})

    assert (read.delete_unreachable, read.upsert_existing, read.patch_force) == (True, False, True)
    assert "x" not in repr(read).removeprefix("Configuration")


AUTHORITY = {"certificate-authority-data": base64.b64encode(b"one").decode()}


@pytest.mark.parametrize(
    ("old", "new", "changed", "replaces"),
    [
        ({"kubeconfig": document()}, {"kubeconfig": document()}, [], []),
        (
            {"kubeconfig": document()},
            {"kubeconfig": document(user={"token": "renewed"})},
            ["kubeconfig"],
            [],
        ),
        (
            {"kubeconfig": document()},
            {"kubeconfig": document(server="https://127.0.0.1:1")},
            ["kubeconfig"],
            ["kubeconfig"],
        ),
        ({"kubeconfig": document()}, {"kubeconfig": document(**AUTHORITY)}, ["kubeconfig"], ["kubeconfig"]),
        ({"kubeconfig": document()}, {"kubeconfig": UNKNOWN}, ["kubeconfig"], ["kubeconfig"]),
        (
            {"kubeconfig": document(), "clusterIdentifier": "a"},
            {"kubeconfig": document(server="https://127.0.0.1:1"), "clusterIdentifier": "a"},
            ["kubeconfig"],
            [],
        ),
        (
            {"kubeconfig": document(), "clusterIdentifier": "a"},
            {"kubeconfig": document(), "clusterIdentifier": "b"},
            ["clusterIdentifier"],
            ["clusterIdentifier"],
        ),
        ({"kubeconfig": document()}, {"kubeconfig": document(), "clusterIdentifier": "b"}, ["clusterIdentifier"], []),
        ({"namespace": "a", "kubeconfig": document()}, {"kubeconfig": document()}, ["namespace"], []),
    ],
)
def test_only_another_cluster_replaces(old, new, changed, replaces):
    assert configuration.changes(old, new) == (changed, replaces)
