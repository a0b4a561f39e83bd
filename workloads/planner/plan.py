"""The planner: from a request to every instance type that does the task, ranked, and the reasons against the others."""

from modelyard.workloads.planner.candidate import PLAN_VERSION, Candidate, ModelSummary, Plan, rank
from modelyard.workloads.planner.model import Model
from modelyard.workloads.planner.request import TUNING_TASKS, Cloud, Request, Task
from modelyard.workloads.planner.runnable import mark_engines
from modelyard.workloads.planner.serving.candidates import list_serving_candidates
from modelyard.workloads.planner.serving.mig_candidates import list_mig_candidates
from modelyard.workloads.planner.training.candidates import list_training_candidates
from modelyard.workloads.presets.preset import load


def plan(request: Request) -> Plan:
    """Rank every instance type of the request's cloud, or its one sku; pure, no network.

    Raises:
        UnknownInstanceTypeError: the request names a sku that the catalogue does not have.
    """
    if request.precision == "fp32":
        request = request.model_copy(update={"model": request.model.in_fp32()})
    model = request.model
    warnings = [*model.warnings, *request.prices.warnings]
    candidates = rank(_list_candidates(request))
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
        candidates=candidates,
        warnings=tuple(warnings),
        engine_refusals=mark_engines(request, candidates),
    )


def _list_candidates(request: Request) -> list[Candidate]:
    if request.task in TUNING_TASKS:
        return list_training_candidates(request)
    candidates = list_serving_candidates(request)
    return candidates + list_mig_candidates(request) if request.mig else candidates


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
    """Plan for a preset with everything else at its default; `.best` is the cheapest candidate that fits.

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
