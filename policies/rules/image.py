"""Container image references: registry, repository, tag, digest.

The grammar is that of distribution/reference v0.6 (`reference.go`, `normalize.go`): the first path component is a
registry only if it contains a dot or a colon, or is `localhost`; a name without registry belongs to docker.io, and one
without any slash to docker.io/library.
"""

import re
from dataclasses import dataclass

_COMPONENT = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_REFERENCE = re.compile(
    rf"(?:(?P<registry>localhost(?::[0-9]+)?|[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+(?::[0-9]+)?|[A-Za-z0-9-]+:[0-9]+)/)?"
    rf"(?P<repository>{_COMPONENT}(?:/{_COMPONENT})*)"
    r"(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?"
    r"(?:@(?P<digest>[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[0-9a-fA-F]{32,}))?"
)


@dataclass(frozen=True, slots=True)
class Image:
    """One image reference with the defaults of the docker.io names filled in."""

    registry: str
    repository: str
    tag: str | None = None
    digest: str | None = None

    def __str__(self) -> str:
        tag = f":{self.tag}" if self.tag else ""
        digest = f"@{self.digest}" if self.digest else ""
        return f"{self.name}{tag}{digest}"

    @property
    def name(self) -> str:
        """Registry and repository, without tag and digest."""
        return f"{self.registry}/{self.repository}"

    def is_below(self, prefix: str) -> bool:
        """Say if the name is `prefix`, or lies below it: `quay.io/a` covers `quay.io/a/b`, not `quay.io/ab`."""
        return self.name == prefix.rstrip("/") or self.name.startswith(prefix.rstrip("/") + "/")


def parse_image(text: str) -> Image:
    """Parse the image reference `text`.

    Raises:
        ValueError: `text` is no image reference.
    """
    match = _REFERENCE.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not an image reference; write [registry/]repository[:tag][@sha256:digest]")
    registry, repository = match["registry"], match["repository"]
    if registry is None:
        registry = "docker.io"
        repository = repository if "/" in repository else f"library/{repository}"
    return Image(registry, repository, match["tag"], match["digest"])
