"""Configuration of one server. It is pure (pydantic), and is checked before anything is deployed.

The bearer token is no part of it: the server takes that from the variable MODELYARD_API_KEY, which a Kubernetes Secret
fills, so that it appears in no manifest.
"""

import math
from typing import Annotated, Any, Literal, Self

from modelyard.workloads.engines import engine as engines
from modelyard.workloads.engines.engine import Job
from modelyard.workloads.preprocess.location import BadLocationError, parse
from modelyard.workloads.presets import preset as presets
from modelyard.workloads.presets.preset import Frozen, Preset, UnknownPresetError
from pydantic import AfterValidator, Field, ValidationInfo, field_validator, model_validator


def _check_model(model: str) -> str:
    """Check a location, or a preset by its name or the hub id of its weights; return the location or the name."""
    try:
        hub_id = parse(model).hub_id
    except BadLocationError as error:
        message = str(error)
    else:
        if published := presets.map_huggingface_ids().get((hub_id or "").lower()):
            engines.require(Job.of_preset(presets.load(published), "serve"))
        return model
    try:
        return presets.load(model).name
    except UnknownPresetError as error:
        raise ValueError(f"{message}, or the name of a preset ({error})") from error


class ServeConfig(Frozen):
    """Model, public name and limits of one server."""

    model: Annotated[str, AfterValidator(_check_model)]
    """Folder (transformers' layout, as a fine-tune writes it), Hugging Face id, or a preset with published weights."""
    served_model_name: str = Field(default="", pattern=r"^[\w./:@-]*$", max_length=200)
    """Name that clients ask for. Empty: the preset's name, or the last part of `model`."""
    preset: str | None = Field(default=None, validate_default=True)
    """Preset whose chat template and serving defaults apply, where `model` is not itself a preset."""
    max_context_tokens: int | None = Field(default=None, gt=1)
    """Longest prompt plus continuation. None: the model's own limit, which also bounds a given value."""
    max_queue: int = Field(default=64, gt=0)
    """Requests that may wait or run at once; one more is refused with 429."""
    max_batch_tokens: int = Field(default=512, gt=0)
    """Tokens of prompts and continuations computed in one pass."""
    max_batch_requests: int = Field(default=32, gt=0)
    """Requests that generate at the same time; the rest wait."""
    cache_tokens: int | None = Field(default=None, gt=0)
    """Tokens whose keys and values are kept. None: `max_batch_requests` of full length (CPU), all free memory (GPU)."""
    max_tokens_default: int = Field(default=256, gt=0)
    """Tokens generated for a chat request that sets no max_tokens (completions: 16, as OpenAI documents)."""
    device: Literal["auto", "cpu", "cuda"] = "auto"
    precision: Literal["auto", "fp32", "fp16", "bf16"] = "auto"
    """Number format of the weights. auto: bf16 from compute capability 8.0, fp16 below, fp32 on CPU."""
    replicas: int = Field(default=1, gt=0)
    """Copies of the model, each with its own queue."""
    cpus_per_replica: float = Field(default=1, gt=0)
    gpus_per_replica: float = Field(default=0, ge=0)

    @model_validator(mode="before")
    @classmethod
    def _fill_from_preset(cls, content: Any) -> Any:
        if not isinstance(content, dict):
            return content
        name = content.get("preset") or content.get("model")
        if name not in presets.list_names():
            return content
        serve = presets.load(str(name)).serve
        return {"max_queue": serve.max_queue, "max_batch_tokens": serve.max_batch_tokens} | content

    @field_validator("preset")
    @classmethod
    def _server_runs_preset(cls, preset: str | None, info: ValidationInfo) -> str | None:
        if preset is not None:
            try:
                known = presets.load(preset)
            except UnknownPresetError as error:
                raise ValueError(str(error)) from error
            engines.require(Job.of_preset(known, "serve", hub_id=None))
        # A model that is a preset's name comes from `preset` of a workspace, so it is refused here.
        if (model := info.data.get("model")) in presets.list_names():
            engines.require(Job.of_preset(presets.load(str(model)), "serve"))
        return preset

    @field_validator("gpus_per_replica")
    @classmethod
    def _server_uses_gpus(cls, gpus: float) -> float:
        engines.require(Job(family="", task="serve", tensor=max(1, math.ceil(gpus))), "tensor")
        return gpus

    @model_validator(mode="after")
    def _has_weights(self) -> Self:
        if self.model in presets.list_names() and presets.load(self.model).huggingface_id is None:
            raise ValueError(f"preset {self.model} has no published weights; give the folder of a fine-tuned model")
        return self

    @property
    def known_preset(self) -> Preset | None:
        """Return the preset that applies, if any."""
        name = self.model if self.model in presets.list_names() else self.preset
        return presets.load(name) if name else None

    @property
    def public_name(self) -> str:
        """Return the name that clients ask for."""
        if self.served_model_name:
            return self.served_model_name
        if self.known_preset:
            return self.known_preset.name
        return self.model.rstrip("/").rpartition("/")[2]
