"""Namespace of a team."""

from typing import Any

from modelyard.components.common.ownership import Ownership

RESERVED_NAMESPACES = ("default", "openshift", "cert-manager", "gpu-operator", "nvidia-network-operator",
                       "node-feature-discovery", "ray-system", "kuberay-operator", "kuberay-system", "kueue-system",
                       "kaito-workspace", "kserve", "monitoring")  # fmt: skip
"""Namespaces of Kubernetes, OpenShift and the platform's operators. Policies exempt them from the rules for tenants."""

RESERVED_PREFIXES = ("kube-", "openshift-")
"""Starts of names that Kubernetes (docs: Namespaces, initial namespaces) and OpenShift keep for themselves."""

RESERVED_RULE = "is a namespace of the cluster or of an operator, where the rules for teams do not hold; choose another"


def is_reserved(name: str) -> bool:
    """Tell if the namespace belongs to the cluster or to an operator, so that no team may have its name."""
    return name in RESERVED_NAMESPACES or name.startswith(RESERVED_PREFIXES)


def namespace(name: str, ownership: Ownership) -> dict[str, Any]:
    """Build a namespace whose pods must meet Pod Security Admission's level `restricted`."""
    levels = {f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("enforce", "audit", "warn")}
    return {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": name, "labels": {**ownership.labels(), **levels}},
    }
