"""Estimates of kaito 0.12 in the form of a plan, with the planner's answers beside them.

The fields `nodes`, `tensor_parallel`, `pipeline_parallel` and `data_parallel` are kaito's. Memory is kaito's account of
it; speed is left out, since kaito estimates none; prices are the catalogue's. Each candidate comes with a comparison:
the planner's answer for the same size, and the mistakes of kaito that show there.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from modelyard.workloads.hardware import catalogue
from modelyard.workloads.planner import plan as planner
from modelyard.workloads.planner.candidate import Candidate, Plan, rank
from modelyard.workloads.planner.kaito.differences import Comparison, compare_estimates
from modelyard.workloads.planner.kaito.estimate import (
    DEFAULT_CONTEXT_TOKENS,
    VERSION,
    KaitoEstimate,
    KaitoRefusesError,
    estimate,
)
from modelyard.workloads.planner.kaito.models import KaitoFigures
from modelyard.workloads.planner.kaito.skus import KaitoNode, find_kaito_node, list_kaito_nodes, parse_file_bytes
from modelyard.workloads.planner.memory import GIB, Memory
from modelyard.workloads.planner.offer import check_price_limit, explain_unavailable
from modelyard.workloads.planner.request import Request
from modelyard.workloads.presets.quantisation import weight_bytes

_OUR_NAMES = {"standard_nd96asr_a100_v4": "Standard_ND96asr_v4"}
"""Catalogue's names of sizes that kaito calls otherwise than their cloud."""

_SPLIT_FIELDS = ("nodes", "tensor_parallel", "pipeline_parallel", "data_parallel")


@dataclass(frozen=True, slots=True)
class KaitoPlan:
    """Kaito's plan, with the planner's answer beside each candidate."""

    plan: Plan
    ours: Mapping[str, Candidate]
    """Planner's candidates by kaito's name of the size; a size that our catalogue lacks has none."""
    comparisons: Mapping[str, Comparison]
    """Comparisons by kaito's name of the size; one that kaito refuses has none."""

    def as_dict(self) -> dict[str, Any]:
        """Return the plan's JSON form, each candidate with its `comparison`."""
        value = self.plan.as_dict()
        for candidate in value["candidates"]:
            candidate["comparison"] = self._comparison(candidate["sku"])
        return value

    def _comparison(self, sku: str) -> dict[str, Any]:
        ours, comparison = self.ours.get(sku), self.comparisons.get(sku)
        fields = None
        if ours is not None:
            fields = {name: getattr(ours, name) for name in ("sku", "fits", *_SPLIT_FIELDS)} | {
                "reasons": list(ours.reasons)
            }
        return {
            "agree": comparison.agree if comparison else None,
            "ours": fields,
            "differences": [entry.model_dump() for entry in comparison.differences] if comparison else [],
        }


def build_kaito_plan(request: Request, sku: str | None, figures: KaitoFigures) -> KaitoPlan:
    """Build kaito's plan for one SKU, or for all that kaito lists of the request's cloud.

    The context is kaito's 2048 tokens unless the request has one. `figures` are kaito's of the request's model.

    Raises:
        UnknownKaitoSkuError: kaito's tables lack the SKU.
        KaitoRefusesError: the model is no generator of text.
    """
    if not request.model.kv_bytes_per_token:
        raise KaitoRefusesError(
            f"kaito {VERSION} serves models that generate text; {request.model.name} keeps no cache"
        )
    nodes = (
        [find_kaito_node(sku)] if sku else [node for node in list_kaito_nodes() if request.cloud in {"any", node.cloud}]
    )
    context = request.context_tokens or DEFAULT_CONTEXT_TOKENS
    # The limit of price is for kaito's answer; the comparison is of interest at any price.
    ours = planner.plan(
        request.model_copy(update={"sku": None, "context_tokens": context, "max_usd_per_hour": None, "mig": False})
    )
    by_name = {candidate.sku.lower(): candidate for candidate in ours.candidates}
    compared = {node.sku: by_name[translate_sku(node.sku)] for node in nodes if translate_sku(node.sku) in by_name}
    answers = {node.sku: _estimate(figures, node, context) for node in nodes}
    origin = "its catalogue's" if figures.listed else "not of its catalogue"
    warnings = (
        f"kaito counts {float(figures.file_gib):.2f} GiB of files and "
        f"{figures.kv_bytes_per_token:,} bytes of cache per token ({origin})",
        f"nodes and parallelism are what kaito {VERSION} answers, not what we advise",
    )
    return KaitoPlan(
        plan=dataclasses.replace(
            ours,
            context_tokens=context,
            candidates=rank([_candidate(request, node, answers[node.sku], compared.get(node.sku)) for node in nodes]),
            warnings=(*ours.warnings, *warnings),
        ),
        ours=compared,
        comparisons={
            node.sku: _compare(request, node, answer, compared.get(node.sku))
            for node in nodes
            if isinstance(answer := answers[node.sku], KaitoEstimate)
        },
    )


