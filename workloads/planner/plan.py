"""The planner: from a request to every instance type that does the task, ranked, and why the others do not."""

from modelyard.workloads.hardware import catalogue
from modelyard.workloads.hardware.gpu import Gpu
from modelyard.workloads.hardware.instance import InstanceType, Price
from modelyard.workloads.planner import cost
from modelyard.workloads.planner.candidate import PLAN_VERSION, Candidate, ModelSummary, Plan, rank
from modelyard.workloads.planner.memory import Memory
from modelyard.workloads.planner.model import Model
from modelyard.workloads.planner.precision import Compute, compute
from modelyard.workloads.planner.request import TUNING_TASKS, Cloud, Request, Task
from modelyard.workloads.planner.roofline import Machine
from modelyard.workloads.planner.serving import Found, Serving
from modelyard.workloads.planner.shape import shape
from modelyard.workloads.presets.preset import load

_IMAGES = ("speed and memory of image generation are not estimated: weights and text encoder alone are",)


def plan(request: Request) -> Plan:
    """Every instance type of the request's cloud (or its one sku), ranked; pure, no network.

    Raises:
        UnknownInstanceTypeError: the request names a sku that the catalogue does not have.
    """
    if request.precision == "fp32":
        request = request.model_copy(update={"model": request.model.in_fp32()})
    model = request.model
    instances = (catalogue.instance_type(request.sku),) if request.sku else catalogue.instance_types(request.cloud)
    rated = _tuning(request, instances) if request.task in TUNING_TASKS else _serving(request, instances)
    warnings = [*model.warnings, *request.prices.warnings]
    return Plan(
        version=PLAN_VERSION,
        model=ModelSummary(
            name=model.name,
            parameters=model.parameters,
            active_parameters=model.active_parameters,
            weights_gib=model.weights_gib,
            kv_bytes_per_token=model.kv_bytes_per_token,
            max_context_tokens=model.max_context_tokens,
            quantisation=model.quantisation,
            exact=model.exact,
        ),
        task=request.task,
        cloud=request.cloud,
        context_tokens=request.context,
        concurrency=request.concurrency or 1,
        spot=request.spot,
        candidates=rank(rated),
        warnings=tuple(warnings),
    )


def plan_for_preset(
    preset: str,
    *,
    task: Task = "serve",
    cloud: Cloud = "any",
    region: str | None = None,
    spot: bool = False,
    context_tokens: int | None = None,
    concurrency: int | None = None,
) -> Plan:
    """The plan for a preset with everything else at its default; `.best` is the cheapest candidate that fits.

    Raises:
        UnknownPresetError: there is no preset of that name.
    """
    model = Model.from_preset(load(preset))
    return plan(
        Request(
            model=model,
            task=task,
            cloud=cloud,
            region=region,
            spot=spot,
            context_tokens=context_tokens,
            concurrency=concurrency,
        )
    )


def machine(instance: InstanceType, gpu: Gpu, peak_tflops: float) -> Machine:
    """An instance type as the formulas see it; a share of a GPU has that share of everything."""
    share = instance.gpu_share
    network = instance.fabric_gbit_per_s if instance.fabric != "none" else instance.network_gbit_per_s
    return Machine(
        gpu=gpu.name,
        gpus=instance.gpus,
        memory_gib=gpu.memory_gib * share,
        bandwidth=gpu.memory_bandwidth_gb_per_s * 1e9 * share,
        flops=peak_tflops * 1e12 * share,
        capability=gpu.capability[0],
        link=gpu.link,
        link_bytes=gpu.link_gb_per_s * 1e9,
        fabric=instance.fabric,
        fabric_bytes=max(1.0, network) / 8 * 1e9,
    )


def _serving(request: Request, instances: tuple[InstanceType, ...]) -> list[Candidate]:
    serving = Serving(request, shape(request.model))
    computes: dict[str, Compute] = {}
    founds: dict[tuple[object, ...], Found] = {}
    candidates: list[Candidate] = []
    for instance in instances:
        price = request.prices.entry(instance, region=request.region, spot=request.spot)
        refusal = unavailable(request, instance, price)
        gpu = catalogue.gpu(instance.gpu)
        how = computes.get(gpu.name)
        if how is None:
            how = computes[gpu.name] = compute(request.model, gpu, request.precision)
        refusal = refusal or how.refusal
        if refusal:
            candidates.append(refused(instance, refusal))
            continue
        # Sizes that differ in host and network alone are one machine, as long as one node is enough.
        key = (gpu.name, instance.gpus, instance.gpu_share)
        wide = (*key, instance.fabric, instance.fabric_gbit_per_s, instance.network_gbit_per_s)
        found = founds.get(key) or founds.get(wide)
        if found is None:
            found = serving.on(machine(instance, gpu, how.tflops))
            founds[key if found.nodes == 1 else wide] = found
        candidates.append(_served(request, instance, price, how, found))
    return candidates


def _served(request: Request, instance: InstanceType, price: Price | None, how: Compute, found: Found) -> Candidate:
    layout, memory = found.layout, found.memory
    hourly = node_price(price, spot=request.spot)
    usd_per_hour = None if hourly is None else hourly * found.nodes
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
        region=price.region if price else None,
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


def _tuning(request: Request, instances: tuple[InstanceType, ...]) -> list[Candidate]:
    return [refused(instance, f"task {request.task} is not planned yet") for instance in instances]


def unavailable(request: Request, instance: InstanceType, price: Price | None) -> str | None:
    """Why the instance type cannot be had as asked, or None where it can."""
    region = request.region
    if region and not instance.sold_in(region):
        return f"not sold in {region}, only in {', '.join(instance.regions)}"
    if price is not None:
        return None
    kind = "spot price" if request.spot else "price"
    if region and instance.cloud != "any":
        priced = ", ".join(entry.region for entry in instance.prices)
        return f"no {kind} in region {region}" + (f" (prices are known of {priced})" if priced else "")
    if request.spot:
        return "no spot price known"
    if request.max_usd_per_hour is not None:
        return f"no price known, so the limit of {request.max_usd_per_hour:g} USD/h cannot be checked"
    return None


def over_limit(request: Request, usd_per_hour: float | None, nodes: int) -> tuple[str, ...]:
    """The reason against a candidate that costs more than the request allows."""
    limit = request.max_usd_per_hour
    if limit is None or usd_per_hour is None or usd_per_hour <= limit:
        return ()
    each = f" ({nodes} nodes)" if nodes > 1 else ""
    return (f"costs {usd_per_hour:.2f} USD/h{each}, over the limit of {limit:g} USD/h",)


def node_price(price: Price | None, *, spot: bool) -> float | None:
    """USD per hour of one node."""
    if price is None:
        return None
    return price.spot_usd_per_hour if spot else price.on_demand_usd_per_hour


def refused(
    instance: InstanceType,
    *reasons: str,
    nodes: int = 0,
    memory: Memory | None = None,
    usd_per_hour: float | None = None,
) -> Candidate:
    """A candidate that does not do, with the reasons."""
    return Candidate(
        sku=instance.name,
        cloud=instance.cloud,
        gpu=instance.gpu,
        fits=False,
        nodes=nodes,
        gpus_per_node=instance.gpus,
        gpu_memory_gib=memory or Memory(),
        usd_per_hour=usd_per_hour,
        reasons=reasons,
    )
