"""Instance types as candidates for fine-tuning: how long a run takes there, and what it costs."""

from modelyard.workloads.hardware import catalogue
from modelyard.workloads.hardware.instance import InstanceType, Price
from modelyard.workloads.planner import cost
from modelyard.workloads.planner.candidate import Candidate
from modelyard.workloads.planner.fine_tune import Tuned, Tuning, stand_in
from modelyard.workloads.planner.offer import machine, node_price, over_limit, refused, unavailable
from modelyard.workloads.planner.precision import Compute, compute
from modelyard.workloads.planner.request import Request
from modelyard.workloads.planner.shape import shape


def tuning_candidates(request: Request, instances: tuple[InstanceType, ...]) -> list[Candidate]:
    """One candidate for each instance type, in their order."""
    model, sizes = request.model, shape(request.model)
    architecture, scale = model.architecture, 1.0
    if architecture is None:
        architecture = stand_in(sizes, model.max_context_tokens)
        scale = model.parameters / architecture.parameters
    tuning = Tuning(request, architecture, sizes, scale * (1 + (0.0 if model.exact else model.margin)))
    # Other quantisations are for serving: full and LoRA train the 16-bit weights, QLoRA quantises them itself.
    plain = model.model_copy(update={"quantisation": "none", "kv_bytes_per_value": 2})
    computes: dict[str, Compute] = {}
    founds: dict[tuple[object, ...], Tuned] = {}
    candidates: list[Candidate] = []
    for instance in instances:
        price = request.prices.entry(instance, region=request.region, spot=request.spot)
        gpu = catalogue.gpu(instance.gpu)
        how = computes.get(gpu.name)
        if how is None:
            how = computes[gpu.name] = compute(plain, gpu, request.precision)
        refusal = unavailable(request, instance, price) or how.refusal
        if refusal:
            candidates.append(refused(instance, refusal))
            continue
        key = (gpu.name, instance.gpus, instance.gpu_share)
        wide = (*key, instance.fabric, instance.fabric_gbit_per_s, instance.network_gbit_per_s)
        tuned = founds.get(key) or founds.get(wide)
        if tuned is None:
            tuned = tuning.on(machine(instance, gpu, how.tflops), how.dtype)
            founds[key if tuned.nodes == 1 else wide] = tuned
        candidates.append(_tuned(request, instance, price, how.notes, tuned))
    return candidates


def _tuned(
    request: Request, instance: InstanceType, price: Price | None, notes: tuple[str, ...], tuned: Tuned
) -> Candidate:
    hourly = node_price(price, spot=request.spot)
    usd_per_hour = None if hourly is None else hourly * tuned.nodes
    reasons = tuned.reasons or over_limit(request, usd_per_hour, tuned.nodes)
    if reasons or not tuned.tokens_per_second:
        return refused(instance, *reasons, nodes=tuned.nodes, memory=tuned.memory, usd_per_hour=usd_per_hour)
    asked, weights = request.fine_tune, request.model.weights_gib
    hours = asked.dataset_tokens * asked.epochs / tuned.tokens_per_second / 3600
    hours = cost.run_hours(hours, tuned.nodes, spot=request.spot)
    start = cost.cold_start_seconds(instance, request.model.download_gib or weights, weights)
    sequences = asked.batch_sequences * tuned.gpus
    return Candidate(
        sku=instance.name,
        cloud=instance.cloud,
        gpu=instance.gpu,
        fits=True,
        region=price.region if price else None,
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
        notes=tuple(note for note in notes if "vLLM" not in note),
    )
