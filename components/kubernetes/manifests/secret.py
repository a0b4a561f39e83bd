"""Secrets. Their values come from Pulumi as secret outputs; the builder never handles one in clear."""

from typing import Any

from modelyard.components.common.ownership import Ownership


def secret(name: str, namespace: str, ownership: Ownership, *, values: dict[str, Any]) -> dict[str, Any]:
    """Build an opaque secret of `values`, which the API server encodes."""
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "namespace": namespace, "labels": ownership.labels()},
        "type": "Opaque",
        "stringData": values,
    }
