"""OpenShift versions and OCM's notation of them."""

import re
from dataclasses import dataclass

_VERSION = re.compile(r"(?:openshift-v)?(\d+)\.(\d+)\.(\d+)(-[a-z]+\.\d+)?(?:-(candidate|fast|eus|nightly))?")


@dataclass(frozen=True, order=True)
class Release:
    """A version; versions order as they follow each other (release candidates before their release)."""

    numbers: tuple[int, int, int]
    final: bool
    suffix: str = ""

    @property
    def minor(self) -> str:
        """Minor version, `4.20`."""
        return f"{self.numbers[0]}.{self.numbers[1]}"

    def __str__(self) -> str:
        return ".".join(map(str, self.numbers)) + self.suffix


def parse_release(text: str) -> Release:
    """Parse `4.20.1`, `4.21.0-rc.2`, `openshift-v4.20.1` or `openshift-v4.20.1-candidate`.

    Raises:
        ValueError: it is written in another way.
    """
    match = _VERSION.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not an OpenShift version; write it in full, as '4.20.1'")
    suffix = match[4] or ""
    return Release((int(match[1]), int(match[2]), int(match[3])), not suffix, suffix)


def version_id(version: str, channel_group: str = "stable") -> str:
    """Compose OCM's id of a version: `openshift-v4.20.1`, with the channel group off the stable channel."""
    name = f"openshift-v{parse_release(version)}"
    return name if channel_group == "stable" else f"{name}-{channel_group}"
