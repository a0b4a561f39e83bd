"""An HTTP client of a cluster's API, made from a kubeconfig: for what must happen while Pulumi deletes something.

Pulumi's provider for Kubernetes knows objects of the stack only; nodes and the pods on them are not.
"""

import base64
import json
import os
import ssl
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import httpx
import yaml
from modelyard.components.kubernetes import kubeconfig as kubeconfigs
from modelyard.components.kubernetes.kubeconfig import KubeconfigError

LOGIN_SECONDS = 60
"""Longest wait for a login program such as kubelogin, which may ask a browser."""


class LoginError(RuntimeError):
    """The login program of a kubeconfig gave no credential. Its output is not shown: it may hold one."""


def connect(kubeconfig: str) -> httpx.Client:
    """A client with the rights of the kubeconfig's current context; paths start with `/api` or `/apis`.

    Args:
        kubeconfig: the document.

    Raises:
        KubeconfigError: it leads to no cluster.
        LoginError: its login program failed.
    """
    target = kubeconfigs.read(kubeconfig)
    document = yaml.safe_load(kubeconfig)
    chosen = _named(document, "contexts", target.context)["context"]
    cluster = _named(document, "clusters", chosen["cluster"])["cluster"]
    user = _named(document, "users", chosen["user"])["user"] or {}
    token = user.get("token") or (_login(user["exec"]) if "exec" in user else None)
    return httpx.Client(
        base_url=target.server,
        verify=_trusted(cluster, user),
        headers={"Authorization": f"Bearer {token}"} if token else {},
        timeout=30,
    )


def _named(document: dict[str, Any], part: str, name: str) -> dict[str, Any]:
    return next(one for one in document[part] if one["name"] == name)


def _trusted(cluster: dict[str, Any], user: dict[str, Any]) -> ssl.SSLContext:
    authority = _content(cluster, "certificate-authority")
    context = ssl.create_default_context(cadata=authority.decode() if authority else None)
    certificate, key = _content(user, "client-certificate"), _content(user, "client-key")
    if certificate and key:
        # ssl takes files only; mkdtemp's folder is readable by its owner alone.
        with tempfile.TemporaryDirectory() as folder:
            pair = Path(folder) / "pair.pem"
            pair.write_bytes(certificate + b"\n" + key)
            context.load_cert_chain(pair)
    return context


def _content(entry: dict[str, Any], key: str) -> bytes | None:
    """What stands in the kubeconfig itself, else in the file that it names."""
    if f"{key}-data" in entry:
        return base64.b64decode(entry[f"{key}-data"])
    return Path(entry[key]).read_bytes() if key in entry else None


def _login(program: dict[str, Any]) -> str:
    """The token that a login program answers (Kubernetes, client-go credential plugins)."""
    added = {one["name"]: one["value"] for one in program.get("env") or []}
    about = {"apiVersion": program.get("apiVersion"), "kind": "ExecCredential", "spec": {"interactive": False}}
    command = [program["command"], *(program.get("args") or [])]
    try:
        done = subprocess.run(
            command,
            env={**os.environ, **added, "KUBERNETES_EXEC_INFO": json.dumps(about)},
            capture_output=True,
            text=True,
            timeout=LOGIN_SECONDS,
            check=True,
        )
        return json.loads(done.stdout)["status"]["token"]
    except FileNotFoundError:
        hint = program.get("installHint") or "it is not on the path"
        raise LoginError(f"the kubeconfig logs in with {program['command']!r}: {hint}") from None
    except (subprocess.SubprocessError, ValueError, KeyError, TypeError) as wrong:
        reason = f"exit status {wrong.returncode}" if isinstance(wrong, subprocess.CalledProcessError) else "no token"
        raise LoginError(f"{program['command']!r}, by which the kubeconfig logs in, failed: {reason}") from None


__all__ = ["LOGIN_SECONDS", "KubeconfigError", "LoginError", "connect"]
