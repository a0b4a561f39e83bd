"""Right of pods on OpenShift to run as the user of their image.

OpenShift assigns each namespace a range of users and refuses pods that name another (SCC `restricted-v2`). The workload
images have one user, who owns their home and the files on shared volumes. SCC `nonroot-v2` is as strict otherwise: no
root, no privileges, no host (OpenShift, managing security context constraints).
"""

from typing import Any

from modelyard.components.common.ownership import Ownership

CONSTRAINTS = "nonroot-v2"

_NAME = f"use-{CONSTRAINTS}"


def role(namespace: str, ownership: Ownership) -> dict[str, Any]:
    """Build the role that may run pods as any user but root."""
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "Role",
        "metadata": _metadata(namespace, ownership),
        "rules": [
            {
                "apiGroups": ["security.openshift.io"],
                "resources": ["securitycontextconstraints"],
                "resourceNames": [CONSTRAINTS],
                "verbs": ["use"],
            }
        ],
    }


def binding(namespace: str, ownership: Ownership) -> dict[str, Any]:
    """Build the binding of that role to the service accounts of the namespace."""
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "RoleBinding",
        "metadata": _metadata(namespace, ownership),
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": _NAME},
        "subjects": [
            {
                "apiGroup": "rbac.authorization.k8s.io",
                "kind": "Group",
                "name": f"system:serviceaccounts:{namespace}",
            }
        ],
    }


def _metadata(namespace: str, ownership: Ownership) -> dict[str, Any]:
    return {"name": _NAME, "namespace": namespace, "labels": ownership.labels()}
