"""The planner: from a request to every instance type that does the task, ranked, and why the others do not."""

from modelyard.workloads.planner.candidate import PLAN_VERSION, Candidate, ModelSummary, Plan, rank
from modelyard.workloads.planner.model import Model
from modelyard.workloads.planner.request import TUNING_TASKS, Cloud, Request, Task
from modelyard.workloads.presets.preset import load


def plan(request: Request) -> Plan:
    """Every instance type of the request's cloud (or its one sku), ranked; pure, no network.

    Raises:
        UnknownInstanceTypeError: the request names a sku that the catalogue does not have.
    """
    if request.precision == "fp32":
        request = request.model_copy(update={"model": request.model.in_fp32()})
    model = request.model
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
        candidates=rank(_candidates(request)),
        warnings=tuple(warnings),
    )


def _candidates(request: Request) -> list[Candidate]:
    # One of the two is loaded, since a command plans one task and waits for every import.
    if request.task in TUNING_TASKS:
        from modelyard.workloads.planner.training.candidates import tuning_candidates  # noqa: PLC0415

        return tuning_candidates(request)
    from modelyard.workloads.planner.serving.candidates import serving_candidates  # noqa: PLC0415

    candidates = serving_candidates(request)
    if request.mig:
        from modelyard.workloads.planner.mig_candidates import mig_candidates  # noqa: PLC0415

        candidates += mig_candidates(request)
    return candidates


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
