"""Helm releases are refused with a sentence until they are supported."""

from typing import Any

from tools.plugins.kubernetes.errors import ClusterError


class Releases:
    """Refuses every operation on a `kubernetes:helm.sh/v3:Release`."""

    def __init__(self, *_: Any) -> None: ...

    def __getattr__(self, _: str) -> Any:
        raise ClusterError("helm.sh/v3:Release is not supported yet by the offline stand-in")
