"""Content key: one hash over everything that decides the content of an image."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

#: Digits of a key in the tag: 48 bits, as readable as a short git hash and as unlikely to collide.
DIGITS = 12


def content_key(parts: Mapping[str, str | Path]) -> str:
    """Hash named parts: a text by its value, a file by its content without path, age or mode.

    The order of the mapping does not count; a part's name does, so that equal content under another name is another
    image.
    """
    digest = hashlib.sha256()
    for name in sorted(parts):
        part = parts[name]
        value = file_digest(part) if isinstance(part, Path) else hashlib.sha256(part.encode()).hexdigest()
        digest.update(f"{name}\0{value}\n".encode())
    return digest.hexdigest()[:DIGITS]


def file_digest(path: Path) -> str:
    """Compute the SHA-256 of a file, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
