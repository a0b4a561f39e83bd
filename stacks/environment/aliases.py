"""Former keys of the environment file, which stay accepted beside today's.

Each former key is moved to where its value belongs now before the file is read.
Messages show the key as it was written.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType
from typing import Any

from modelyard.stacks.environment.section import Path

_PROVIDER = "cluster.rosa.identity_providers[0]"

ALIASES: Mapping[str, str] = MappingProxyType(
    {
        "cluster.aks.private_api": "cluster.aks.api.private",
        "cluster.aks.authorized_ranges": "cluster.aks.api.authorized_ranges",
        "cluster.rosa.private_api": "cluster.rosa.private",
        "cluster.rosa.login.name": f"{_PROVIDER}.name",
        "cluster.rosa.login.issuer": f"{_PROVIDER}.open_id.issuer",
        "cluster.rosa.login.client_id": f"{_PROVIDER}.open_id.client_id",
        "cluster.rosa.login.client_secret": f"{_PROVIDER}.open_id.client_secret",
        "cluster.rosa.login.groups_claim": f"{_PROVIDER}.open_id.claims.groups[0]",
        "cluster.rosa.login.admins": "cluster.rosa.admins",
    }
)
"""Today's place of each former key. Today's are the names of the components' arguments."""


@dataclass(frozen=True)
class CurrentDocument:
    """A document with today's keys."""

    content: dict[str, Any]
    written: Mapping[Path, Path]
    """Path of each moved value in the file, by its path in `content`."""

    def path_in_file(self, path: Path) -> Path:
        """Return the path under which a value stands in the file."""
        for current, former in self.written.items():
            if path[: len(current)] == current:
                return (*former, *path[len(current) :])
        return path

    def scalar(self, path: Path, default: Any) -> Any:
        """Return the text or number at `path` as it was written; `default` where there is none."""
        value = _follow(self.content, path)
        return value if isinstance(value, (str, int, float)) else default

    def position(self, path: Path) -> tuple[int, ...]:
        """Return the place of a value in the order of the file; a missing key follows those that are there."""
        places, value = [], self.content
        for part in path:
            keys: list[Any] = list(value) if isinstance(value, dict) else list(range(len(value or ())))
            places.append(keys.index(part) if part in keys else len(keys))
            value = _follow(value, (part,))
            value = value if isinstance(value, (dict, list)) else {}
        return tuple(places)

    def notes(self) -> list[str]:
        """Return a sentence for each former key in use."""
        return [
            f"{format_path(former)} is now {format_path(current)}; the former key goes with the next major release"
            for current, former in self.written.items()
        ]


def resolve_aliases(document: Mapping[str, Any]) -> CurrentDocument:
    """Return a copy of `document` in which every former key has become today's, where that is not given as well."""
    content: dict[str, Any] = _copy(document)
    moves = [(parse_path(former), parse_path(current)) for former, current in ALIASES.items()]
    return CurrentDocument(content, {target: source for source, target in moves if _move(content, source, target)})


def parse_path(text: str) -> Path:
    """Return the parts of a path such as `teams[0].quota.gpus` or `vcpu_quota[L-DB2E81BA]`."""
    return tuple(int(part) if part.isdigit() else part for part in re.findall(r"[^.\[\]]+", text))


def format_path(path: Path) -> str:
    """Return `path` as `pulumi config set --path` writes it."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text or "(the whole object)"


def _copy(value: Any) -> Any:
    """Return a copy with keys of text, in which no object stands twice, as YAML's anchors would have it."""
    if isinstance(value, Mapping):
        return {str(key): _copy(inner) for key, inner in value.items()}
    return [_copy(item) for item in value] if isinstance(value, list) else value


def _move(content: dict[str, Any], source: Path, target: Path) -> bool:
    """Move a value and tell whether there was one; its section goes along when nothing else is in it."""
    *parents, key = source
    section = _follow(content, parents)
    if not isinstance(section, dict) or key not in section:
        return False
    place: Any = content
    for part, following in pairwise(target):
        if isinstance(place, list) and part == len(place):
            place.append({})
        elif isinstance(place, dict):
            place.setdefault(part, [] if isinstance(following, int) else {})
        place = place[part]  # type: ignore[index]  # an index of a list, a key of a dict
        if not isinstance(place, (dict, list)):
            return False
    if isinstance(place, list):
        place.append(section.pop(key))
    elif target[-1] in place:
        return False
    else:
        place[target[-1]] = section.pop(key)
    if not section:
        del _follow(content, parents[:-1])[parents[-1]]
    return True


def _follow(content: Any, path: Iterable[str | int]) -> Any:
    for part in path:
        if isinstance(content, list) and isinstance(part, int) and part < len(content):
            content = content[part]
        else:
            content = content.get(part) if isinstance(content, dict) else None
    return content
