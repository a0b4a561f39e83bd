"""Access to the API server of an AKS cluster: address ranges, administrators, and the kubeconfig.

With local accounts off, AKS hands out server, certificate and a user that logs in with a browser. Programs need another
login, so the user is replaced by a call of `kubelogin` in the mode asked for (AKS, kubelogin authentication).
"""

import base64
import json
import re
from typing import Any

import yaml
from modelyard.components.azure.cluster import network
from modelyard.components.azure.cluster.args import AksApiArgs, AksLogin
from modelyard.components.common.errors import ArgumentError

SERVER_ID = "6dae42f8-4368-4678-94ff-3960e28e3630"
"""Entra application of every AKS API server (AKS, kubelogin authentication)."""

_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def validate_api(name: str, args: AksApiArgs) -> tuple[bool, tuple[str, ...]]:
    """Return True if the API server is private, and the address ranges that reach a public one.

    Raises:
        ArgumentError: both are given, neither, or the whole internet.
    """
    private, ranges = bool(args.get("private", True)), tuple(args.get("authorized_ranges", ()))
    source = "AKS, API server authorized IP ranges; checkov CKV_AZURE_6"
    if private and ranges:
        rule = "must be left out, because no public address reaches a private API server; or set api.private to false"
        raise ArgumentError(name, "api.authorized_ranges", list(ranges), rule, source)
    if not private and not ranges:
        rule = "must be true, or api.authorized_ranges must name the ranges that may reach the public API server"
        raise ArgumentError(name, "api.private", private, rule, source)
    for index, text in enumerate(ranges):
        argument = f"api.authorized_ranges[{index}]"
        if network.parse_range(name, argument, text).prefixlen == 0:
            raise ArgumentError(name, argument, text, "must not be the whole internet; name your networks", source)
    return private, ranges


def validate_admin_groups(name: str, groups: list[str]) -> tuple[str, ...]:
    """Return the object ids of the Entra groups that administer the cluster.

    Raises:
        ArgumentError: there is none, or a name stands for an id.
    """
    source = "AKS, Microsoft Entra integration"
    if not groups:
        rule = "must name at least one group, because local accounts are off"
        raise ArgumentError(name, "admin_groups", groups, rule, source)
    for index, group in enumerate(groups):
        if not _GUID.fullmatch(group):
            rule = "must be the object id of a group, a GUID, instead of its name"
            raise ArgumentError(name, f"admin_groups[{index}]", group, rule, source)
    return tuple(groups)


def kubeconfig_with_login(credential: str, login: AksLogin) -> str:
    """Return the kubeconfig in `credential` with users that log in by kubelogin.

    Users that carry a certificate or token, which clusters with local accounts have, stay as they are.

    Args:
        credential: base64 of a kubeconfig, the answer of `listClusterUserCredential`.
        login: mode of kubelogin.

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
        user if _has_credential(user) else {**user, "user": {"exec": _kubelogin(login)}}
        for user in document.get("users") or []
    ]
    return json.dumps({**document, "users": users}, sort_keys=True)


def _has_credential(user: dict[str, Any]) -> bool:
    return bool({"client-certificate-data", "token"} & set(user.get("user") or {}))


def _kubelogin(login: AksLogin) -> dict[str, Any]:
    by_person = login in {AksLogin.DEVICE_CODE, AksLogin.INTERACTIVE}
    return {
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "command": "kubelogin",
        "args": ["get-token", "--login", login.value, "--server-id", SERVER_ID],
        "env": None,
        "installHint": "install kubelogin: https://azure.github.io/kubelogin/install.html",
        "interactiveMode": "IfAvailable" if by_person else "Never",
        "provideClusterInfo": False,
    }
