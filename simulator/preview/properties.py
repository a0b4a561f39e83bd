"""Inputs of a planned resource as short lines, without those that every resource has.

Cloud resources show every known input, because each is a choice about money, access or failure. Kubernetes objects show
amounts and owners only; the components' tests compare whole manifests.
"""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

from tools.setup.locations import CHECKOUT

#: Texts of the engine's event log for values that only an update knows (resource/properties.go).
_UNKNOWN = frozenset(
    {
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",  # bool
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",  # number
        "04da6b54-80e4-46f7-96ec-b56ff0331ba9",  # string
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",  # array
        "030794c1-ac77-496b-92df-f27374a8bd58",  # asset
        "e48ece36-62e2-4504-bad9-02848725956a",  # archive
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",  # object
    }
)
_SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "[secret]"  # noqa: S105 - a text in place of a secret

#: Inputs that are never shown: owners are in tags and labels of all resources.
_NEVER = ("tags", "tags.*", "tags[*", "*.tags", "*.tags.*", "*.tags[*", "__*", "*.__*")
_NEVER_IN_KUBERNETES = ("apiVersion", "kind", "compat", "metadata.labels*", "metadata.annotations*", "*.metadata.*")

_RAY_PODS = (
    "*Replicas",
    "*replicas",
    "*.containers[0].image",
    "*.containers[0].resources.limits*",
    "*.nodeSelector*",
)

#: Patterns of the only paths that are shown of kinds with long manifests.
_ONLY = {
    "ConfigMap": ("metadata.*",),
    "NetworkPolicy": ("metadata.*", "spec.policyTypes"),
    "RayJob": ("metadata.*", "spec.entrypoint", "spec.activeDeadlineSeconds", "spec.backoffLimit", *_RAY_PODS),
    "RayService": ("metadata.*", *_RAY_PODS),
}


def select_properties(token: str, inputs: dict[str, Any]) -> dict[str, str]:
    """Select the property paths and values of a resource, in the order of the paths, without unknown values.

    Args:
        token: type of the resource.
        inputs: inputs in the engine's event log, secrets masked.
    """
    kubernetes = token.startswith("kubernetes:")
    hidden = _NEVER + (_NEVER_IN_KUBERNETES if kubernetes else ())
    only = _ONLY.get(token.rpartition(":")[2], ("*",)) if kubernetes else ("*",)
    selected = {
        path: value
        for path, value in _lines("", inputs)
        if not _fits(path, hidden) and _fits(path, only) and value is not None
    }
    return dict(sorted(selected.items()))


def _lines(path: str, value: Any) -> Iterator[tuple[str, str | None]]:
    if isinstance(value, dict):
        if _SIGNATURE in value:
            yield path, SECRET
            return
        for key, item in value.items():
            name = f'["{key}"]' if "." in key or "/" in key else f".{key}"
            yield from _lines((path + name).removeprefix("."), item)
    elif isinstance(value, list):
        if any(isinstance(item, dict | list) for item in value):
            for index, item in enumerate(value):
                yield from _lines(f"{path}[{index}]", item)
        else:
            texts = [_text(item) for item in value]
            yield path, "[" + ", ".join("?" if text is None else text for text in texts) + "]"
    else:
        yield path, _text(value)


def _text(value: Any) -> str | None:
    """Format a value as a text; None for an unknown one."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str):
        return str(value)
    if value in _UNKNOWN:
        return None
    # Charts are in the checkout, whose path differs between machines.
    plain = value.replace(f"{CHECKOUT}/", "")
    return plain if "\n" not in plain else f"({len(plain.splitlines())} lines)"


def _fits(path: str, patterns: tuple[str, ...]) -> bool:
    # Brackets are sets of characters to fnmatch, and indices of lists in a path.
    plain = path.replace("[", "<").replace("]", ">")
    return any(fnmatchcase(plain, pattern.replace("[", "<").replace("]", ">")) for pattern in patterns)
