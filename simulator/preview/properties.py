"""What matters of a planned resource: its inputs as short lines, without what every resource has.

Of cloud resources everything that is known is shown, because each value is a choice about money, access or failure.
Of Kubernetes objects it is the part that says how much and for whom; whole manifests are compared by the tests of the
components that make them.
"""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

from tools.setup.locations import CHECKOUT

#: What the engine's event log writes for a text that is known only after an update (resource/properties.go).
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
SECRET = "[secret]"  # noqa: S105 - what is shown in place of one

#: Of every resource. Owners stand in tags and labels of all of them.
_NEVER = ("tags", "tags.*", "tags[*", "*.tags", "*.tags.*", "*.tags[*", "__*", "*.__*")
_NEVER_IN_KUBERNETES = ("apiVersion", "kind", "compat", "metadata.labels*", "metadata.annotations*", "*.metadata.*")

_RAY_PODS = (
    "*Replicas",
    "*replicas",
    "*.containers[0].image",
    "*.containers[0].resources.limits*",
    "*.nodeSelector*",
)

#: Of these kinds only the paths that fit a pattern; their manifests are long.
_ONLY = {
    "ConfigMap": ("metadata.*",),
    "NetworkPolicy": ("metadata.*", "spec.policyTypes"),
    "RayJob": ("metadata.*", "spec.entrypoint", "spec.activeDeadlineSeconds", "spec.backoffLimit", *_RAY_PODS),
    "RayService": ("metadata.*", *_RAY_PODS),
}


def shown(token: str, inputs: dict[str, Any]) -> dict[str, str]:
    """Property paths and values of a resource, in the order of the paths; unknown values are left out.

    Args:
        token: type of the resource.
        inputs: as the engine's event log has them, secrets masked.
    """
    kubernetes = token.startswith("kubernetes:")
    hidden = _NEVER + (_NEVER_IN_KUBERNETES if kubernetes else ())
    only = _ONLY.get(token.rpartition(":")[2], ("*",)) if kubernetes else ("*",)
    found = {
        path: value
        for path, value in _lines("", inputs)
        if not _fits(path, hidden) and _fits(path, only) and value is not None
    }
    return dict(sorted(found.items()))


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
    """One value as a text; None for one that is not known yet."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str):
        return str(value)
    if value in _UNKNOWN:
        return None
    # Charts lie in the checkout, wherever that is.
    plain = value.replace(f"{CHECKOUT}/", "")
    return plain if "\n" not in plain else f"({len(plain.splitlines())} lines)"


def _fits(path: str, patterns: tuple[str, ...]) -> bool:
    # Brackets mean sets of characters to fnmatch, and places in lists here.
    plain = path.replace("[", "<").replace("]", ">")
    return any(fnmatchcase(plain, pattern.replace("[", "<").replace("]", ">")) for pattern in patterns)
