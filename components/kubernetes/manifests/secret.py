"""Secrets. Their values come from Pulumi as secret outputs; this builder never sees one in clear."""

from typing import Any

from modelyard.components.common.ownership import Ownership


def secret(name: str, namespace: str, ownership: Ownership, *, values: dict[str, Any]) -> dict[str, Any]:
    """An opaque secret of `values`, which the API server encodes."""
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "namespace": namespace, "labels": ownership.labels()},
        "type": "Opaque",
        "stringData": values,
    }
