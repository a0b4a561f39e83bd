"""Instance types as candidates for serving: what they cost, and what is against them."""

from modelyard.workloads.planner.alike import Known
from modelyard.workloads.planner.candidate import Answer, Candidate
from modelyard.workloads.planner.offer import Offer, machine, offers, refused
from modelyard.workloads.planner.precision import Compute, compute
from modelyard.workloads.planner.pricing import priced
from modelyard.workloads.planner.request import Request
from modelyard.workloads.planner.serving.serving import Found, Serving
from modelyard.workloads.planner.shape import shape

_IMAGES = ("speed and memory of image generation are not estimated: weights and text encoder alone are",)


def serving_candidates(request: Request) -> list[Candidate]:
    """One candidate for each instance type.

    Those with equal GPUs get one technical answer, found once, as long as one node is enough; otherwise one for each
    kind of network between nodes.
    """
    serving = Serving(request, shape(request.model))
    computes: dict[str, Compute] = {}
    candidates: list[Candidate] = []
    architecture = request.model.architecture
    images = architecture is not None and architecture.kind == "diffusion"
    beside = _IMAGES if images else ()
    for alike in offers(request):
        gpu = alike[0].gpu
        how = computes.get(gpu.name)
        if how is None:
            how = computes[gpu.name] = compute(request.model, gpu, request.precision)
        known: Known[tuple[Found, Answer]] = Known()
        for offer in alike:
            refusal = offer.refusal or how.refusal
            if refusal:
                candidates.append(refused(offer.instance, refusal))
                continue
            both = known.of(offer)
            if both is None:
                found = serving.on(machine(offer, how.tflops))
                answer = found.answer(gpus_per_node=offer.instance.gpus, dtype=how.dtype, rated=not images)
                both = known.learn(offer, (found, answer), between_nodes=found.nodes > 1 and not found.reasons)
            found, answer = both
            if found.reasons:
                candidates.append(_too_small(offer, found))
                continue
            loaded, notes = request.model.weights_gib / found.nodes, (*how.notes, *found.notes, *beside)
            candidates.append(priced(request, offer, answer, loaded_gib=loaded, hours=None, notes=notes))
    return candidates


def _too_small(offer: Offer, found: Found) -> Candidate:
    usd_per_hour = None if offer.usd_per_hour is None else offer.usd_per_hour * found.nodes
    return refused(offer.instance, *found.reasons, nodes=found.nodes, memory=found.memory, usd_per_hour=usd_per_hour)
