"""Namespace of a team."""

from typing import Any

from modelyard.components.common.ownership import Ownership


def namespace(name: str, ownership: Ownership) -> dict[str, Any]:
    """Build a namespace whose pods must meet Pod Security Admission's level `restricted`."""
    levels = {f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("enforce", "audit", "warn")}
    return {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": name, "labels": {**ownership.labels(), **levels}},
    }
