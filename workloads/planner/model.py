"""What the planner knows of a model: sizes, and how sure it is of them."""

from typing import Any, Literal, Self

from modelyard.workloads.frozen import Frozen
from modelyard.workloads.planner.memory import GIB
from modelyard.workloads.presets.architecture import Architecture
from modelyard.workloads.presets.preset import Preset
from pydantic import Field, model_validator

KNOWN_MARGIN = 0.01
"""Share added to weights and activations where the architecture is known: rotary tables, rounding, fragments. vLLM
reports 0.2 to 1.4 % more than the weights count (docs/planner.md)."""

UNKNOWN_MARGIN = 0.15
"""The same where the architecture is only guessed at, or only sizes are given. Our estimate."""

ASSUMED_CONTEXT_TOKENS = 8192
"""Largest context of a model given by bare numbers, when no number says it."""


class Model(Frozen):
    """A model as the planner sees it; made from a preset, from a ``config.json``, or from bare numbers."""

    name: str
    architecture: Architecture | None = None
    """None where only sizes are known: then nothing is known of heads or layers, and no division is checked."""
    parameters: int = Field(gt=0)
    active_parameters: int = Field(gt=0)
    """Weights that one token meets; fewer than all in a mixture of experts."""
    weights_gib: float = Field(gt=0)
    """Weights of one full copy in memory, after quantisation."""
    kv_bytes_per_token: int = Field(ge=0)
    """Cache of one more token over all layers, on one full copy."""
    max_context_tokens: int = Field(gt=0)
    quantisation: str = "none"
    dtype: Literal["bf16", "fp16", "fp32"] = "bf16"
    """What the unquantised weights and activations are in; bf16 becomes fp16 where a GPU has no bf16."""
    kv_bytes_per_value: int = Field(default=2, ge=1, le=4)
    """1 with an fp8 cache."""
    download_gib: float | None = Field(default=None, gt=0)
    """Bytes fetched at a cold start, where they are not the weights' size."""
    margin: float = Field(default=KNOWN_MARGIN, ge=0, lt=1)
    """Share added to computed memory for what the formulas do not know."""
    exact: bool = True
    """False where the architecture is a fallback, or sizes were given by hand."""
    warnings: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _active_is_part(self) -> Self:
        if self.active_parameters > self.parameters:
            raise ValueError(f"active_parameters ({self.active_parameters}) exceed parameters ({self.parameters})")
        return self

    @classmethod
    def from_numbers(
        cls,
        *,
        weights_gib: float,
        kv_bytes_per_token: int,
        parameters: int | None = None,
        max_context_tokens: int | None = None,
        name: str = "unnamed",
    ) -> "Model":
        """A model of which only sizes are known, with the wide margin and a warning that says so."""
        guessed = max(1, round(weights_gib * GIB / 2))
        warnings = ["only sizes are known: heads and layers are not checked, and the margin is 15 %"]
        if max_context_tokens is None:
            warnings.append(f"the largest context is not known: {ASSUMED_CONTEXT_TOKENS} tokens are assumed")
        if parameters is None:
            warnings.append(f"parameters are not known: {guessed:,} are assumed, from the weights at 16 bit")
        return cls(
            name=name,
            parameters=parameters or guessed,
            active_parameters=parameters or guessed,
            weights_gib=weights_gib,
            kv_bytes_per_token=kv_bytes_per_token,
            max_context_tokens=max_context_tokens or ASSUMED_CONTEXT_TOKENS,
            margin=UNKNOWN_MARGIN,
            exact=False,
            warnings=tuple(warnings),
        )

    @classmethod
    def from_preset(cls, preset: Preset, **overrides: Any) -> "Model":
        """The model of a preset; `overrides` replace single fields (e.g. ``weights_gib``)."""
        architecture = preset.architecture
        return cls.model_validate(
            {
                "name": preset.name,
                "architecture": architecture,
                "parameters": architecture.parameters,
                "active_parameters": architecture.active_parameters,
                "weights_gib": architecture.parameters * 2 / GIB,
                "kv_bytes_per_token": architecture.kv_bytes_per_token(),
                "max_context_tokens": architecture.max_context_tokens,
                **overrides,
            }
        )
