"""Model presets: one YAML file per model, read once, never changed.

A preset is what the planner, the fine-tune job and the server all know about a model. It holds facts (architecture,
licence, revision) and defaults that were tried. It never holds a decision about hardware: that is the planner's.
Adding a model means adding a file beside this one; no code changes.

This module is pure (pydantic and yaml only), so that a Pulumi program may import it in a fraction of a second.
"""

import functools
import re
from collections.abc import Mapping
from difflib import get_close_matches
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Annotated, Literal, Self

from modelyard.workloads import located_yaml
from modelyard.workloads.frozen import Frozen
from modelyard.workloads.presets import chat_templates
from modelyard.workloads.presets.architecture import Architecture
from modelyard.workloads.presets.complaints import complaints as complaints  # noqa: PLC0414 - known under this name
from modelyard.workloads.presets.defaults import FineTuneDefaults, Method, Runtimes, ServeDefaults
from modelyard.workloads.presets.place import located, place_behind
from modelyard.workloads.presets.quantisation import Quantisation
from modelyard.workloads.presets.sources import Source, Sourced
from pydantic import Field, ValidationError, field_validator, model_validator

Name = Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$", max_length=63)]
"""Lower-case letters, digits, dots and dashes: a preset's name becomes part of Kubernetes names."""


class UnknownPresetError(LookupError):
    """No preset of that name; the message names the nearest ones."""


class InvalidPresetError(ValueError):
    """A preset file does not follow the schema; the message names the file and every wrong field."""


class Preset(Frozen):
    """A model that modelyard knows how to fine-tune and serve."""

    name: Name
    description: str = ""
    huggingface_id: str | None = Field(default=None, pattern=r"^[\w.-]+/[\w.-]+$")
    """Where the weights are; None for a model that exists only as an architecture, trained from nothing."""
    revision: str = Field(default="main", pattern=r"^(main|[0-9a-f]{40})$")
    """Commit of the weights; main where no commit has been checked."""
    licence: str
    """SPDX identifier of the weights' licence, or LicenseRef- and its name where SPDX has none."""
    gated: bool = False
    """The weights are handed out after an agreement: a token of the hub is needed."""
    variant: Literal["base", "instruct"] = "base"
    """Trained to continue text, or to follow instructions."""
    base_model: str | None = Field(default=None, pattern=r"^[\w.-]+/[\w.-]+$")
    """What it was trained from, as named on the hub."""
    dtype: Literal["fp32", "bf16", "fp16"] = "bf16"
    """What the published weights are in, as far as they are not quantised."""
    quantisation: Quantisation = "none"
    """How the published weights are quantised."""
    download_gib: float | None = Field(default=None, gt=0, le=10**6)
    """Size of the files that a server fetches."""
    architecture: Architecture
    chat_template: str | None = None
    """What turns messages into a prompt: ``tokenizer`` (its own template), ``engine`` (a tokenizer mode of vLLM), the
    name of a template of ours, or a Jinja template; None: the model was taught no format."""
    fine_tune: Mapping[Method, FineTuneDefaults] = {}
    serve: ServeDefaults = ServeDefaults()
    runtimes: Runtimes = Runtimes()
    tested_on: tuple[str, ...] = ()
    sources: Mapping[Sourced, Source] = {}
    """Where what this file says was read; `sources.SOURCES` spells each out. What has none is general knowledge."""

    @property
    def template(self) -> str | None:
        """Text of the chat template, where neither the tokenizer nor the engine brings it."""
        return chat_templates.text(self.chat_template)

    @field_validator("chat_template")
    @classmethod
    def _is_a_template(cls, name: str | None) -> str | None:
        return chat_templates.known(name)

    @model_validator(mode="after")
    def _layers_take_a_prefix(self) -> Self:
        if "prefix" in self.fine_tune and not self.architecture.takes_prefix:
            raise ValueError(
                "fine_tune.prefix is given, but prefix tuning needs keys and values per head that every layer of the "
                "model sees to the end: no latent or compressed attention, no windows, no recurrent states"
            )
        return self

    @model_validator(mode="after")
    def _sequences_fit(self) -> Self:
        for method, defaults in self.fine_tune.items():
            if defaults.sequence_tokens > self.architecture.max_context_tokens:
                raise ValueError(
                    f"fine_tune.{method}.sequence_tokens is {defaults.sequence_tokens}, but the model's "
                    f"max_context_tokens is {self.architecture.max_context_tokens}"
                )
        return self


@functools.cache
def load(name: str) -> Preset:
    """The preset called `name`, or the one whose weights are on the hub under that id, e.g. ``Qwen/Qwen3-8B``.

    Raises:
        UnknownPresetError: there is no such file; the nearest names are suggested.
        InvalidPresetError: the file does not follow the schema.
    """
    if "/" in name:
        name = huggingface_ids().get(name.lower(), name)
    if name not in names():
        raise UnknownPresetError(f"no preset {name!r}; {_suggestion(name, names())}")
    return read(_folder() / f"{name}.yaml")


@functools.cache
def names() -> tuple[str, ...]:
    """Names of all presets, sorted."""
    return tuple(sorted(file.name.removesuffix(".yaml") for file in _folder().iterdir() if file.name.endswith(".yaml")))


@functools.cache
def huggingface_ids() -> Mapping[str, str]:
    """Names of presets by the lower-case id of their weights on the hub. The files are searched, not read as YAML."""
    found = ((re.search(r"^huggingface_id: *(\S+)", _text(name), re.MULTILINE), name) for name in names())
    return {match[1].lower(): name for match, name in found if match}


def _text(name: str) -> str:
    return (_folder() / f"{name}.yaml").read_text(encoding="utf-8")


def read(file: Traversable) -> Preset:
    """The preset in one file, which must bear its name.

    Raises:
        InvalidPresetError: the file is not YAML, has a field twice, or a field is wrong; names the file, the field,
            what is allowed, line and column.
    """
    try:
        document = located_yaml.load(file.read_text(encoding="utf-8"))
    except located_yaml.BadYamlError as wrong:
        raise InvalidPresetError(f"{file.name}: {place_behind(wrong)}") from wrong
    try:
        preset = Preset.model_validate(document.value)
    except ValidationError as wrong:
        lines = located(document, wrong, Preset)
        raise InvalidPresetError("; ".join(f"{file.name}: {line}" for line in lines)) from wrong
    if f"{preset.name}.yaml" != file.name:
        raise InvalidPresetError(f"{file.name}: name: is {preset.name!r}, but the file's name says {file.name!r}")
    return preset


def _folder() -> Traversable:
    return resources.files("modelyard.workloads.presets") / "models"


def _suggestion(name: str, known: tuple[str, ...]) -> str:
    close = get_close_matches(name, known, n=3)
    return f"did you mean {' or '.join(close)}?" if close else f"known are {', '.join(known)}"
