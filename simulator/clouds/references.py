"""Ids that resources hold of each other: what must exist before, and what keeps a resource from being deleted."""

from collections.abc import Iterator
from typing import Any

from simulator.clouds.resource_type import ResourceType, Subject


def missing(kind: ResourceType, subject: Subject) -> str:
    """A sentence about the first id among the inputs whose resource does not exist; empty when all do.

    An id outside of what was simulated is believed: an existing network of another subscription or resource group is
    not in the simulated account, and must not be.
    """
    for path in kind.needs:
        for identifier in values(subject.inputs, path):
            if subject.cloud.find(identifier) is None and _is_ours(identifier, subject):
                return f"{path} of {subject.name or subject.token} is {identifier}, which does not exist"
    return ""


def holders(kind: ResourceType, subject: Subject) -> list[str]:
    """The ids of resources that refer to this one and keep it."""
    found = []
    for entry in kind.held_by:
        token, _, path = entry.rpartition("#")
        for record in subject.cloud.of_type(token):
            held = (value.lower() for value in values(record["inputs"], path))
            # What lies below it goes with it.
            is_below = record["id"].lower().startswith(subject.identifier.lower() + "/")
            if not is_below and subject.identifier.lower() in held:
                found.append(record["id"])
    return found


def values(properties: Any, path: str) -> Iterator[str]:
    """The texts at a path such as `subnetIds[*]` or `ipConfiguration.subnet.id`."""
    step, _, rest = path.partition(".")
    name, _, item = step.partition("[")
    value = properties.get(name) if isinstance(properties, dict) else None
    for one in value if item and isinstance(value, list) else [value]:
        if rest:
            yield from values(one, rest)
        elif isinstance(one, str):
            yield one


def _is_ours(identifier: str, subject: Subject) -> bool:
    """Whether the id would be in the simulated account if it existed."""
    if not identifier.startswith("/subscriptions/"):
        return True
    group = "/".join(identifier.split("/")[:5])
    return subject.cloud.find(group) is not None
