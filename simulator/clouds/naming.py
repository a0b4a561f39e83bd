"""Names that a program omits, generated as the official providers do: the Pulumi name and random digits."""

import hashlib
from typing import Any

from simulator.clouds.resource_type import ResourceType

#: Input that marks a generated name. Azure's provider has this key; the Terraform bridge keeps a list under another
#: one.
AUTONAMED = "__createBeforeDelete"


def with_name(kind: ResourceType, inputs: dict[str, Any], old: dict[str, Any], urn: str, seed: bytes) -> dict[str, Any]:
    """Add a name to the inputs, if the type has one and the program omits it.

    A generated name stays for the life of the resource, and a replacement gets another one.

    Args:
        old: inputs of the existing resource, empty when it is new.
        seed: random seed of the engine for the resource.
    """
    if not kind.name or inputs.get(kind.name) is not None:
        return inputs
    if kind.name in old:
        mark = {AUTONAMED: True} if old.get(AUTONAMED) else {}
        return {**inputs, kind.name: old[kind.name], **mark}
    own = urn.rpartition("::")[2]
    if not kind.suffix:
        return {**inputs, kind.name: own}
    digits = hashlib.sha256(seed or own.encode()).hexdigest()[: kind.suffix]
    return {**inputs, kind.name: f"{own}{kind.separator}{digits}", AUTONAMED: True}
