"""Kubeconfigs with certificates and key inside: one file is the whole credential, and `ps` shows none of it."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

from tools.cluster.addresses import AddressPlan
from tools.cluster.state import StateFolder, write_private

COMPONENTS = ("kubelet", "controller-manager", "scheduler", "proxy", "kwok")
"""Components that connect to the API server, each with the certificate of the same name."""


def kubeconfig(
    cluster: str, server: str, user: str, *, authority: bytes, certificate: bytes, key: bytes
) -> dict[str, Any]:
    """Return a kubeconfig with one cluster, one user and one context named after the cluster."""

    def embedded(data: bytes) -> str:
        return base64.b64encode(data).decode()

    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {"name": cluster, "cluster": {"server": server, "certificate-authority-data": embedded(authority)}}
        ],
        "users": [
            {
                "name": user,
                "user": {"client-certificate-data": embedded(certificate), "client-key-data": embedded(key)},
            }
        ],
        "contexts": [{"name": cluster, "context": {"cluster": cluster, "user": user}}],
        "current-context": cluster,
    }


def write_kubeconfigs(state: StateFolder, plan: AddressPlan) -> None:
    """Write the admin's kubeconfig and one per component from the certificates in the state folder."""
    _write(state, plan, "admin", state.kubeconfig)
    for component in COMPONENTS:
        _write(state, plan, component, component_kubeconfig(state, component))


def component_kubeconfig(state: StateFolder, component: str) -> Path:
    """Return the path of a component's kubeconfig."""
    return state.folder("credentials", f"{component}.kubeconfig")


def _write(state: StateFolder, plan: AddressPlan, certificate: str, path: Path) -> None:
    pki = state.folder("pki")
    config = kubeconfig(
        f"modelyard-{state.instance}",
        plan.api_url,
        certificate,
        authority=(pki / "ca.crt").read_bytes(),
        certificate=(pki / f"{certificate}.crt").read_bytes(),
        key=(pki / f"{certificate}.key").read_bytes(),
    )
    # JSON is YAML: every reader of kubeconfigs takes it, and no value needs quoting.
    write_private(path, json.dumps(config, indent=2) + "\n")
