"""Who reaches the API server of an AKS cluster, and who administers it."""

import re

from modelyard.components.azure.cluster import network
from modelyard.components.azure.cluster.args import AksApiArgs
from modelyard.components.common.errors import ArgumentError

_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def api(name: str, args: AksApiArgs) -> tuple[bool, tuple[str, ...]]:
    """Whether the API server is private, and the ranges that reach a public one.

    Raises:
        ArgumentError: both, neither, or the whole internet.
    """
    private, ranges = bool(args.get("private", True)), tuple(args.get("authorized_ranges", ()))
    source = "AKS, API server authorized IP ranges; checkov CKV_AZURE_6"
    if private and ranges:
        rule = "does not go with a private API server, which no public address reaches"
        raise ArgumentError(name, "api.authorized_ranges", list(ranges), rule, source)
    if not private and not ranges:
        rule = "a public API server needs authorized_ranges: who may reach it"
        raise ArgumentError(name, "api.private", private, rule, source)
    for text in ranges:
        if network.parsed(name, "api.authorized_ranges", text).prefixlen == 0:
            raise ArgumentError(name, "api.authorized_ranges", text, "lets the whole internet in", source)
    return private, ranges


def admin_groups(name: str, groups: list[str]) -> tuple[str, ...]:
    """Object ids of Entra groups.

    Raises:
        ArgumentError: there is none, or a name stands for an id.
    """
    source = "AKS, Microsoft Entra integration"
    if not groups:
        raise ArgumentError(name, "admin_groups", groups, "names at least one group: local accounts are off", source)
    for one in groups:
        if not _GUID.fullmatch(one):
            raise ArgumentError(name, "admin_groups", one, "is the object id of a group, a GUID, not its name", source)
    return tuple(groups)
