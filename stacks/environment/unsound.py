"""Placeholder for a value of the file that was refused, so that the rest of the file is still checked.

A check that reads a placeholder stops there: its fault would only repeat the one that is known. Every check that reads
sound values alone goes on, so that one run reports everything.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NoReturn, TypeVar

Item = TypeVar("Item")


class UnsoundValueError(Exception):
    """A check read a value that was refused earlier. Not a ValueError, which rules of components catch."""


class Unsound:
    """Value that refuses every use."""

    def _refuse(self, *_: Any) -> NoReturn:
        raise UnsoundValueError

    __getattr__ = __getitem__ = __contains__ = __iter__ = __len__ = __bool__ = __str__ = __format__ = _refuse
    __int__ = __float__ = __add__ = __radd__ = __mul__ = __rmul__ = __mod__ = __truediv__ = __floordiv__ = _refuse
    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __hash__ = _refuse  # type: ignore[assignment]

    def __repr__(self) -> str:
        return "<unsound>"


UNSOUND = Unsound()


def require_sound(*values: object) -> None:
    """Stop the check if one of `values` was refused, before they go to code that knows of no placeholders."""
    if any(isinstance(value, Unsound) for value in values):
        raise UnsoundValueError


def skip_unsound(check: Callable[..., Iterable[Item]], *arguments: Any) -> Iterator[Item]:
    """Yield what `check` finds, up to the first unsound value that it reads."""
    try:
        yield from check(*arguments)
    except UnsoundValueError:
        return
