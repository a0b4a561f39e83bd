"""Configuration of one fine-tune job: everything that decides its result, in one JSON or YAML object.

    {"name": "wikitext", "preset": "gpt2", "model": "hf://openai-community/gpt2",
     "train_data": "pvc://datasets/wikitext/train.txt", "results": "pvc://wikitext/results"}

Settings of training that are left out come from the preset's defaults for the method, and only then from the defaults
below. This module is pure (pydantic and yaml), so that the program that writes the object checks it with the same code
as the job that reads it.
"""

import dataclasses
import json
import math
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from modelyard.workloads.engines import engine as engines
from modelyard.workloads.engines.engine import Job
from modelyard.workloads.failure import UserError
from modelyard.workloads.preprocess.location import parse
from modelyard.workloads.presets import preset as presets
from modelyard.workloads.presets.defaults import Method
from modelyard.workloads.presets.field_errors import describe_errors
from modelyard.workloads.presets.preset import Frozen, Name, Preset, UnknownPresetError
from pydantic import AfterValidator, Field, ValidationError, ValidationInfo, field_validator, model_validator

Precision = Literal["auto", "fp32", "fp16", "bf16"]
"""Number format of the matrix products. ``auto`` takes the best that the device computes natively."""


def _check_location(uri: str) -> str:
    parse(uri)
    return uri


def _check_folder(uri: str) -> str:
    if parse(uri).path is None:
        raise ValueError(f"{uri!r} is not a folder to write to; allowed is an absolute path or pvc://<claim>/<path>")
    return uri


Uri = Annotated[str, AfterValidator(_check_location)]
FolderUri = Annotated[str, AfterValidator(_check_folder)]

_FROM_PRESET = (
    "sequence_tokens",
    "epochs",
    "learning_rate",
    "weight_decay",
    "warmup_fraction",
    "batch_sequences",
    "gradient_accumulation",
    "dropout",
)


