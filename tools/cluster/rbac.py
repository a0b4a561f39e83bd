"""Permissions beyond Kubernetes' default roles."""

from __future__ import annotations

from typing import Any


def manifests() -> list[dict[str, Any]]:
    """Return the roles and bindings of the API server at the kubelet, and of KWOK."""
    return [
        # The default role for logs, exec and port-forward; nothing is bound to it by default.
        _binding("modelyard:kubelet-api", "system:kubelet-api-admin", "kube-apiserver-kubelet-client"),
        {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "ClusterRole",
            "metadata": {"name": "modelyard:kwok"},
            # As in kustomize/rbac of KWOK v0.8.0, less its own custom resources, which are not installed.
            "rules": [
                {"apiGroups": [""], "resources": ["nodes"], "verbs": ["get", "list", "watch"]},
                {"apiGroups": [""], "resources": ["nodes/status"], "verbs": ["patch", "update"]},
                {
                    "apiGroups": [""],
                    "resources": ["pods"],
                    "verbs": ["get", "list", "watch", "delete", "patch", "update"],
                },
                {"apiGroups": [""], "resources": ["pods/status"], "verbs": ["patch", "update"]},
                {"apiGroups": ["", "events.k8s.io"], "resources": ["events"], "verbs": ["create", "patch", "update"]},
                {
                    "apiGroups": ["coordination.k8s.io"],
                    "resources": ["leases"],
                    "verbs": ["get", "list", "watch", "create", "patch", "update"],
                },
            ],
        },
        _binding("modelyard:kwok", "modelyard:kwok", "modelyard:kwok"),
    ]


def _binding(name: str, role: str, user: str) -> dict[str, Any]:
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": name},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role},
        "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": user}],
    }
