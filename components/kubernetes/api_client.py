"""HTTP client of a cluster's API, from a kubeconfig, for work during a deletion by Pulumi.

Pulumi's provider for Kubernetes handles only objects of the stack; nodes and the pods on them are not among those.
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
from modelyard.components.kubernetes.kubeconfig import read_kubeconfig

LOGIN_SECONDS = 60
"""Longest wait for a login program such as kubelogin, which may ask a browser."""


class LoginError(RuntimeError):
    """The login program of a kubeconfig returned no credential. Its output is not shown: it may contain one."""


def connect(kubeconfig: str) -> httpx.Client:
    """Open a client with the rights of the kubeconfig's current context; paths start with `/api` or `/apis`.

    Args:
        kubeconfig: the document.

    Raises:
        ArgumentError: it leads to no cluster.
        LoginError: its login program failed.
    """
    target = read_kubeconfig("cluster", kubeconfig)
    document = yaml.safe_load(kubeconfig)
    context = _find(document, "contexts", target.context)["context"]
    cluster = _find(document, "clusters", context["cluster"])["cluster"]
    user = _find(document, "users", context["user"])["user"] or {}
    token = user.get("token") or (_login(user["exec"]) if "exec" in user else None)
    return httpx.Client(
        base_url=target.server,
        verify=_ssl_context(cluster, user),
        headers={"Authorization": f"Bearer {token}"} if token else {},
        timeout=30,
    )


def _find(document: dict[str, Any], key: str, name: str) -> dict[str, Any]:
    return next(section for section in document[key] if section["name"] == name)


def _ssl_context(cluster: dict[str, Any], user: dict[str, Any]) -> ssl.SSLContext:
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


def _content(section: dict[str, Any], key: str) -> bytes | None:
    """Read a certificate or key from the kubeconfig itself, or from the file that it names."""
    if f"{key}-data" in section:
        return base64.b64decode(section[f"{key}-data"])
    return Path(section[key]).read_bytes() if key in section else None


def _login(program: dict[str, Any]) -> str:
    """Run a login program for a token (Kubernetes, client-go credential plugins)."""
    variables = {variable["name"]: variable["value"] for variable in program.get("env") or []}
    request = {"apiVersion": program.get("apiVersion"), "kind": "ExecCredential", "spec": {"interactive": False}}
    command = [program["command"], *(program.get("args") or [])]
    try:
        process = subprocess.run(
            command,
            env={**os.environ, **variables, "KUBERNETES_EXEC_INFO": json.dumps(request)},
            capture_output=True,
            text=True,
            timeout=LOGIN_SECONDS,
            check=True,
        )
        return json.loads(process.stdout)["status"]["token"]
    except FileNotFoundError:
        hint = program.get("installHint") or "it is not on the path"
        raise LoginError(f"the kubeconfig logs in with {program['command']!r}: {hint}") from None
    except (subprocess.SubprocessError, ValueError, KeyError, TypeError) as error:
        reason = f"exit status {error.returncode}" if isinstance(error, subprocess.CalledProcessError) else "no token"
        raise LoginError(f"{program['command']!r}, by which the kubeconfig logs in, failed: {reason}") from None
