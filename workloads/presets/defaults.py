"""Defaults of fine-tuning and of the engines for one model; a workspace may override each."""

from collections.abc import Mapping
from typing import Literal

from modelyard.workloads.frozen import Frozen
from modelyard.workloads.presets.parsers import REASONING_PARSERS, TOOL_CALL_PARSERS, validate_parser
from pydantic import Field, field_validator

Method = Literal["full", "lora", "qlora", "prompt", "prefix", "multitask_prompt"]
"""Method of fine-tuning: all weights, low-rank adapters (on a quantised model), learned vectors before the prompt, or
learned keys and values before those of every layer."""


class FineTuneDefaults(Frozen):
    """Settings that a method starts from on this model; a workspace may override each."""

    learning_rate: float = Field(gt=0, le=100)
    epochs: float = Field(gt=0, le=100_000)
    sequence_tokens: int = Field(gt=1, le=10**9)
    batch_sequences: int = Field(default=8, gt=0, le=10**6)
    """Sequences per worker and step."""
    gradient_accumulation: int = Field(default=1, gt=0, le=10**6)
    weight_decay: float = Field(default=0.01, ge=0, le=100)
    warmup_fraction: float = Field(default=0.03, ge=0, lt=1)
    """Share of the steps over which the learning rate rises from zero."""
    dropout: float = Field(default=0.0, ge=0, lt=1)
    """Share of activations dropped in training, in a model built from the architecture."""


class ServeDefaults(Frozen):
    """Settings that a server of this model starts from."""

    max_queue: int = Field(default=64, gt=0, le=10**6)
    """Requests that may wait or run at once; one more is refused with 429."""
    max_batch_tokens: int = Field(default=512, gt=0, le=10**7)
    """Tokens of prompts and continuations computed in one pass."""


class VllmDefaults(Frozen):
    """Arguments of vLLM's server, by its names."""

    tool_call_parser: str | None = None
    """Parser of tool calls; it comes with --enable-auto-tool-choice."""
    reasoning_parser: str | None = None
    arguments: Mapping[str, str | int | float | bool] = {}
    """Further arguments, e.g. ``tokenizer-mode: mistral``."""

    @field_validator("tool_call_parser")
    @classmethod
    def _parses_tool_calls(cls, name: str | None) -> str | None:
        return validate_parser(name, TOOL_CALL_PARSERS)

    @field_validator("reasoning_parser")
    @classmethod
    def _parses_reasoning(cls, name: str | None) -> str | None:
        return validate_parser(name, REASONING_PARSERS)


class TransformersDefaults(Frozen):
    """Settings with which a server on transformers loads the model."""

    trust_remote_code: bool = False
    """Run code of the repository, which a person has read at the pinned revision."""


class Runtimes(Frozen):
    """Defaults per engine."""

    vllm: VllmDefaults | None = None
    """Defaults of vLLM; None: vLLM does not serve this model."""
    transformers: TransformersDefaults | None = None
