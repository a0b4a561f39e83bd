"""Instance types as candidates for fine-tuning: how long a run takes there, and what it costs."""

import dataclasses

from modelyard.workloads.planner import cost
from modelyard.workloads.planner.candidate import Candidate
from modelyard.workloads.planner.fine_tune import Tuned, Tuning, stand_in
from modelyard.workloads.planner.offer import Offer, machine, offers, over_limit, refused
from modelyard.workloads.planner.precision import Compute, compute
from modelyard.workloads.planner.request import Request
from modelyard.workloads.planner.shape import shape


def tuning_candidates(request: Request) -> list[Candidate]:
    """One candidate for each instance type; see `serving_candidates` for which are answered together."""
    model, sizes = request.model, shape(request.model)
    architecture, scale = model.architecture, 1.0
    if architecture is None:
        architecture = stand_in(sizes, model.max_context_tokens)
        scale = model.parameters / architecture.parameters
    tuning = Tuning(request, architecture, scale * (1 + (0.0 if model.exact else model.margin)))
    # Other quantisations are for serving: full and LoRA train the 16-bit weights, QLoRA quantises them itself.
    plain = model.model_copy(update={"quantisation": "none", "kv_bytes_per_value": 2})
    computes: dict[str, Compute] = {}
    candidates: list[Candidate] = []
    for alike in offers(request):
        gpu = alike[0].gpu
        how = computes.get(gpu.name)
        if how is None:
            how = compute(plain, gpu, request.precision)
            of_training = tuple(note for note in how.notes if "vLLM" not in note)
            how = computes[gpu.name] = dataclasses.replace(how, notes=of_training)
        alone: Tuned | None = None
        together: dict[object, Tuned] = {}
        for offer in alike:
            refusal = offer.refusal or how.refusal
            if refusal:
                candidates.append(refused(offer.instance, refusal))
                continue
            tuned = alone or together.get(offer.network)
            if tuned is None:
                tuned = tuning.on(machine(offer, how.tflops), how.dtype)
                if tuned.nodes == 1 or tuned.reasons:
                    alone = tuned
                else:
                    together[offer.network] = tuned
            candidates.append(_tuned(request, offer, how.notes, tuned))
    return candidates


def _tuned(request: Request, offer: Offer, notes: tuple[str, ...], tuned: Tuned) -> Candidate:
    instance, model, hours = offer.instance, request.model, tuned.hours
    usd_per_hour = None if offer.usd_per_hour is None else offer.usd_per_hour * tuned.nodes
    reasons = tuned.reasons or over_limit(request, usd_per_hour, tuned.nodes)
    if reasons:
        return refused(instance, *reasons, nodes=tuned.nodes, memory=tuned.memory, usd_per_hour=usd_per_hour)
    start = cost.cold_start_seconds(instance, model.download_gib or model.weights_gib, model.weights_gib)
    sequences = request.fine_tune.batch_sequences * tuned.gpus
    return Candidate(
        sku=instance.name,
        cloud=instance.cloud,
        gpu=instance.gpu,
        fits=True,
        region=offer.price.region if offer.price else None,
        nodes=tuned.nodes,
        gpus_per_node=instance.gpus,
        tensor_parallel=1,
        pipeline_parallel=1,
        data_parallel=tuned.gpus,
        expert_parallel=1,
        sharding=tuned.sharding,
        dtype=tuned.dtype,
        max_context_tokens=tuned.sequence_tokens,
        max_concurrency=sequences,
        concurrency=sequences,
        gpu_memory_gib=tuned.memory,
        tokens_per_second=tuned.tokens_per_second,
        usd_per_hour=usd_per_hour,
        usd_per_million_tokens=cost.usd_per_million(usd_per_hour, tuned.tokens_per_second),
        hours_per_run=hours,
        usd_per_run=None if usd_per_hour is None else usd_per_hour * (hours + start / 3600),
        usd_per_month_idle=None if usd_per_hour is None else usd_per_hour * cost.HOURS_PER_MONTH,
        cold_start_seconds=start,
        usd_per_cold_start=None if usd_per_hour is None else usd_per_hour * start / 3600,
        spot_risk=cost.spot_risk(instance.cloud, tuned.nodes, spot=request.spot),
        notes=notes,
    )
