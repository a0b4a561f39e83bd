"""Configuration as files in a pod."""

import json
from typing import Any

from modelyard.components.common.ownership import Ownership


def config_map(
    name: str, namespace: str, ownership: Ownership, *, file: str, content: dict[str, Any]
) -> dict[str, Any]:
    """One JSON file. Immutable: a changed content goes under a new name, so that no running pod sees it change."""
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "namespace": namespace, "labels": ownership.labels()},
        "immutable": True,
        "data": {file: json.dumps(content, indent=2) + "\n"},
    }
