"""The cluster of a file: what its kind needs to be told, what it must not be, and what the cloud refuses."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from modelyard.components.common.errors import ArgumentError
from modelyard.stacks.environment.environment import Environment, Kind
from modelyard.stacks.environment.section import Section
from modelyard.stacks.platforms import clusters
from modelyard.stacks.validation.messages import Complaint

MADE = {Kind.AKS: "aks", Kind.ROSA: "rosa"}
"""Kinds that make their cluster, and the key of `cluster` that says what it is."""

KEYS = {
    "api.private": "private_api",
    "api.authorized_ranges": "authorized_ranges",
    "private": "private_api",
    "delete_protection": "production",
    "nodes": "network.nodes",
    "pods": "network.pods",
    "pod_subnet": "network.pod_subnet",
    "services": "network.services",
}
"""Keys of the file whose argument has another name in a component."""


def cluster(environment: Environment) -> Iterator[Complaint]:
    """The cluster is reached or made, and can be."""
    given, kind = environment.cluster, environment.kind
    mine = MADE.get(kind)
    for key in MADE.values():
        if key != mine and getattr(given, key) is not None:
            makes = "makes no cluster" if mine is None else f"makes the cluster of cluster.{mine}"
            yield Complaint(("cluster", key), None, f"kind {kind.value!r} {makes}; kind {key!r} makes this one")
    if mine is None:
        if given.kubeconfig is None:
            yield Complaint(("cluster", "kubeconfig"), None, "is missing")
        return
    if getattr(given, mine) is None:
        yield Complaint(("cluster", mine), None, f"is missing: the cluster that kind {mine!r} makes")
    for key in ("kubeconfig", "context"):
        if getattr(given, key) is not None:
            yield Complaint(("cluster", key), getattr(given, key), f"kind {mine!r} makes its cluster; leave it out")
    try:
        clusters.judge(environment)
    except ArgumentError as wrong:
        yield of_cloud(environment, wrong)


def of_cloud(environment: Environment, wrong: ArgumentError) -> Complaint:
    """What a rule of the cloud says of the cluster, at the key that carries it."""
    section = MADE[environment.kind]
    text = f"{wrong.rule} ({wrong.source})" if wrong.source else wrong.rule
    if wrong.argument == "cluster_name":
        return Complaint(("name",), wrong.value, text)
    inside = _inside(getattr(environment.cluster, section), KEYS.get(wrong.argument, wrong.argument))
    if inside:
        value = wrong.value if isinstance(wrong.value, (str, int, float)) else None
        return Complaint(("cluster", section, *inside), value, text)
    return Complaint(("cluster", section), None, f"{wrong.argument} = {wrong.value!r}: {text}")


def carries(environment: Environment, argument: str) -> bool:
    """Whether the section of the cluster that is made has a key for `argument`."""
    made = environment.cluster.made()
    return made is not None and bool(_inside(made, KEYS.get(argument, argument)))


def _inside(here: Any, argument: str) -> tuple[str, ...]:
    """`budget.emails` and `vcpu_quota[L-DB2E81BA]` as places, as far as the file has them."""
    found: list[str] = []
    for part in re.findall(r"[^.\[\]]+", argument):
        there = here.get(part) if isinstance(here, Mapping) else getattr(here, part, None)
        if there is None and not (isinstance(here, Section) and part in type(here).model_fields):
            break
        found.append(part)
        here = there
    return tuple(found)
