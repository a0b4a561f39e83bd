"""Resource flavors: kinds of nodes that quota is counted on."""

from collections.abc import Mapping
from typing import Any

from modelyard.components.common.ownership import MANAGED_BY


def resource_flavor(
    name: str, node_labels: Mapping[str, str] | None = None, taints: tuple[Mapping[str, str], ...] = ()
) -> dict[str, Any]:
    """Build a flavor of nodes with `node_labels`. Kueue adds tolerations of `taints` to the pods that it admits."""
    spec: dict[str, Any] = {}
    if node_labels:
        spec["nodeLabels"] = dict(node_labels)
    if taints:
        spec["nodeTaints"] = [dict(taint) for taint in taints]
        spec["tolerations"] = [
            {"key": taint["key"], "operator": "Equal", "value": taint.get("value", ""), "effect": taint["effect"]}
            for taint in taints
        ]
    return {
        "apiVersion": "kueue.x-k8s.io/v1beta2",
        "kind": "ResourceFlavor",
        "metadata": {"name": name, "labels": {MANAGED_BY: "modelyard"}},
        "spec": spec,
    }
