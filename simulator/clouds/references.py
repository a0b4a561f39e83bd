"""References between resources by id: resources that must exist, and resources that block a deletion."""

from collections.abc import Iterator
from typing import Any

from simulator.clouds.resource_type import ResourceType, Subject


def missing(kind: ResourceType, subject: Subject) -> str:
    """Describe the first id among the inputs whose resource does not exist; empty when all exist.

    Ids outside the simulated resource groups count as existing: a network of another subscription or resource group
    is not in the simulated account, and need not be.
    """
    for path in kind.needs:
        for identifier in values(subject.inputs, path):
            if subject.cloud.find(identifier) is None and _is_ours(identifier, subject):
                return f"{path} of {subject.name or subject.token} is {identifier}, which does not exist"
    return ""


def holders(kind: ResourceType, subject: Subject) -> list[str]:
    """List the ids of resources that refer to this one and block its deletion."""
    identifiers = []
    for entry in kind.held_by:
        token, _, path = entry.rpartition("#")
        for record in subject.cloud.of_type(token):
            references = (value.lower() for value in values(record["inputs"], path))
            # Resources below it are deleted with it.
            is_below = record["id"].lower().startswith(subject.identifier.lower() + "/")
            if not is_below and subject.identifier.lower() in references:
                identifiers.append(record["id"])
    return identifiers


def values(properties: Any, path: str) -> Iterator[str]:
    """Yield the texts at a path such as `subnetIds[*]` or `ipConfiguration.subnet.id`."""
    step, _, rest = path.partition(".")
    name, _, item = step.partition("[")
    value = properties.get(name) if isinstance(properties, dict) else None
    for child in value if item and isinstance(value, list) else [value]:
        if rest:
            yield from values(child, rest)
        elif isinstance(child, str):
            yield child


def _is_ours(identifier: str, subject: Subject) -> bool:
    """Tell whether the id would be in the simulated account if it existed."""
    if not identifier.startswith("/subscriptions/"):
        return True
    group = "/".join(identifier.split("/")[:5])
    return subject.cloud.find(group) is not None
