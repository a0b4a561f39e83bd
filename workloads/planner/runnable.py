"""Engines of this release that run what is planned. A plan without one stays a plan, and says so."""

import dataclasses
from collections.abc import Iterable

from modelyard.workloads.engines.engine import Job, engine_for, refusal_text
from modelyard.workloads.hardware import catalogue
from modelyard.workloads.planner.candidate import Candidate
from modelyard.workloads.planner.request import Request


def mark_engines(request: Request, candidates: Iterable[Candidate]) -> tuple[str, ...]:
    """Set `engine` of each candidate that fits and that an engine runs.

    Returns:
        The reasons why no engine runs the first that fits; of the task on one GPU where none fits.
    """
    engine, texts = engine_for(request.task).title, dict[tuple[int, int, int, str, str], str]()
    for candidate in candidates:
        if candidate.fits:
            split = (candidate.tensor_parallel, candidate.pipeline_parallel, candidate.expert_parallel)
            key = (*split, candidate.sharding, candidate.gpu)
            if key not in texts:
                texts[key] = refusal_text(describe_job(request, candidate))
            if not texts[key]:
                object.__setattr__(candidate, "engine", engine)
    first = next(iter(texts.values())) if texts else refusal_text(describe_job(request))
    return (first,) if first else ()


def describe_job(request: Request, candidate: Candidate | None = None) -> Job:
    """Return what an engine is asked to run: the request, split as in the candidate."""
    model, architecture = request.model, request.model.architecture
    job = Job(
        family=architecture.family if architecture else "(only sizes are known)",
        task=request.task,
        preset=model.name,
        quantisation=model.quantisation,
    )
    if candidate is None:
        return job
    return dataclasses.replace(
        job,
        tensor=candidate.tensor_parallel,
        pipeline=candidate.pipeline_parallel,
        expert=candidate.expert_parallel,
        sharding=candidate.sharding,
        compute_capability=catalogue.find_gpu(candidate.gpu).capability,
    )
