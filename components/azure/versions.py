"""Kubernetes versions of a cluster and its node pools."""

import re
from dataclasses import dataclass

from modelyard.components.common.errors import ArgumentError

SKEW = 2
"""Minor versions that a pool may lag behind its control plane (AKS, upgrade node pools, rules for valid versions)."""

SOURCE = "AKS, upgrade node pools: rules for valid versions"

_VERSION = re.compile(r"1\.(?P<minor>[0-9]{1,3})(\.(?P<patch>[0-9]{1,3}))?")


@dataclass(frozen=True)
class Version:
    """Kubernetes version: `1.33`, for which AKS takes its newest patch, or `1.33.2`."""

    minor: int
    patch: int | None = None

    def __str__(self) -> str:
        return f"1.{self.minor}" + ("" if self.patch is None else f".{self.patch}")


def parse_version(component: str, argument: str, text: str) -> Version:
    """Parse `1.33` or `1.33.2`.

    Raises:
        ArgumentError: the text has another form.
    """
    match = _VERSION.fullmatch(str(text))
    if match is None:
        rule = "must be '1.33', of which AKS takes the newest patch, or '1.33.2'; quote it, or YAML reads a number"
        raise ArgumentError(component, argument, text, rule, "AKS, supported Kubernetes versions")
    return Version(int(match["minor"]), None if match["patch"] is None else int(match["patch"]))


def validate_skew(component: str, control_plane: Version, pool: Version) -> Version:
    """Return `pool`, the version of a node pool, if its nodes can serve under the control plane's.

    Raises:
        ArgumentError: the pool is newer, or too old.
    """
    newer = pool.minor > control_plane.minor or (
        pool.minor == control_plane.minor
        and pool.patch is not None
        and control_plane.patch is not None
        and pool.patch > control_plane.patch
    )
    if newer:
        rule = f"must not be newer than the control plane, which is {control_plane}; upgrade that first"
        raise ArgumentError(component, "kubernetes_version", str(pool), rule, SOURCE)
    if control_plane.minor - pool.minor > SKEW:
        rule = f"must be at most {SKEW} minor versions behind the control plane, which is {control_plane}"
        raise ArgumentError(component, "kubernetes_version", str(pool), rule, SOURCE)
    return pool


def validate_channel(component: str, version: Version, channel: str) -> Version:
    """Return `version` if the upgrade channel does not move the cluster past it.

    Raises:
        ArgumentError: a patch is named while the channel raises patches: each later `up` would go back.
    """
    if version.patch is not None and channel in {"patch", "stable", "rapid"}:
        minor = Version(version.minor)
        rule = f"must not name a patch, because channel {channel!r} raises it; write '{minor}', or take channel 'none'"
        raise ArgumentError(component, "kubernetes_version", str(version), rule, "AKS, automatically upgrade a cluster")
    return version