class FineTuneConfig(Frozen):
    """Model, data, method and results folder of one fine-tune."""

    name: Name
    """Name of the run. The same name and `results` resume a run that was cut off; a new run needs a new name."""
    preset: str
    """Model family and size; `model` may be any weights of that shape."""
    model: Uri | None = Field(default=None, validate_default=True)
    """Folder or Hugging Face id of the weights to start from. None: the preset's architecture with random weights."""
    tokenizer: Uri | None = None
    """Folder or Hugging Face id of the tokenizer. None: that of `model`, or a byte-level BPE trained on the data."""
    train_data: Uri
    """Text file (UTF-8), or a folder whose ``*.txt`` files are read in order of their names."""
    validation_data: Uri | None = None
    """Held-out text, in the same form. None: the last tenth of the training text, which is then not trained on."""
    results: FolderUri
    """Folder that receives model, checkpoints, metrics and the final marker."""
    method: Method = "full"
    """Method of fine-tuning. This release's trainer runs `full` (workloads/engines/trainer.yaml)."""
    sequence_tokens: int = Field(default=512, gt=1)
    """Tokens per sequence; the text is cut into pieces of this length, so nothing is padded."""
    epochs: float = Field(default=1.0, gt=0)
    """Passes over the training text."""
    max_steps: int | None = Field(default=None, gt=0)
    """Largest number of optimiser steps, where `epochs` would take more."""
    learning_rate: float = Field(default=5e-5, gt=0)
    """Highest learning rate, reached at the end of the warm-up."""
    schedule: Literal["cosine", "linear", "constant"] = "cosine"
    """Fall of the learning rate after the warm-up: cosine to a tenth, linear to zero, or none."""
    weight_decay: float = Field(default=0.01, ge=0)
    """AdamW's decay of the matrices; biases and norms are not decayed."""
    warmup_fraction: float = Field(default=0.03, ge=0, lt=1)
    """Share of the steps over which the learning rate rises from zero."""
    gradient_clip: float = Field(default=1.0, gt=0)
    """Largest norm of the gradient; larger ones are scaled down to it."""
    dropout: float = Field(default=0.0, ge=0, lt=1)
    """Share of activations dropped in training."""
    batch_sequences: int = Field(default=8, gt=0)
    """Sequences per worker in one forward pass."""
    gradient_accumulation: int = Field(default=1, gt=0)
    """Forward passes per optimiser step."""
    checkpoint_every_steps: int = Field(default=100, gt=0)
    """Steps between checkpoints: the most that is lost when a pod is killed."""
    keep_checkpoints: int = Field(default=2, gt=0)
    """Newest checkpoints kept. With two, a damaged newest one costs only the steps since the one before."""
    seed: int = Field(default=0, ge=0, lt=2**31)
    """Seed of weights, dropout and order of the data. On a CPU one seed gives one result, also across a resume."""
    precision: Precision = "auto"
    compile: bool = False
    """Compile the model with torch.compile: about a minute at the start, then faster steps on a GPU."""
    workers: int = Field(default=1, gt=0)
    """Ray Train workers. Each trains on its own share of every batch; gradients are averaged."""
    cpus_per_worker: float = Field(default=1, gt=0)
    gpus_per_worker: float = Field(default=1, ge=0)
    """GPUs that Ray reserves per worker, where GPUs are used."""
    use_gpu: bool | None = None
    """Train on GPUs. None: where the worker sees one."""
    progress_seconds: float = Field(default=3.0, ge=0)
    """Seconds between reports of progress; 0 reports every step."""
    max_failures: int = Field(default=3, ge=-1)
    """Number of times that dead workers are replaced; -1: no limit. A user error is never retried."""

    @model_validator(mode="before")
    @classmethod
    def _fill_from_preset(cls, content: Any) -> Any:
        """Fill fields that are left out from the preset. The check of the field itself refuses unknown names."""
        if not isinstance(content, dict) or content.get("preset") not in presets.list_names():
            return content
        defaults = presets.load(content["preset"]).fine_tune.get(content.get("method", "full"))
        if defaults is None:
            return content
        return {field: getattr(defaults, field) for field in _FROM_PRESET} | content

    @field_validator("preset")
    @classmethod
    def _preset_exists(cls, name: str) -> str:
        try:
            preset = presets.load(name)
        except UnknownPresetError as error:
            raise ValueError(str(error)) from error
        engines.require(Job.of_preset(preset, "full"), "family")
        return name

    @field_validator("model")
    @classmethod
    def _trainer_takes_weights(cls, model: str | None, info: ValidationInfo) -> str | None:
        if preset := info.data.get("preset"):
            job = Job.of_preset(presets.load(preset), "full", hub_id=parse(model).hub_id if model else None)
            engines.require(dataclasses.replace(job, random_weights=model is None), "family", "quantisation")
        return model

    @field_validator("method")
    @classmethod
    def _trainer_runs_method(cls, method: Method) -> Method:
        engines.require(Job(family="", task=method), "task")
        return method

    @field_validator("gpus_per_worker")
    @classmethod
    def _trainer_uses_gpus(cls, gpus: float) -> float:
        engines.require(Job(family="", task="full", tensor=max(1, math.ceil(gpus))), "tensor")
        return gpus

    @model_validator(mode="after")
    def _sequence_fits(self) -> Self:
        longest = self.known_preset.architecture.max_context_tokens
        if self.sequence_tokens > longest:
            raise ValueError(
                f"sequence_tokens is {self.sequence_tokens}, but preset {self.preset} has max_context_tokens {longest}"
            )
        if self.train_data == self.validation_data:
            raise ValueError("validation_data is train_data itself; held-out text must be other text (or leave it out)")
        return self

    @property
    def known_preset(self) -> Preset:
        """Return the preset that `preset` names."""
        return presets.load(self.preset)

    @property
    def results_folder(self) -> Path:
        """Return `results` as a path on this machine or in this pod."""
        path = parse(self.results).path
        assert path is not None, "results was checked to be a folder"  # noqa: S101 - narrows the type
        return path

    @property
    def step_sequences(self) -> int:
        """Return the number of sequences in one optimiser step, over all workers."""
        return self.workers * self.batch_sequences * self.gradient_accumulation


def read(file: Path) -> FineTuneConfig:
    """Read the configuration in a JSON or YAML file.

    Raises:
        UserError: the file is missing, unreadable, or a field is wrong; names the file, the field and what is allowed.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"configuration {file} cannot be read: {error}") from error
    try:
        content = json.loads(text) if file.suffix == ".json" else yaml.safe_load(text)
    except (json.JSONDecodeError, yaml.YAMLError) as error:
        raise UserError(f"configuration {file} is neither JSON nor YAML: {error}") from error
    if not isinstance(content, dict):
        raise UserError(f"configuration {file} must hold an object with the fields of FineTuneConfig")
    try:
        return FineTuneConfig.model_validate(content)
    except ValidationError as error:
        raise UserError(f"configuration {file}: " + "; ".join(describe_errors(error))) from error
