"""kaito 0.12's answer in the form of a plan, with ours beside it.

The fields `nodes`, `tensor_parallel`, `pipeline_parallel` and `data_parallel` are kaito's. Memory is kaito's account of
it; speed is left out, since kaito estimates none; prices are the catalogue's.
"""

import dataclasses

from modelyard.workloads.hardware import catalogue
from modelyard.workloads.planner import plan as planner
from modelyard.workloads.planner.candidate import Candidate, Plan, rank
from modelyard.workloads.planner.kaito import (
    DEFAULT_CONTEXT_TOKENS,
    VERSION,
    KaitoEstimate,
    KaitoRefusesError,
    estimate,
)
from modelyard.workloads.planner.kaito_skus import KaitoNode, file_bytes, kaito_node, kaito_nodes
from modelyard.workloads.planner.memory import Memory
from modelyard.workloads.planner.request import Request

_BASE_RESERVE_GIB = 2.3
_EXPANSION = 1.02
_OVERHEAD = 0.05

_OUR_NAMES = {"standard_nd96asr_a100_v4": "Standard_ND96asr_v4"}
"""Where kaito calls a size what its cloud does not."""


def kaito_plan(request: Request, sku: str | None) -> Plan:
    """Kaito's answer for one SKU, or for all that it lists of the request's cloud.

    The context is kaito's 2048 tokens unless the request asks for one. Weights are the model's `weights_gib`, taken for
    the size of its files.

    Raises:
        UnknownKaitoSkuError: kaito's tables lack the SKU.
    """
    nodes = [kaito_node(sku)] if sku else [node for node in kaito_nodes() if request.cloud in {"any", node.cloud}]
    context = request.context_tokens or DEFAULT_CONTEXT_TOKENS
    ours = planner.plan(request.model_copy(update={"sku": None, "context_tokens": context}))
    mine = {candidate.sku.lower(): candidate for candidate in ours.candidates}
    candidates = [_candidate(request, node, context, mine.get(_our_name(node.sku).lower())) for node in nodes]
    return dataclasses.replace(
        ours,
        context_tokens=context,
        candidates=rank(candidates),
        warnings=(*ours.warnings, f"nodes and parallelism are what kaito {VERSION} answers, not what we advise"),
    )


def _candidate(request: Request, node: KaitoNode, context: int, ours: Candidate | None) -> Candidate:
    known = _our_name(node.sku)
    base = Candidate(sku=node.sku, cloud=node.cloud, gpu=ours.gpu if ours else node.gpu, fits=False)
    base = dataclasses.replace(base, gpus_per_node=node.gpus)
    try:
        answer = estimate(
            file_bytes(request.model.weights_gib), request.model.kv_bytes_per_token, node, context_tokens=context
        )
    except KaitoRefusesError as refusal:
        return dataclasses.replace(base, reasons=(str(refusal),))
    price = request.prices.entry(known, region=request.region, spot=request.spot) if _in_catalogue(known) else None
    hourly = request.prices.price(known, region=request.region, spot=request.spot) if price else None
    usd_per_hour = None if hourly is None else hourly * answer.nodes
    limit = _over_limit(request, usd_per_hour)
    return dataclasses.replace(
        base,
        fits=not limit and node.runs_cuda,
        region=price.region if price else None,
        nodes=answer.nodes,
        tensor_parallel=answer.tensor_parallel,
        pipeline_parallel=answer.pipeline_parallel,
        data_parallel=answer.data_parallel,
        expert_parallel=1,
        max_context_tokens=context,
        max_concurrency=answer.data_parallel,
        concurrency=1,
        gpu_memory_gib=_memory(answer, node),
        usd_per_hour=usd_per_hour,
        reasons=(*limit, *(() if node.runs_cuda else ("its GPU is AMD's, which kaito's image cannot use",))),
        notes=_beside_ours(answer, ours),
    )


def _over_limit(request: Request, usd_per_hour: float | None) -> tuple[str, ...]:
    """The reason against what costs more than the request allows."""
    limit = request.max_usd_per_hour
    if limit is None or usd_per_hour is None or usd_per_hour <= limit:
        return ()
    return (f"costs {usd_per_hour:.2f} USD/h, over the limit of {limit:g} USD/h",)


def _memory(answer: KaitoEstimate, node: KaitoNode) -> Memory:
    """One GPU as kaito counts it; the weights are those of its split."""
    weights = answer.file_gib * _EXPANSION / (answer.tensor_parallel * answer.pipeline_parallel)
    return Memory(
        weights_gib=weights,
        kv_cache_gib=answer.reserve_gib - _BASE_RESERVE_GIB,
        activations_gib=weights * _OVERHEAD,
        framework_gib=_BASE_RESERVE_GIB,
    ).on(node.total_gib / node.gpus)


def _beside_ours(answer: KaitoEstimate, ours: Candidate | None) -> tuple[str, ...]:
    """Where our own plan for the same size differs, in one line."""
    if ours is None:
        return ("our catalogue does not have it",)
    if not ours.fits:
        return (f"ours refuses it: {'; '.join(ours.reasons)}",)
    pairs = [
        (name, getattr(answer, name), getattr(ours, name))
        for name in ("nodes", "tensor_parallel", "pipeline_parallel", "data_parallel")
    ]
    differing = [f"{name} {theirs} (ours {own})" for name, theirs, own in pairs if theirs != own]
    return (f"differs from ours: {', '.join(differing)}",) if differing else ()


def _our_name(sku: str) -> str:
    return _OUR_NAMES.get(sku.lower(), sku)


def _in_catalogue(name: str) -> bool:
    return name.lower() in {entry.name.lower() for entry in catalogue.instance_types()}
