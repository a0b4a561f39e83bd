"""Creating something exactly once, although the program may be killed at any moment and answers may get lost.

OCM knows no idempotency keys. So a thing carries a mark of the program that made it, and every creation begins with a
look: what carries our mark is taken up again, what carries none is refused and left as it is.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from modelyard.components.rosa.ocm.errors import AmbiguousError, DifferentError, ForeignError

T = TypeVar("T")

PROPERTY = "modelyard_owner"
"""Key of the mark among the properties of a cluster ("user defined properties for tagging and querying")."""

TAG = "modelyard-owner"
"""Key of the mark among the AWS tags of a node pool, which has no properties."""


def mark(project: str, stack: str, name: str) -> str:
    """Who made a thing: unique in a Pulumi backend, and the same in every run."""
    return f"pulumi:{project}:{stack}:{name}"


def program(owner: str) -> str:
    """The part of a mark that names the program and its stack."""
    return owner.rpartition(":")[0]


@dataclass(frozen=True, kw_only=True)
class Creation(Generic[T]):
    """How one thing is made once."""

    what: str
    """For messages: "cluster gpu1"."""
    find: Callable[[], T | None]
    """Looks for something of that name."""
    make: Callable[[], T]
    """Asks for it; may end in `AmbiguousError`."""
    owner: Callable[[T], str | None]
    """The mark that the found one carries."""
    mine: str
    """Our mark."""
    differences: Callable[[T], list[str]]
    """Fields that cannot be changed and differ from what is wanted, each as "region.id is a, wanted b"."""
    waits: Callable[[], Iterator[float]]
    """Pauses between tries after lost answers."""
    sleep: Callable[[float], None]

    def once(self) -> tuple[T, bool]:
        """The thing, and whether it had been there (True) or was made now (False).

        Raises:
            ForeignError: something of that name is not ours.
            DifferentError: ours is there, and differs in what cannot be changed.
            AmbiguousError: answers got lost until patience ended.
        """
        pauses = self.waits()
        while True:
            found = self.find()
            if found is not None:
                return self._ours(found), True
            try:
                return self.make(), False
            except AmbiguousError:
                pause = next(pauses, None)
                if pause is None:
                    raise
                self.sleep(pause)

    def _ours(self, found: T) -> T:
        whose = self.owner(found)
        if whose != self.mine:
            said = f"belongs to {whose!r}" if whose else "was made by somebody else (it carries no mark of modelyard)"
            raise ForeignError(
                f"{self.what} exists and {said}; it is left as it is. Choose another name, or delete it, or use it as "
                "an existing cluster"
            )
        different = self.differences(found)
        if different:
            raise DifferentError(
                f"{self.what} is left from an earlier run and differs in what cannot be changed: "
                f"{'; '.join(different)}. Go back to the earlier settings, or delete it first"
            )
        return found
