"""Model presets: one YAML file per model, read once, never changed.

A preset has the facts of a model (architecture, licence, revision) and tried defaults, for the planner, the fine-tune
job and the server. It never holds a decision about hardware: that is the planner's. A new model is a new file in
`models/`; no code changes.

This module is pure (pydantic and yaml only), so that a Pulumi program may import it in a fraction of a second.
"""

import functools
import re
from collections.abc import Mapping
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Annotated, Literal, Self

from modelyard.workloads import located_yaml
from modelyard.workloads.frozen import Frozen
from modelyard.workloads.presets import chat_templates
from modelyard.workloads.presets.architecture import Architecture
from modelyard.workloads.presets.defaults import FineTuneDefaults, Method, Runtimes, ServeDefaults
from modelyard.workloads.presets.field_errors import describe_located_errors, describe_yaml_error
from modelyard.workloads.presets.quantisation import Quantisation
from modelyard.workloads.presets.sources import Source, SourcedFact
from modelyard.workloads.suggestions import suggest
from pydantic import Field, ValidationError, field_validator, model_validator

Name = Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$", max_length=63)]
"""Lower-case letters, digits, dots and dashes: a preset's name becomes part of Kubernetes names."""


class UnknownPresetError(LookupError):
    """No preset of that name; the message names the nearest ones."""


class InvalidPresetError(ValueError):
    """Preset file that does not follow the schema; the message names the file and every wrong field."""


class Preset(Frozen):
    """Facts and defaults of a model that modelyard can fine-tune and serve."""

    name: Name
    description: str = ""
    huggingface_id: str | None = Field(default=None, pattern=r"^[\w.-]+/[\w.-]+$")
    """Id of the weights on the hub; None for a model that exists only as an architecture, to train from scratch."""
    revision: str = Field(default="main", pattern=r"^(main|[0-9a-f]{40})$")
    """Commit of the weights; main if no commit has been checked."""
    licence: str
    """SPDX identifier of the weights' licence, or LicenseRef- and its name where SPDX has none."""
    gated: bool = False
    """Download only after an agreement, with a token of the hub."""
    variant: Literal["base", "instruct"] = "base"
    """Training: to continue text, or to follow instructions."""
    base_model: str | None = Field(default=None, pattern=r"^[\w.-]+/[\w.-]+$")
    """Model that it was trained from, as named on the hub."""
    dtype: Literal["fp32", "bf16", "fp16"] = "bf16"
    """Format of the published weights that are not quantised."""
    quantisation: Quantisation = "none"
    """Quantisation of the published weights."""
    download_gib: float | None = Field(default=None, gt=0, le=10**6)
    """Size of the files that a server fetches."""
    architecture: Architecture
    chat_template: str | None = None
    """Template that turns messages into a prompt: ``tokenizer`` (its own), ``engine`` (a tokenizer mode of vLLM), the
    name of a template of ours, or a Jinja template; None: the model was taught no format."""
    fine_tune: Mapping[Method, FineTuneDefaults] = {}
    serve: ServeDefaults = ServeDefaults()
    runtimes: Runtimes = Runtimes()
    tested_on: tuple[str, ...] = ()
    sources: Mapping[SourcedFact, Source] = {}
    """Sources of the facts, by the short names of `sources.SOURCES`; facts without one are general knowledge."""

    @property
    def template(self) -> str | None:
        """Text of the chat template, if neither the tokenizer nor the engine brings it."""
        return chat_templates.find_template_text(self.chat_template)

    @field_validator("chat_template")
    @classmethod
    def _is_a_template(cls, name: str | None) -> str | None:
        return chat_templates.validate_template(name)

    @model_validator(mode="after")
    def _layers_take_a_prefix(self) -> Self:
        if "prefix" in self.fine_tune and not self.architecture.takes_prefix:
            raise ValueError(
                "fine_tune.prefix: must be left out; prefix tuning needs keys and values per head that every layer of "
                "the model sees to the end: no latent or compressed attention, no windows, no recurrent states"
            )
        return self

    @model_validator(mode="after")
    def _sequences_fit(self) -> Self:
        for method, defaults in self.fine_tune.items():
            if defaults.sequence_tokens > self.architecture.max_context_tokens:
                raise ValueError(
                    f"fine_tune.{method}.sequence_tokens = {defaults.sequence_tokens}: must be at most the model's "
                    f"max_context_tokens, {self.architecture.max_context_tokens}"
                )
        return self


@functools.cache
def load(name: str) -> Preset:
    """Load the preset called `name`, or the one whose weights have that id on the hub, e.g. ``Qwen/Qwen3-8B``.

    Raises:
        UnknownPresetError: there is no such preset; the message suggests the nearest names.
        InvalidPresetError: the file does not follow the schema.
    """
    if "/" in name:
        name = map_huggingface_ids().get(name.lower(), name)
    if name not in list_names():
        raise UnknownPresetError(f"no preset {name!r}; {suggest(name, list_names(), listing='modelyard presets list')}")
    return read_preset(_folder() / f"{name}.yaml")


@functools.cache
def list_names() -> tuple[str, ...]:
    """List the names of all presets, sorted."""
    return tuple(sorted(file.name.removesuffix(".yaml") for file in _folder().iterdir() if file.name.endswith(".yaml")))


@functools.cache
def map_huggingface_ids() -> Mapping[str, str]:
    """Map lower-case ids of weights on the hub to presets' names. The files are searched, not read as YAML."""
    matches = ((re.search(r"^huggingface_id: *(\S+)", _text(name), re.MULTILINE), name) for name in list_names())
    return {match[1].lower(): name for match, name in matches if match}


def _text(name: str) -> str:
    return (_folder() / f"{name}.yaml").read_text(encoding="utf-8")


def read_preset(file: Traversable) -> Preset:
    """Read the preset in one file, which must be named after it.

    Raises:
        InvalidPresetError: the file is not YAML, has a field twice, or a field is wrong; names the file, the field,
            what is allowed, line and column.
    """
    try:
        document = located_yaml.load(file.read_text(encoding="utf-8"))
    except located_yaml.BadYamlError as error:
        raise InvalidPresetError(f"{file.name}: {describe_yaml_error(error)}") from error
    try:
        preset = Preset.model_validate(document.value)
    except ValidationError as error:
        lines = describe_located_errors(document, error, Preset)
        raise InvalidPresetError("; ".join(f"{file.name}: {line}" for line in lines)) from error
    if f"{preset.name}.yaml" != file.name:
        stem = file.name.removesuffix(".yaml")
        raise InvalidPresetError(f"{file.name}: name = {preset.name!r}: must be {stem!r}, as the file is named")
    return preset


def _folder() -> Traversable:
    return resources.files("modelyard.workloads.presets") / "models"
