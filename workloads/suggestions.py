"""End of a message about an unknown name: the nearest valid names, or all of them."""

from collections.abc import Iterable
from difflib import get_close_matches

_MOST_NAMES = 40
"""Most names that a message lists."""


def suggest(name: str, known: Iterable[str], *, most: int = 3, listing: str = "") -> str:
    """Return the nearest valid names, in any case of letters, or else all of them.

    Args:
        name: the unknown name.
        known: the valid names.
        most: nearest names to return.
        listing: a command that lists the valid names, for a message that would be too long.
    """
    names = sorted(known)
    if near := find_nearest(name, names, most=most):
        return f"did you mean {' or '.join(near)}?"
    if listing and len(names) > _MOST_NAMES:
        return f"`{listing}` shows the {len(names)} known ones"
    return f"known are {', '.join(names)}"


def propose(name: str, known: Iterable[str], *, most: int = 1) -> str:
    """Return `did you mean 'a' or 'b'?` with the nearest valid names; empty where no name is near."""
    near = find_nearest(name, known, most=most)
    return f"did you mean {' or '.join(map(repr, near))}?" if near else ""


def find_nearest(name: str, known: Iterable[str], *, most: int = 1) -> list[str]:
    """Return the valid names that resemble `name` in any case of letters, the nearest first."""
    by_lower = {valid.lower(): valid for valid in known}
    return [by_lower[match] for match in get_close_matches(name.lower(), by_lower, n=most, cutoff=0.5)]
