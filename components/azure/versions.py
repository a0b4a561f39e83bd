"""Kubernetes versions of a cluster and its pools."""

import re
from dataclasses import dataclass

from modelyard.components.common.errors import ArgumentError

SKEW = 2
"""Minor versions that a pool may lag behind its control plane (AKS, upgrade node pools, rules for valid versions)."""

SOURCE = "AKS, upgrade node pools: rules for valid versions"

_VERSION = re.compile(r"1\.(?P<minor>[0-9]{1,3})(\.(?P<patch>[0-9]{1,3}))?")


@dataclass(frozen=True)
class Version:
    """`1.33`, for which AKS takes its newest patch, or `1.33.2`."""

    minor: int
    patch: int | None = None

    def __str__(self) -> str:
        return f"1.{self.minor}" + ("" if self.patch is None else f".{self.patch}")


def version(cluster: str, argument: str, text: str) -> Version:
    """The version that `text` names.

    Raises:
        ArgumentError: it names none.
    """
    found = _VERSION.fullmatch(str(text))
    if found is None:
        rule = "is written '1.33' (AKS takes the newest patch) or '1.33.2', in quotes, lest YAML read a number"
        raise ArgumentError(cluster, argument, text, rule, "AKS, supported Kubernetes versions")
    return Version(int(found["minor"]), None if found["patch"] is None else int(found["patch"]))


def within_skew(cluster: str, control_plane: Version, pool: str, of_pool: Version) -> Version:
    """`of_pool`, if nodes of that version can serve under the control plane's.

    Raises:
        ArgumentError: the pool is newer, or too old.
    """
    newer = of_pool.minor > control_plane.minor or (
        of_pool.minor == control_plane.minor
        and of_pool.patch is not None
        and control_plane.patch is not None
        and of_pool.patch > control_plane.patch
    )
    argument = f"kubernetes_version of pool {pool!r}"
    if newer:
        rule = f"a pool cannot be newer than its control plane, which is {control_plane}; upgrade that first"
        raise ArgumentError(cluster, argument, str(of_pool), rule, SOURCE)
    if control_plane.minor - of_pool.minor > SKEW:
        rule = f"a pool may be {SKEW} minor versions behind its control plane, which is {control_plane}, not more"
        raise ArgumentError(cluster, argument, str(of_pool), rule, SOURCE)
    return of_pool


def beside_channel(cluster: str, wanted: Version, channel: str) -> Version:
    """`wanted`, if the upgrade channel does not move the cluster past it.

    Raises:
        ArgumentError: a patch is named while a channel raises patches by itself: each later `up` would go back.
    """
    if wanted.patch is not None and channel in {"patch", "stable", "rapid"}:
        rule = (
            f"channel {channel!r} raises the patch by itself; write {Version(wanted.minor)!s}, or take channel 'none'"
        )
        raise ArgumentError(cluster, "kubernetes_version", str(wanted), rule, "AKS, automatically upgrade a cluster")
    return wanted
