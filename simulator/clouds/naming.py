"""Names that a program leaves out, made as the official providers make them: the Pulumi name and random digits."""

import hashlib
from typing import Any

from simulator.clouds.resource_type import ResourceType

#: Where the inputs remember that the name was made up. Azure's provider has a key of this name; the Terraform bridge
#: keeps a list under another one.
AUTONAMED = "__createBeforeDelete"


def with_name(kind: ResourceType, inputs: dict[str, Any], old: dict[str, Any], urn: str, seed: bytes) -> dict[str, Any]:
    """The inputs with a name, if the type has one and none was given.

    A made-up name stays for the life of the resource, and a replacement gets another one.

    Args:
        old: the inputs of the existing resource, empty when it is new.
        seed: the engine's random seed for the resource.
    """
    if not kind.name or inputs.get(kind.name) is not None:
        return inputs
    if kind.name in old:
        kept = {AUTONAMED: True} if old.get(AUTONAMED) else {}
        return {**inputs, kind.name: old[kind.name], **kept}
    own = urn.rpartition("::")[2]
    if not kind.suffix:
        return {**inputs, kind.name: own}
    digits = hashlib.sha256(seed or own.encode()).hexdigest()[: kind.suffix]
    return {**inputs, kind.name: f"{own}{kind.separator}{digits}", AUTONAMED: True}
