"""Compact custom resource definitions, small enough to be resources of a stack.

KubeRay's four definitions hold 73,000 values, nearly all of them copies of Kubernetes' pod template. Sent through
Pulumi one by one they cost seconds at every preview, and every policy reads them again. Two things are therefore left
out: descriptions, and the inside of pod templates (the API server then stores such a template unchanged, and checks it
when the pod is created). 6,700 values remain. Argo ships its "minimal" definitions for the same reason. The Helm charts
have the full ones.
"""

from typing import Any

_ANYTHING = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}


def compact(definition: dict[str, Any]) -> dict[str, Any]:
    """Remove descriptions and the inside of pod templates; compacting twice changes nothing."""
    spec = dict(definition["spec"])
    spec["versions"] = [_version(version) for version in spec["versions"]]
    return {**definition, "spec": spec}


def _version(version: dict[str, Any]) -> dict[str, Any]:
    schema = version.get("schema", {}).get("openAPIV3Schema")
    return {**version, "schema": {"openAPIV3Schema": _schema(schema)}} if schema else version


def _schema(schema: dict[str, Any]) -> dict[str, Any]:
    """Compact one schema. Only schemas are walked, so that a property called `description` survives."""
    if _is_pod_template(schema):
        return dict(_ANYTHING)
    kept: dict[str, Any] = {}
    for key, value in schema.items():
        if key == "description":
            continue
        if key == "properties":
            kept[key] = {name: _schema(inner) for name, inner in value.items()}
        elif key in {"items", "additionalProperties", "not"} and isinstance(value, dict):
            kept[key] = _schema(value)
        elif key in {"anyOf", "oneOf", "allOf"}:
            kept[key] = [_schema(inner) for inner in value]
        else:
            kept[key] = value
    return kept


def _is_pod_template(schema: dict[str, Any]) -> bool:
    spec = schema.get("properties", {}).get("spec", {})
    return "containers" in spec.get("properties", {})
