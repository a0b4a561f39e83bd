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
    by_lower = {entry.lower(): entry for entry in known}
    close = [by_lower[match] for match in get_close_matches(name.lower(), list(by_lower), n=most, cutoff=0.5)]
    if close:
        return f"did you mean {' or '.join(close)}?"
    if listing and len(by_lower) > _MOST_NAMES:
        return f"`{listing}` shows the {len(by_lower)} known ones"
    return f"known are {', '.join(sorted(by_lower.values()))}"