def translate_sku(sku: str) -> str:
    """Return the catalogue's name of kaito's size, in lower case."""
    return _OUR_NAMES.get(sku.lower(), sku).lower()


def _estimate(figures: KaitoFigures, node: KaitoNode, context: int) -> KaitoEstimate | KaitoRefusesError:
    try:
        return estimate(parse_file_bytes(figures.file_gib), figures.kv_bytes_per_token, node, context_tokens=context)
    except KaitoRefusesError as error:
        return error


def _candidate(
    request: Request, node: KaitoNode, answer: KaitoEstimate | KaitoRefusesError, ours: Candidate | None
) -> Candidate:
    base = Candidate(
        sku=node.sku, cloud=node.cloud, gpu=ours.gpu if ours else node.gpu, fits=False, gpus_per_node=node.gpus
    )
    if isinstance(answer, KaitoRefusesError):
        return dataclasses.replace(base, reasons=(str(answer),))
    price = request.prices.entry(ours.sku, region=request.region, spot=request.spot) if ours else None
    node_usd = price.usd_per_hour(spot=request.spot) if price else None
    usd_per_hour = None if node_usd is None else node_usd * answer.nodes
    missing = explain_unavailable(request, catalogue.find_instance_type(ours.sku), price) if ours else None
    reasons = (
        *((missing,) if missing else check_price_limit(request, usd_per_hour, answer.nodes)),
        *(() if node.runs_cuda else ("its GPU is AMD's, which kaito's image cannot use",)),
    )
    return dataclasses.replace(
        base,
        fits=not reasons,
        region=price.region if price else None,
        nodes=answer.nodes,
        tensor_parallel=answer.tensor_parallel,
        pipeline_parallel=answer.pipeline_parallel,
        data_parallel=answer.data_parallel,
        expert_parallel=1,
        max_context_tokens=answer.context_tokens,
        max_concurrency=answer.data_parallel,
        concurrency=1,
        gpu_memory_gib=_memory(answer, node),
        usd_per_hour=usd_per_hour,
        reasons=reasons,
        notes=() if ours else ("our catalogue does not have it",),
    )


def _memory(answer: KaitoEstimate, node: KaitoNode) -> Memory:
    """Return one GPU's memory as kaito counts it, from the terms of its estimate, with the weights of its split."""
    weights = answer.quotient * answer.weights_per_gpu_gib / (answer.tensor_parallel * answer.pipeline_parallel)
    overhead = (answer.available_gib - answer.reserve_gib) / answer.weights_per_gpu_gib - 1
    cache = answer.context_tokens * answer.kv_bytes_per_token / node.gpus / GIB
    return Memory(
        weights_gib=weights,
        kv_cache_gib=cache,
        activations_gib=weights * overhead,
        framework_gib=answer.reserve_gib - cache,
    ).on(node.total_gib / node.gpus)


def _compare(request: Request, node: KaitoNode, answer: KaitoEstimate, ours: Candidate | None) -> Comparison:
    model = request.model
    architecture = model.architecture
    weights_gib = None
    if architecture is not None:
        weights_gib = weight_bytes(architecture, model.quantisation, model.dtype) / GIB
    memory = None
    if ours is not None:
        instance = catalogue.find_instance_type(ours.sku)
        memory = catalogue.find_gpu(instance.gpu).memory_gib * instance.gpu_share
    return compare_estimates(
        answer,
        node,
        our=ours if ours is not None and ours.fits else None,
        architecture=architecture,
        weights_gib=weights_gib,
        gpu_memory_gib=memory,
        context_tokens=request.context_tokens,
        concurrency=request.concurrency or 1,
        task=request.task,
    )
