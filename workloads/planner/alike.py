"""One technical answer for instance types that are alike: found for the first, known for the others."""

from typing import Generic, TypeVar

from modelyard.workloads.planner.offer import Offer

Answered = TypeVar("Answered")


class Known(Generic[Answered]):
    """The answers for instance types with equal GPUs.

    One that does not use the network between nodes holds for all of them, another for those with the same network.
    """

    __slots__ = ("_alone", "_together")

    def __init__(self) -> None:
        self._alone: Answered | None = None
        self._together: dict[object, Answered] = {}

    def of(self, offer: Offer) -> Answered | None:
        """What is known of `offer`, or None."""
        return self._alone or self._together.get(offer.network)

    def learn(self, offer: Offer, answered: Answered, *, between_nodes: bool) -> Answered:
        """Keep what was found for `offer`."""
        if between_nodes:
            self._together[offer.network] = answered
        else:
            self._alone = answered
        return answered
