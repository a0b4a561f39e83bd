"""Check of a job against the table of an engine, with the reason, its source and the nearest job that runs."""

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any, Self

import yaml
from modelyard.workloads.frozen import Frozen
from modelyard.workloads.presets import preset as presets
from modelyard.workloads.presets.preset import Preset
from pydantic import Field


@dataclass(frozen=True, slots=True)
class Job:
    """Task on a model, as far as an engine's abilities depend on it. Empty text: the engine chooses."""

    family: str
    task: str
    preset: str = ""
    quantisation: str = "none"
    random_weights: bool = False
    """The model is built from the preset's sizes alone."""
    dtype: str = ""
    sharding: str = "none"
    tensor: int = 1
    pipeline: int = 1
    expert: int = 1
    compute_capability: tuple[int, int] | None = None
    """Of the GPU; None: a CPU, or not known."""

    @classmethod
    def of_preset(cls, preset: Preset, task: str, *, hub_id: str | None = "") -> Self:
        """Make the job of running `task` on `preset`.

        Args:
            preset: gives the family.
            task: a task of the planner: `serve`, `batch` or a method of fine-tuning.
            hub_id: weights on the hub in place of the published ones; None: weights that nobody has described.
        """
        published = presets.map_huggingface_ids().get(hub_id.lower()) if hub_id else None
        weights = presets.load(published) if published else preset if hub_id == "" else None
        return cls(
            family=preset.architecture.family,
            task=task,
            preset=weights.name if weights else "",
            quantisation=weights.quantisation if weights else "none",
        )


@dataclass(frozen=True, slots=True)
class Refusal:
    """Part of a job that an engine does not run."""

    engine: str
    field: str
    value: str
    reason: str
    instead: str
    source: str

    def __str__(self) -> str:
        """Return one clause: engine and value, reason, remedy, source."""
        return f"{self.engine} does not take {self.field} {self.value}: {self.reason}; {self.instead} ({self.source})"


class Limit(Frozen):
    """Values of one field of a job that an engine runs."""

    values: tuple[str, ...]
    reason: str
    """Cause of the limit, for the values that are not listed."""
    instead: str
    source: str
    shown: str
    """Test that shows the listed values, or why none can."""


class Family(Frozen):
    """Model family in an engine. Without a reason the engine runs it."""

    reason: str = ""
    """Cause of its refusal."""
    instead: str = ""
    """Preset that runs and is near to this family."""
    source: str = ""
    random_weights: bool = False
    """A model with random weights is built from the sizes of each preset of the family."""
    not_shown: str = ""
    """Why tests/workloads/test_engines.py cannot show this row."""


class Engine(Frozen):
    """Abilities of one engine at pinned versions."""

    name: str
    title: str
    """Name in messages."""
    versions: Mapping[str, str]
    """Packages that the table was tried with, as uv.lock pins them."""
    limits: Mapping[str, Limit]
    """Limits by field of `Job`."""
    least_compute_capability: tuple[int, int]
    data: tuple[str, ...]
    nodes: str
    families: Mapping[str, Family]
    presets: Mapping[str, Family] = Field(default_factory=dict)
    """Presets whose published files differ from those of their family."""

    def check(self, job: Job) -> tuple[Refusal, ...]:
        """Return all that the engine does not run of `job`; empty if it runs the job."""
        return tuple(self._refusals(job))

    def _refusals(self, job: Job) -> Iterator[Refusal]:
        yield from self._family_refusals(job)
        for field, limit in self.limits.items():
            value = str(getattr(job, field))
            if value and value not in limit.values:
                yield Refusal(self.title, field, value, limit.reason, limit.instead, limit.source)
        if job.compute_capability is not None and job.compute_capability < self.least_compute_capability:
            least, given = (
                ".".join(map(str, pair)) for pair in (self.least_compute_capability, job.compute_capability)
            )
            reason = f"its build of torch has no code for GPUs below {least}"
            source = f"torch {self.versions['torch']}, torch.cuda.get_arch_list()"
            instead = "take a T4 or a newer GPU"
            yield Refusal(self.title, "compute capability", given, reason, instead, source)

    def _family_refusals(self, job: Job) -> Iterator[Refusal]:
        family = self.presets.get(job.preset) or self.families.get(job.family)
        if family is None:
            reason = "the family was never tried"
            instead = f"the families that run are {', '.join(self.runnable)}"
            yield Refusal(self.title, "family", job.family, reason, instead, f"workloads/engines/{self.name}.yaml")
        elif family.reason:
            instead = f"a preset that runs: {family.instead}"
            yield Refusal(self.title, "family", job.family, family.reason, instead, family.source)
        elif job.random_weights and not family.random_weights:
            reason = "its sizes alone do not describe the model, so it is not built with random weights"
            instead = "give the folder or id of its weights as model"
            yield Refusal(self.title, "family", job.family, reason, instead, "workloads/fine_tune/model.py")

    @property
    def runnable(self) -> tuple[str, ...]:
        """Families that the engine runs, sorted."""
        return tuple(sorted(name for name, family in self.families.items() if not family.reason))


@functools.cache
def load(name: str) -> Engine:
    """Read the engine `name` from its YAML file."""
    text = (resources.files("modelyard.workloads.engines") / f"{name}.yaml").read_text(encoding="utf-8")
    return Engine.model_validate(yaml.safe_load(text))


def trainer() -> Engine:
    """Return modelyard.workloads.fine_tune as an engine."""
    return load("trainer")


def server() -> Engine:
    """Return modelyard.workloads.serve as an engine."""
    return load("server")


def engine_for(task: str) -> Engine:
    """Return the engine of this release that is nearest to `task`: the server for requests, else the trainer."""
    return server() if task in {"serve", "batch"} else trainer()


def refusal_text(job: Job, *fields: str) -> str:
    """Return one sentence on why no engine of this release runs `job`; empty if one does.

    Args:
        job: the job to check.
        fields: fields of the job that count; none given: all.
    """
    refusals = [str(refusal) for refusal in engine_for(job.task).check(job) if not fields or refusal.field in fields]
    return f"no engine of this release runs this: {'; '.join(refusals)}" if refusals else ""


def require_loaded(config: Any, task: str) -> None:
    """Refuse a model that was found to be of another kind than its description.

    Args:
        config: transformers' configuration of the model.
        task: `serve` or a method of fine-tuning.

    Raises:
        ValueError: carries `refusal_text`.
    """
    stored = getattr(config, "quantization_config", None) or {}
    method = stored.get("quant_method", "unknown") if isinstance(stored, Mapping) else stored.quant_method
    require(Job(family=config.model_type, task=task, quantisation=str(method) if stored else "none"))


def require(job: Job, *fields: str) -> None:
    """Refuse a job that no engine of this release runs.

    Raises:
        ValueError: carries `refusal_text`.
    """
    if text := refusal_text(job, *fields):
        raise ValueError(text)
