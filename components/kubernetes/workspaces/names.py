"""Names of workspaces, and what their URIs imply for the pods."""

import re
from collections.abc import Iterable, Sequence

from modelyard.components.kubernetes.volume import VolumeArgs
from modelyard.workloads.preprocess.location import parse

_DNS_LABEL = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")


def checked(name: str, longest: int) -> str:
    """`name`, if Kubernetes and KubeRay accept it.

    Raises:
        ValueError: it is longer than `longest`, or not a DNS label (RFC 1035).
    """
    if len(name) > longest:
        raise ValueError(f"name {name!r} has {len(name)} characters; allowed are {longest}")
    if not _DNS_LABEL.fullmatch(name):
        raise ValueError(
            f"name {name!r} must start with a lower-case letter, continue with lower-case letters, digits and '-', "
            "and end with a letter or digit"
        )
    return name


def claims_of(uris: Iterable[str | None], volumes: Sequence[VolumeArgs]) -> tuple[str, ...]:
    """Claims that pods must mount to reach `uris` and `volumes`, each once, sorted."""
    named = {parse(uri).claim for uri in uris if uri}
    return tuple(sorted({claim for claim in named if claim} | {one["claim"] for one in volumes}))


def needs_internet(uris: Iterable[str | None]) -> bool:
    """Whether any of `uris` is read from outside the cluster."""
    return any(parse(uri).path is None for uri in uris if uri)
