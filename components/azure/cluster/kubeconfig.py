"""The kubeconfig of an AKS cluster, without a credential of its own.

With local accounts off, AKS hands out server, certificate and a user that logs in with a browser. Programs need another
login, so the user is replaced by a call of `kubelogin` in the mode asked for (AKS, kubelogin authentication).
"""

import base64
import json
from typing import Any

import yaml
from modelyard.components.common.errors import ArgumentError

SERVER_ID = "6dae42f8-4368-4678-94ff-3960e28e3630"
"""Entra application of every AKS API server (AKS, kubelogin authentication)."""

LOGINS = ("azurecli", "workloadidentity", "msi", "spn", "devicecode", "interactive")
"""Modes of kubelogin: the Azure CLI's session, a pipeline's federated token, a machine's identity, a service principal
from the environment, a person."""


def login(cluster: str, mode: str) -> str:
    """`mode`, if kubelogin has it.

    Raises:
        ArgumentError: it has not.
    """
    if mode not in LOGINS:
        raise ArgumentError(cluster, "login", mode, f"is one of {', '.join(LOGINS)}", "AKS, kubelogin authentication")
    return mode


def with_login(credential: str, mode: str) -> str:
    """The kubeconfig that `credential` holds, with users that log in by kubelogin.

    Users that carry a certificate or token stay as they are: those of a cluster with local accounts.

    Args:
        credential: base64 of a kubeconfig, as `listClusterUserCredential` answers.
        mode: of kubelogin.

    Raises:
        ValueError: it holds no kubeconfig. The text is not shown.
    """
    try:
        document = yaml.safe_load(base64.b64decode(credential, validate=True))
    except (ValueError, yaml.YAMLError):
        document = None
    if not isinstance(document, dict) or not document.get("clusters"):
        raise ValueError("AKS answered the request for credentials with something that is no kubeconfig")
    users = [
        one if _is_own(one) else {**one, "user": {"exec": _kubelogin(mode)}} for one in document.get("users") or []
    ]
    return json.dumps({**document, "users": users}, sort_keys=True)


def _is_own(user: dict[str, Any]) -> bool:
    return bool({"client-certificate-data", "token"} & set(user.get("user") or {}))


def _kubelogin(mode: str) -> dict[str, Any]:
    return {
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "command": "kubelogin",
        "args": ["get-token", "--login", mode, "--server-id", SERVER_ID],
        "env": None,
        "installHint": "install kubelogin: https://azure.github.io/kubelogin/install.html",
        "interactiveMode": "IfAvailable" if mode in {"devicecode", "interactive"} else "Never",
        "provideClusterInfo": False,
    }
