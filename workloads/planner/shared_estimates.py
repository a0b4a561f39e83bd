"""Estimates that instance types with equal GPUs share: computed for the first of them and kept for the others."""

from collections.abc import Callable

from modelyard.workloads.hardware.gpu import Gpu
from modelyard.workloads.planner.candidate import Candidate, Estimate
from modelyard.workloads.planner.offer import Offer, list_offers, refuse_instance
from modelyard.workloads.planner.precision import ComputePrecision
from modelyard.workloads.planner.pricing import build_candidate
from modelyard.workloads.planner.request import Request


class SharedEstimateCache:
    """Estimates for one group of instance types with equal GPUs.

    An estimate for one node holds for the whole group, and one for several nodes for those with the same network.
    """

    __slots__ = ("_by_network", "_one_node")

    def __init__(self) -> None:
        self._one_node: Estimate | None = None
        self._by_network: dict[object, Estimate] = {}

    def get(self, offer: Offer) -> Estimate | None:
        """Return the estimate that holds for the offer, or None."""
        return self._one_node or self._by_network.get(offer.network)

    def put(self, offer: Offer, estimate: Estimate) -> None:
        """Keep the estimate that was computed for the offer."""
        if estimate.fields.nodes > 1 and not estimate.reasons:
            self._by_network[offer.network] = estimate
        else:
            self._one_node = estimate


def collect_candidates(
    request: Request,
    choose_precision: Callable[[Gpu], ComputePrecision],
    estimate_offer: Callable[[Offer, ComputePrecision], Estimate],
) -> list[Candidate]:
    """Build one candidate for each instance type; the functions run once per GPU and per shared estimate."""
    precisions: dict[str, ComputePrecision] = {}
    candidates: list[Candidate] = []
    for group in list_offers(request):
        gpu = group[0].gpu
        if gpu.name not in precisions:
            precisions[gpu.name] = choose_precision(gpu)
        precision = precisions[gpu.name]
        cache = SharedEstimateCache()
        for offer in group:
            refusal = offer.refusal or precision.refusal
            if refusal:
                candidates.append(refuse_instance(offer.instance, refusal))
                continue
            estimate = cache.get(offer)
            if estimate is None:
                estimate = estimate_offer(offer, precision)
                cache.put(offer, estimate)
            candidates.append(build_candidate(request, offer, estimate))
    return candidates
