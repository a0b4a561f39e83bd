"""Config maps: configuration as files in a pod."""

import json
from typing import Any

from modelyard.components.common.ownership import Ownership


def config_map(
    name: str, namespace: str, ownership: Ownership, *, file: str, content: dict[str, Any]
) -> dict[str, Any]:
    """Build an immutable config map of one JSON file. New content gets a new name, so that no running pod sees it."""
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "namespace": namespace, "labels": ownership.labels()},
        "immutable": True,
        "data": {file: json.dumps(content, indent=2) + "\n"},
    }
