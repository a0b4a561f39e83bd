"""Candidates that the planner finds, and the plan that ranks them."""

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from modelyard.workloads.planner.memory import Memory

PLAN_VERSION = "1"
"""Version of the JSON form; raised when a field changes its meaning or goes away."""


class EstimateFields(NamedTuple):
    """Fields of a `Candidate`, in its order, that instance types with equal GPUs share."""

    nodes: int
    gpus_per_node: int
    tensor_parallel: int
    pipeline_parallel: int
    data_parallel: int
    expert_parallel: int
    mig_profile: str
    sharding: str
    dtype: str
    max_context_tokens: int
    max_concurrency: int
    concurrency: int
    gpu_memory_gib: Memory
    tokens_per_second: float | None
    time_to_first_token_ms: float | None
    inter_token_latency_ms: float | None


@dataclass(frozen=True, slots=True)
class Estimate:
    """Estimate of the task on an instance type, before its price: figures, or the reasons against it."""

    fields: EstimateFields
    loaded_gib: float
    """Weights that one node loads at its start."""
    hours: float | None = None
    """Hours of one fine-tune; None for serving."""
    reasons: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=TYPE_CHECKING, slots=True)
class Candidate:
    """One instance type: the best way found to do the task on it, or the reasons why there is none.

    Frozen for type checkers alone, as `Memory` is: 3.2 against 0.7 microseconds to make one of so many fields.
    """

    sku: str
    cloud: str
    gpu: str
    fits: bool
    region: str | None = None
    """Region of the price."""
    nodes: int = 0
    gpus_per_node: int = 0
    tensor_parallel: int = 0
    pipeline_parallel: int = 0
    data_parallel: int = 0
    expert_parallel: int = 0
    mig_profile: str = ""
    """One slice of a GPU, of that profile, at its share of the node's price; empty: whole GPUs."""
    sharding: str = "none"
    """Split of weights, gradients and optimizer states over the data-parallel GPUs of a fine-tune."""
    dtype: str = ""
    max_context_tokens: int = 0
    """Longest single sequence that fits."""
    max_concurrency: int = 0
    """Sequences of the requested length that fit at once, over all copies."""
    concurrency: int = 0
    """Sequences in flight that the speed is for; sequences per step of a fine-tune."""
    gpu_memory_gib: Memory = dataclasses.field(default_factory=Memory)
    """Memory of the GPU that holds the most."""
    tokens_per_second: float | None = None
    """Generated tokens of all copies; trained tokens of a fine-tune; None where it is not estimated."""
    time_to_first_token_ms: float | None = None
    inter_token_latency_ms: float | None = None
    usd_per_hour: float | None = None
    """Price of all nodes."""
    usd_per_million_tokens: float | None = None
    """Price of a million of the tokens that tokens_per_second counts."""
    hours_per_run: float | None = None
    usd_per_run: float | None = None
    """Price of one fine-tune, with the work that interruptions of spot nodes cost."""
    usd_per_month_idle: float | None = None
    """Price of 730 hours of all nodes that nobody uses."""
    cold_start_seconds: float | None = None
    """Time from zero nodes to the first answer."""
    usd_per_cold_start: float | None = None
    spot_risk: str = "none"
    reasons: tuple[str, ...] = ()
    """Reasons against it; empty where it fits."""
    notes: tuple[str, ...] = ()
    """Remarks about a candidate that fits."""
    engine: str = ""
    """Engine of this release that runs it (workloads/engines); empty: none does, or it does not fit."""

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form, numbers rounded to four decimals."""
        values = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        for name, value in values.items():
            if isinstance(value, float):
                values[name] = round(value, 4)
            elif isinstance(value, tuple):
                values[name] = list(value)
        values["gpu_memory_gib"] = self.gpu_memory_gib.as_dict()
        return values


@dataclass(frozen=True, slots=True)
class ModelSummary:
    """Figures of the model that a plan is for."""

    name: str
    parameters: int
    active_parameters: int
    weights_gib: float
    """Memory of the weights of one copy, quantised."""
    kv_bytes_per_token: int
    max_context_tokens: int
    quantisation: str
    exact: bool
    """False where sizes are guessed; the margin is then wider."""

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        values = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        return {**values, "weights_gib": round(self.weights_gib, 4)}


@dataclass(frozen=True, slots=True)
class Plan:
    """Candidates that fit, the cheapest for the task first, then the refused ones with their reasons."""

    version: str
    model: ModelSummary
    task: str
    cloud: str
    context_tokens: int
    concurrency: int
    spot: bool
    candidates: tuple[Candidate, ...]
    warnings: tuple[str, ...] = ()
    engine_refusals: tuple[str, ...] = ()
    """Reasons why no engine of this release runs the best candidate; empty: one does, and candidates name it."""

    @property
    def best(self) -> Candidate | None:
        """First candidate that fits, or None."""
        return next((candidate for candidate in self.candidates if candidate.fits), None)

    @property
    def fitting(self) -> tuple[Candidate, ...]:
        """Candidates that fit, best first."""
        return tuple(candidate for candidate in self.candidates if candidate.fits)

    def as_dict(self) -> dict[str, Any]:
        """Return the documented JSON form (docs/planner-schema.json)."""
        values = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        values["model"] = self.model.as_dict()
        values["candidates"] = [candidate.as_dict() for candidate in self.candidates]
        values["warnings"] = list(self.warnings)
        values["engine_refusals"] = list(self.engine_refusals)
        return values


def rank(candidates: list[Candidate]) -> tuple[Candidate, ...]:
    """Sort candidates: fitting first, by cost per token or run, unknown costs last, the faster first among equals."""
    return tuple(sorted(candidates, key=_rank_key))


def _rank_key(candidate: Candidate) -> tuple[bool, bool, float, float, float, str]:
    cost = candidate.usd_per_run if candidate.usd_per_run is not None else candidate.usd_per_million_tokens
    hour = candidate.usd_per_hour
    return (
        not candidate.fits,
        cost is None and hour is None,
        cost if cost is not None else float("inf"),
        hour if hour is not None else float("inf"),
        -(candidate.tokens_per_second or 0.0),
        candidate.sku,
    )
