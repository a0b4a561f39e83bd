"""Instance types as candidates for serving: what they cost, and what is against them."""

from modelyard.workloads.planner.candidate import Answer, Candidate
from modelyard.workloads.planner.offer import Offer, machine, offers, refused
from modelyard.workloads.planner.precision import Compute, compute
from modelyard.workloads.planner.pricing import priced
from modelyard.workloads.planner.request import Request
from modelyard.workloads.planner.serving import Found, Serving
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
        alone: tuple[Found, Answer] | None = None
        together: dict[object, tuple[Found, Answer]] = {}
        for offer in alike:
            refusal = offer.refusal or how.refusal
            if refusal:
                candidates.append(refused(offer.instance, refusal))
                continue
            known = alone or together.get(offer.network)
            if known is None:
                found = serving.on(machine(offer, how.tflops))
                known = found, _answer(found, offer.instance.gpus, how.dtype, images=images)
                if found.nodes == 1 or found.reasons:
                    alone = known
                else:
                    together[offer.network] = known
            found, answer = known
            if found.reasons:
                candidates.append(_too_small(offer, found))
                continue
            loaded, notes = request.model.weights_gib / found.nodes, (*how.notes, *found.notes, *beside)
            candidates.append(priced(request, offer, answer, loaded_gib=loaded, hours=None, notes=notes))
    return candidates


def _answer(found: Found, gpus_per_node: int, dtype: str, *, images: bool) -> Answer:
    layout, speed = found.layout, None if images else found.speed
    return Answer(
        nodes=found.nodes,
        gpus_per_node=gpus_per_node,
        tensor_parallel=layout.tensor,
        pipeline_parallel=layout.pipeline,
        data_parallel=layout.data,
        expert_parallel=layout.expert,
        sharding="none",
        dtype=dtype,
        max_context_tokens=found.max_context_tokens,
        max_concurrency=found.max_concurrency,
        concurrency=found.concurrency,
        gpu_memory_gib=found.memory,
        tokens_per_second=speed.tokens_per_second if speed else None,
        time_to_first_token_ms=speed.time_to_first_token_ms if speed else None,
        inter_token_latency_ms=speed.inter_token_latency_ms if speed else None,
    )


def _too_small(offer: Offer, found: Found) -> Candidate:
    usd_per_hour = None if offer.usd_per_hour is None else offer.usd_per_hour * found.nodes
    return refused(offer.instance, *found.reasons, nodes=found.nodes, memory=found.memory, usd_per_hour=usd_per_hour)
