"""A client by a kubeconfig: who logs in how, and that nothing secret is shown when it fails."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest
from modelyard.components.kubernetes.api_client import LoginError, connect


def kubeconfig(user: dict[str, Any]) -> str:
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "dev",
        "clusters": [{"name": "dev", "cluster": {"server": "https://dev.example:443"}}],
        "users": [{"name": "me", "user": user}],
        "contexts": [{"name": "dev", "context": {"cluster": "dev", "user": "me"}}],
    }
    return json.dumps(document)


def program(folder: Path, text: str) -> dict[str, Any]:
    """A login program that is this shell script."""
    file = folder / "login"
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(stat.S_IRWXU)
    return {"apiVersion": "client.authentication.k8s.io/v1beta1", "command": str(file), "args": ["get-token"]}


def test_the_token_of_the_kubeconfig_is_sent():
    api = connect(kubeconfig({"token": "very-secret"}))
    assert api.headers["Authorization"] == "Bearer very-secret"
    assert api.base_url.host == "dev.example"


def test_a_login_program_gives_the_token(tmp_path: Path):
    script = """test "$1" = get-token && test -n "$KUBERNETES_EXEC_INFO" && test "$ROLE" = admin || exit 3
echo '{"kind": "ExecCredential", "status": {"token": "fresh"}}'"""
    login = {**program(tmp_path, script), "env": [{"name": "ROLE", "value": "admin"}]}
    assert connect(kubeconfig({"exec": login})).headers["Authorization"] == "Bearer fresh"


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        pytest.param("echo very-secret >&2; exit 7", "failed: exit status 7", id="exit status"),
        pytest.param("echo very-secret", "failed: no token", id="no JSON"),
        pytest.param('echo \'{"status": "very-secret"}\'', "failed: no token", id="no token"),
    ],
)
def test_a_failed_login_shows_no_output(tmp_path: Path, script: str, reason: str):
    with pytest.raises(LoginError) as refusal:
        connect(kubeconfig({"exec": program(tmp_path, script)}))
    assert reason in str(refusal.value)
    assert "very-secret" not in str(refusal.value)
    assert refusal.value.__cause__ is None


def test_a_missing_login_program_is_named_with_the_hint():
    login = {"command": "kubelogin-that-nobody-has", "installHint": "install kubelogin"}
    with pytest.raises(LoginError, match="'kubelogin-that-nobody-has': install kubelogin"):
        connect(kubeconfig({"exec": login}))
