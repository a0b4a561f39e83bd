"""Reads of a Kubernetes object, a plain dict that may lack any part and, at preview, may hold unknown values."""

import copy
from typing import Any

from tools.plugins.wire import Secret

AUTONAMED = "pulumi.com/autonamed"
SKIP_AWAIT = "pulumi.com/skipAwait"
WAIT_FOR = "pulumi.com/waitFor"
TIMEOUT_SECONDS = "pulumi.com/timeoutSeconds"
PATCH_FORCE = "pulumi.com/patchForce"
PATCH_FIELD_MANAGER = "pulumi.com/patchFieldManager"
DELETION_PROPAGATION = "pulumi.com/deletionPropagationPolicy"
REPLACE_UNREADY = "pulumi.com/replaceUnready"

# metadata that only the server writes: it is no input, and sending it back would be refused or cause false differences.
_SERVER_METADATA = (
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "deletionTimestamp",
    "generation",
    "managedFields",
    "resourceVersion",
    "selfLink",
    "uid",
)


def dig(value: Any, *keys: str) -> Any:
    """The value below `keys`, or None where a part is absent or no mapping. Secrets are looked into."""
    for key in keys:
        if isinstance(value, Secret):
            value = value.value
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    return value


def text(value: Any, *keys: str) -> str:
    """Like `dig`, for a string; empty when it is absent or unknown."""
    found = dig(value, *keys)
    if isinstance(found, Secret):
        found = found.value
    return found if isinstance(found, str) else ""


def number(value: Any, *keys: str) -> int:
    """Like `dig`, for a count; 0 when it is absent."""
    found = dig(value, *keys)
    return int(found) if isinstance(found, int | float) else 0


def annotation(manifest: Any, key: str) -> str:
    """The value of an annotation, empty when it is absent or unknown."""
    return text(manifest, "metadata", "annotations", key)


def is_annotated(manifest: Any, key: str) -> bool:
    """Say if the annotation is `"true"`."""
    return annotation(manifest, key) == "true"


def name_of(manifest: Any) -> str:
    """`metadata.name`."""
    return text(manifest, "metadata", "name")


def namespace_of(manifest: Any) -> str:
    """`metadata.namespace`."""
    return text(manifest, "metadata", "namespace")


def identity(manifest: Any) -> str:
    """The id of the resource in Pulumi: `namespace/name`, or `name` for kinds without namespaces."""
    namespace = namespace_of(manifest)
    return f"{namespace}/{name_of(manifest)}" if namespace else name_of(manifest)


def split_identity(identifier: str) -> tuple[str, str]:
    """The namespace (empty if none) and the name of an id."""
    namespace, _, name = identifier.rpartition("/")
    return namespace, name


def is_secret_object(manifest: Any) -> bool:
    """Say if it is a Secret of the core group."""
    return text(manifest, "kind") == "Secret" and text(manifest, "apiVersion") == "v1"


def is_definition(manifest: Any) -> bool:
    """Say if it is a CustomResourceDefinition."""
    return text(manifest, "kind") == "CustomResourceDefinition" and text(manifest, "apiVersion").startswith(
        "apiextensions.k8s.io/"
    )


def without_nulls(value: Any) -> Any:
    """The value without mapping entries that are None: Pulumi sends an unset argument as null."""
    if isinstance(value, dict):
        return {key: without_nulls(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [without_nulls(item) for item in value]
    if isinstance(value, Secret):
        return Secret(without_nulls(value.value))
    return value


def as_input(manifest: dict[str, Any]) -> dict[str, Any]:
    """The manifest without the metadata that only the server writes."""
    result = copy.copy(manifest)
    metadata = manifest.get("metadata")
    if isinstance(metadata, dict):
        result["metadata"] = {key: value for key, value in metadata.items() if key not in _SERVER_METADATA}
    return result


def with_namespace(manifest: dict[str, Any], namespace: str | None) -> dict[str, Any]:
    """A copy in `namespace`; None removes the namespace, as for kinds without one."""
    metadata = manifest.get("metadata")
    if not isinstance(metadata, dict):
        return manifest
    changed = {key: value for key, value in metadata.items() if key != "namespace"}
    if namespace is not None:
        changed["namespace"] = namespace
    return {**manifest, "metadata": changed}
