"""Who owns which field of a live object: server-side apply's `metadata.managedFields`.

Format: https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management; a mapping entry `spec` is
`f:spec` in the tree.
"""

from typing import Any

from tools.plugins.diff import parse_path
from tools.plugins.kubernetes.manifest import dig

# Managers of client-side writes whose fields belong to this resource all the same: kubectl apply, and the official
# provider's creations (provider/pkg/await/await.go, fixCSAFieldManagers).
_CLIENT_SIDE = frozenset(
    {"kubectl", "before-first-apply", "pulumi-kubernetes", "pulumi-kubernetes.exe", "pulumi-resource-kubernetes"}
)


def is_own(live: dict[str, Any], manager: str) -> bool:
    """Say if `manager` has applied the object: an `up` that was killed created it and could not save its state."""
    entries = dig(live, "metadata", "managedFields") or []
    return any(entry.get("manager") == manager and entry.get("operation") == "Apply" for entry in entries)


def takeover(live: dict[str, Any], manager: str) -> list[dict[str, Any]]:
    """A JSON patch that gives `manager` the fields of client-side writes; empty when there is nothing to take.

    Without it those fields would conflict with the next apply, and fields that leave the program would stay.
    """
    entries = dig(live, "metadata", "managedFields") or []
    taken = [
        entry
        for entry in entries
        if entry.get("manager") in _CLIENT_SIDE and entry.get("operation") == "Update" and not entry.get("subresource")
    ]
    if not taken:
        return []
    own = [entry for entry in entries if entry.get("manager") == manager and entry.get("operation") == "Apply"]
    fields: dict[str, Any] = {}
    for entry in [*own, *taken]:
        fields = _merge(fields, entry.get("fieldsV1") or {})
    merged = {**(own or taken)[0], "manager": manager, "operation": "Apply", "fieldsV1": fields}
    rest = [entry for entry in entries if entry not in own and entry not in taken]
    return [
        {"op": "replace", "path": "/metadata/managedFields", "value": [*rest, merged]},
        # Fails instead of overwriting when someone changed the object meanwhile.
        {"op": "replace", "path": "/metadata/resourceVersion", "value": live["metadata"]["resourceVersion"]},
    ]


def _merge(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    result = dict(one)
    for key, value in other.items():
        result[key] = _merge(result[key], value) if key in result else value
    return result


def leave_ignored(inputs: dict[str, Any], live: dict[str, Any], ignored: list[str], manager: str) -> dict[str, Any]:
    """The inputs with every field of `ignoreChanges` left as it is in the cluster.

    A field that only others own is left out of the apply, so that it neither conflicts nor becomes ours; any other gets
    its live value, because leaving it out would unset it. Paths through lists are left to the engine, which has already
    put the old inputs there.
    """
    ours: dict[str, Any] = {}
    theirs: dict[str, Any] = {}
    for entry in dig(live, "metadata", "managedFields") or []:
        fields = entry.get("fieldsV1") or {}
        if entry.get("manager") == manager:
            ours = _merge(ours, fields)
        else:
            theirs = _merge(theirs, fields)
    result = inputs
    for text in ignored:
        path = parse_path(text)
        if not all(isinstance(step, str) and step != "*" for step in path):
            continue
        keys = [str(step) for step in path]
        if _owns(theirs, keys) and not _owns(ours, keys):
            result = _without(result, keys)
        elif (value := dig(live, *keys)) is not None:
            result = _with(result, keys, value)
    return result


def _owns(fields: dict[str, Any], keys: list[str]) -> bool:
    for key in keys:
        if f"f:{key}" not in fields:
            return False
        fields = fields[f"f:{key}"]
    return True


def _without(value: Any, keys: list[str]) -> Any:
    if not isinstance(value, dict) or keys[0] not in value:
        return value
    if len(keys) == 1:
        return {key: item for key, item in value.items() if key != keys[0]}
    return {**value, keys[0]: _without(value[keys[0]], keys[1:])}


def _with(value: Any, keys: list[str], item: Any) -> Any:
    if not keys:
        return item
    base = value if isinstance(value, dict) else {}
    return {**base, keys[0]: _with(base.get(keys[0]), keys[1:], item)}
