"""Creation of a resource exactly once, although the program may be killed at any moment and answers may get lost.

OCM knows no idempotency keys. So a resource carries a mark of the program that created it, and every creation begins
with a look: a resource with our mark is adopted, any other one is refused and left as it is.
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


def owner_mark(project: str, stack: str, name: str) -> str:
    """Compose the mark of a resource: unique in a Pulumi backend, and the same in every run."""
    return f"pulumi:{project}:{stack}:{name}"


def program_of(owner: str) -> str:
    """Cut a mark down to the part that names the program and its stack."""
    return owner.rpartition(":")[0]


@dataclass(frozen=True, kw_only=True)
class Creation(Generic[T]):
    """Steps that create one resource, or adopt it."""

    label: str
    """Name in messages: "cluster 'gpu1'"."""
    find: Callable[[], T | None]
    """Looks for a resource of that name."""
    create: Callable[[], T]
    """Asks for the resource; may end in `AmbiguousError`."""
    owner_of: Callable[[T], str | None]
    """Reads the mark of an existing resource."""
    owner: str
    """Our mark."""
    differences: Callable[[T], list[str]]
    """Lists fields that cannot be changed and differ, each as "region.id is a, wanted b"."""
    pauses: Callable[[], Iterator[float]]
    """Yields pauses between attempts after lost answers."""
    sleep: Callable[[float], None]

    def create_or_adopt(self) -> tuple[T, bool]:
        """Create the resource, unless an interrupted run left it.

        Returns:
            The resource, and True where it was adopted.

        Raises:
            ForeignError: a resource of that name is not ours.
            DifferentError: ours exists, and differs in a field that cannot be changed.
            AmbiguousError: answers got lost until all pauses were spent.
        """
        pauses = self.pauses()
        while True:
            existing = self.find()
            if existing is not None:
                self._check_existing(existing)
                return existing, True
            try:
                return self.create(), False
            except AmbiguousError:
                pause = next(pauses, None)
                if pause is None:
                    raise
                self.sleep(pause)

    def _check_existing(self, existing: T) -> None:
        owner = self.owner_of(existing)
        if owner != self.owner:
            fact = f"belongs to {owner!r}" if owner else "was made by somebody else (it carries no mark of modelyard)"
            raise ForeignError(
                f"{self.label} exists and {fact}; it is left as it is. Choose another name, or delete it, or use it "
                "as an existing cluster"
            )
        differences = self.differences(existing)
        if differences:
            raise DifferentError(
                f"{self.label} is left from an earlier run and differs in what cannot be changed: "
                f"{'; '.join(differences)}. Go back to the earlier settings, or delete it first"
            )
