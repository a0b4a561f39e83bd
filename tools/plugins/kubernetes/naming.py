"""Automatic names: an object without a name gets its Pulumi name plus a random suffix.

The suffix lets a replacement exist beside the object that it replaces. It is derived from the seed that the engine
sends, so that a plan that is carried out creates the names that it showed. An object that got its name this way carries
the annotation `pulumi.com/autonamed: "true"` and keeps its name when it is updated.

Source: provider/pkg/metadata/naming.go of pulumi-kubernetes; NewUniqueName in sdk/go/common/resource of pulumi/pulumi.
"""

import hashlib
import secrets
from typing import Any

from tools.plugins.kubernetes.manifest import AUTONAMED, dig, is_annotated, name_of
from tools.plugins.wire import UNKNOWN, Unknown

_SUFFIX_CHARACTERS = 8


class NamingError(ValueError):
    """The object has no name and may not get one."""


def suffix(seed: bytes) -> str:
    """Eight hexadecimal digits: always the same for a seed, random without one."""
    if not seed:
        return secrets.token_hex(_SUFFIX_CHARACTERS // 2)
    return hashlib.shake_256(b"modelyard-autonaming" + seed).hexdigest(_SUFFIX_CHARACTERS // 2)


def field_manager(urn: str) -> str:
    """The server-side-apply manager of one resource.

    The official provider draws it at random and keeps it in the state. Deriving it from the URN has the same effect and
    one more: an `up` that was killed before it could save its state finds its own fields again, not a stranger's.
    """
    return f"pulumi-kubernetes-{hashlib.sha256(urn.encode()).hexdigest()[:_SUFFIX_CHARACTERS]}"


def is_named(manifest: dict[str, Any]) -> bool:
    """Say if the program gave a name; one that is not known yet counts."""
    return isinstance(dig(manifest, "metadata", "name"), Unknown) or bool(name_of(manifest))


def assign_name(
    manifest: dict[str, Any],
    *,
    old: dict[str, Any],
    urn_name: str,
    seed: bytes,
    proposed: str | None,
    is_allowed: bool = True,
) -> dict[str, Any]:
    """The manifest with a name.

    Args:
        old: the inputs of the existing object, empty when it is new.
        urn_name: the Pulumi name, the prefix.
        seed: the engine's random seed for the resource.
        proposed: a name that the engine's own autonaming configuration proposes.
        is_allowed: False when that configuration forbids automatic names.

    Raises:
        NamingError: automatic names are forbidden, or `generateName` is used, which server-side apply does not support.
    """
    if is_named(manifest):
        return manifest
    if dig(manifest, "metadata", "generateName"):
        raise NamingError("metadata.generateName is not supported with server-side apply: set metadata.name or neither")
    metadata = manifest.get("metadata") or {}
    if not isinstance(metadata, dict):
        return manifest  # the whole of metadata is unknown at this preview
    if old and is_annotated(old, AUTONAMED):
        name = name_of(old)
    elif not is_allowed:
        raise NamingError("automatic naming is disabled for this resource: set metadata.name")
    else:
        name = proposed or f"{urn_name}-{suffix(seed)}"
    annotations = metadata.get("annotations")
    if annotations is not UNKNOWN:
        annotations = {**(annotations or {}), AUTONAMED: "true"}
    return {**manifest, "metadata": {**metadata, "name": name, "annotations": annotations}}
