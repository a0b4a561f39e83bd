"""Pulumi's state of an object: the live object, its inputs, and the secrets in it.

The layout is the official provider's (`__inputs`, `__initialApiVersion`, `__fieldManager` beside the live fields), so a
stack can be continued with either.
"""

import base64
import binascii
from typing import Any

from tools.plugins.kubernetes.manifest import as_input, is_secret_object
from tools.plugins.kubernetes.quantities import is_equivalent
from tools.plugins.wire import Secret, mark_like, reveal

INPUTS = "__inputs"
INITIAL_API_VERSION = "__initialApiVersion"
FIELD_MANAGER = "__fieldManager"
_BOOKKEEPING = (INPUTS, INITIAL_API_VERSION, FIELD_MANAGER)

# Names that are no identifiers in some of Pulumi's languages: the SDKs write them with underscores.
_UNDERSCORED = {
    name.replace("-", "_"): name
    for name in (
        "x-kubernetes-embedded-resource",
        "x-kubernetes-int-or-string",
        "x-kubernetes-list-map-keys",
        "x-kubernetes-list-type",
        "x-kubernetes-map-type",
        "x-kubernetes-preserve-unknown-fields",
        "x-kubernetes-validations",
    )
}
_DASHED = {dashed: underscored for underscored, dashed in _UNDERSCORED.items()}


def to_kubernetes(value: Any) -> Any:
    """Rename `x_kubernetes_…` to `x-kubernetes-…`, as the API server calls them."""
    return _rename(value, _UNDERSCORED)


def to_pulumi(value: Any) -> Any:
    """The reverse of `to_kubernetes`."""
    return _rename(value, _DASHED)


def _rename(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {names.get(key, key): _rename(item, names) for key, item in value.items()}
    if isinstance(value, list):
        return [_rename(item, names) for item in value]
    if isinstance(value, Secret):
        return Secret(_rename(value.value, names))
    return value


def protect(value: dict[str, Any], inputs: Any) -> dict[str, Any]:
    """Mark as secret what was secret in `inputs`, and always the data of a Secret."""
    marked = mark_like(value, inputs)
    if not isinstance(marked, dict) or not is_secret_object(marked):
        return marked
    for key in ("data", "stringData"):
        if key in marked and not isinstance(marked[key], Secret):
            marked = {**marked, key: Secret(reveal(marked[key]))}
    return marked


def checkpoint(live: dict[str, Any], inputs: dict[str, Any], *, api_version: str, manager: str) -> dict[str, Any]:
    """The outputs of a resource: the live object and the bookkeeping.

    Args:
        live: the object as the API server returned it.
        inputs: the inputs as the engine sent them, with their secrets.
    """
    # managedFields repeats every field's name; it is long, changes without cause, and nobody reads it from a state.
    shown = {**live, "metadata": {key: part for key, part in live["metadata"].items() if key != "managedFields"}}
    return {
        **protect(to_pulumi(shown), inputs),
        INPUTS: protect(to_pulumi(reveal(inputs)), inputs),
        INITIAL_API_VERSION: api_version,
        FIELD_MANAGER: manager,
    }


def split_checkpoint(outputs: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The inputs and the live object in a state, without secret marks, in Kubernetes' names."""
    plain = to_kubernetes(reveal(outputs))
    inputs = plain.get(INPUTS) or {}
    return inputs, {key: value for key, value in plain.items() if key not in _BOOKKEEPING}


def fold_string_data(manifest: dict[str, Any]) -> dict[str, Any]:
    """A Secret with `stringData` written as `data`, as the API server does.

    Server-side apply remembers `data` only: a key that leaves `stringData` would otherwise stay for ever.
    """
    strings = manifest.get("stringData")
    if not is_secret_object(manifest) or not isinstance(strings, dict):
        return manifest
    data = dict(manifest.get("data") or {})
    data |= {key: base64.b64encode(str(value).encode()).decode() for key, value in strings.items()}
    return {**{key: value for key, value in manifest.items() if key != "stringData"}, "data": data}


def as_inputs_of(live: dict[str, Any], inputs: dict[str, Any]) -> dict[str, Any]:
    """The part of the live object that `inputs` speak about: what a refresh compares and stores.

    Values that differ only in spelling (`1000m` and `1`, `300s` and `5m0s`) keep the program's spelling.
    """
    source = as_input(live)
    if is_secret_object(inputs) and isinstance(inputs.get("stringData"), dict):
        source = _unfold_string_data(source, inputs)
    return _prune(source, as_input(inputs), is_metadata=False)


def _unfold_string_data(live: dict[str, Any], inputs: dict[str, Any]) -> dict[str, Any]:
    data = dict(live.get("data") or {})
    strings: dict[str, Any] = {}
    for key in inputs["stringData"]:
        if key in data:
            try:
                strings[key] = base64.b64decode(data[key]).decode()
            except (binascii.Error, UnicodeDecodeError):
                strings[key] = data[key]
    return {**live, "stringData": strings}


# A list of objects with one of these names is merged by it, whatever else the server or others add.
_MERGE_KEYS = ("name", "key", "containerPort", "mountPath", "devicePath", "port", "ip", "topologyKey", "type", "uid")


def _prune(live: Any, wanted: Any, *, is_metadata: bool) -> Any:
    if isinstance(live, dict) and isinstance(wanted, dict):
        return {
            key: _prune(live[key], wanted[key], is_metadata=is_metadata or key == "metadata")
            for key in wanted
            if key in live
        }
    if isinstance(live, list) and isinstance(wanted, list):
        return _prune_list(live, wanted, is_metadata=is_metadata)
    # Labels and annotations are plain text: there "1" and "1000m" are two things.
    return wanted if not is_metadata and is_equivalent(wanted, live) else live


def _prune_list(live: list[Any], wanted: list[Any], *, is_metadata: bool) -> list[Any]:
    key = _merge_key(live, wanted)
    if key is not None:
        by_key = {item[key]: item for item in live}
        return [_prune(by_key[item[key]], item, is_metadata=is_metadata) for item in wanted if item[key] in by_key]
    if len(live) != len(wanted):
        return live
    return [_prune(one, other, is_metadata=is_metadata) for one, other in zip(live, wanted, strict=True)]


def _merge_key(live: list[Any], wanted: list[Any]) -> str | None:
    for key in _MERGE_KEYS:
        if all(isinstance(item, dict) and isinstance(item.get(key), str | int) for item in (*live, *wanted)) and len(
            {item[key] for item in wanted}
        ) == len(wanted):
            return key
    return None
