"""Instance types as candidates for serving: what they cost, and what is against them."""

from modelyard.workloads.planner import cost
from modelyard.workloads.planner.candidate import Candidate
from modelyard.workloads.planner.offer import Offer, machine, offers, over_limit, refused
from modelyard.workloads.planner.precision import Compute, compute
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
    for alike in offers(request):
        gpu = alike[0].gpu
        how = computes.get(gpu.name)
        if how is None:
            how = computes[gpu.name] = compute(request.model, gpu, request.precision)
        alone: Found | None = None
        together: dict[object, Found] = {}
        for offer in alike:
            refusal = offer.refusal or how.refusal
            if refusal:
                candidates.append(refused(offer.instance, refusal))
                continue
            found = alone or together.get(offer.network)
            if found is None:
                found = serving.on(machine(offer, how.tflops))
                if found.nodes == 1 or found.reasons:
                    alone = found
                else:
                    together[offer.network] = found
            candidates.append(_served(request, offer, how, found))
    return candidates


def _served(request: Request, offer: Offer, how: Compute, found: Found) -> Candidate:
    instance, layout, memory = offer.instance, found.layout, found.memory
    usd_per_hour = None if offer.usd_per_hour is None else offer.usd_per_hour * found.nodes
    reasons = found.reasons or over_limit(request, usd_per_hour, found.nodes)
    rated = found.speed
    if reasons or rated is None:
        return refused(instance, *reasons, nodes=found.nodes, memory=memory, usd_per_hour=usd_per_hour)
    architecture, weights = request.model.architecture, request.model.weights_gib
    images = architecture is not None and architecture.kind == "diffusion"
    start = cost.cold_start_seconds(instance, request.model.download_gib or weights, weights / found.nodes)
    return Candidate(
        sku=instance.name,
        cloud=instance.cloud,
        gpu=instance.gpu,
        fits=True,
        region=offer.price.region if offer.price else None,
        nodes=found.nodes,
        gpus_per_node=instance.gpus,
        tensor_parallel=layout.tensor,
        pipeline_parallel=layout.pipeline,
        data_parallel=layout.data,
        expert_parallel=layout.expert,
        dtype=how.dtype,
        max_context_tokens=found.max_context_tokens,
        max_concurrency=found.max_concurrency,
        concurrency=found.concurrency,
        gpu_memory_gib=memory,
        tokens_per_second=None if images else rated.tokens_per_second,
        time_to_first_token_ms=None if images else rated.time_to_first_token_ms,
        inter_token_latency_ms=rated.inter_token_latency_ms,
        usd_per_hour=usd_per_hour,
        usd_per_million_tokens=None if images else cost.usd_per_million(usd_per_hour, rated.tokens_per_second),
        usd_per_month_idle=None if usd_per_hour is None else usd_per_hour * cost.HOURS_PER_MONTH,
        cold_start_seconds=start,
        usd_per_cold_start=None if usd_per_hour is None else usd_per_hour * start / 3600,
        spot_risk=cost.spot_risk(instance.cloud, found.nodes, spot=request.spot),
        notes=(*how.notes, *found.notes, *(_IMAGES if images else ())),
    )
