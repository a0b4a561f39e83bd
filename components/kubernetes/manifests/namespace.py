"""A team's namespace."""

from typing import Any

from modelyard.components.common.ownership import Ownership


def namespace(name: str, ownership: Ownership) -> dict[str, Any]:
    """The namespace `name`, whose pods must meet Pod Security Admission's `restricted` level."""
    levels = {f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("enforce", "audit", "warn")}
    return {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": name, "labels": {**ownership.labels(), **levels}},
    }
