"""A model as the planner sees it: sizes, and the margin for what they do not cover."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Self

from modelyard.workloads.frozen import Frozen
from modelyard.workloads.planner.memory import GIB
from modelyard.workloads.presets.architecture import Architecture
from modelyard.workloads.presets.model_config import read_config
from modelyard.workloads.presets.preset import Preset
from modelyard.workloads.presets.quantisation import Quantisation, weight_bytes
from pydantic import Field, model_validator

KNOWN_MARGIN = 0.01
"""Share added to weights and activations where the architecture is known: rotary tables, rounding, fragments. vLLM
reports 0.2 to 1.4 % more than the weights count (docs/planner.md)."""

UNKNOWN_MARGIN = 0.15
"""Share added where the architecture is only guessed at, or only sizes are given. Our estimate."""

ASSUMED_CONTEXT_TOKENS = 8192
"""Largest context of a model given by bare numbers without one."""

_MOST_GIB = 100_000
"""Size above that of any model (a trillion weights in fp32 are 3,700 GiB): more is a slip of the unit."""


class Model(Frozen):
    """Sizes of a model from a preset, from a ``config.json``, or from bare numbers."""

    name: str
    architecture: Architecture | None = None
    """None where only sizes are known: then no division of heads or layers is checked."""
    parameters: int = Field(gt=0)
    active_parameters: int = Field(gt=0)
    """Weights that one token meets; fewer than all in a mixture of experts."""
    weights_gib: float = Field(gt=0, le=_MOST_GIB, allow_inf_nan=False)
    """Weights of one full copy in memory, after quantisation."""
    kv_bytes_per_token: int = Field(ge=0, le=2**30)
    """Cache of one more token over all layers, on one full copy."""
    max_context_tokens: int = Field(gt=0)
    quantisation: Quantisation = "none"
    dtype: Literal["bf16", "fp16", "fp32"] = "bf16"
    """Format of unquantised weights and activations; bf16 becomes fp16 where a GPU has no bf16."""
    kv_bytes_per_value: int = Field(default=2, ge=1, le=4)
    """Bytes of one cached value: 1 with an fp8 cache."""
    download_gib: float | None = Field(default=None, gt=0)
    """Bytes fetched at a cold start, where they are not the weights' size."""
    margin: float = Field(default=KNOWN_MARGIN, ge=0, lt=1)
    """Share added to computed memory for parts that the formulas leave out."""
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
        """Build a model of which only sizes are known, with the wide margin and a warning that says so."""
        estimate = (
            round(weights_gib * GIB / 2) if 0 < weights_gib <= _MOST_GIB else 1
        )  # The model refuses absurd sizes.
        warnings = ["only sizes are known: heads and layers are not checked, and the margin is 15 %"]
        if max_context_tokens is None:
            warnings.append(f"the largest context is not known: {ASSUMED_CONTEXT_TOKENS} tokens are assumed")
        if parameters is None:
            warnings.append(f"parameters are not known: {estimate:,} are assumed, from the weights at 16 bit")
        return cls(
            name=name,
            parameters=parameters or estimate,
            active_parameters=parameters or estimate,
            weights_gib=weights_gib,
            kv_bytes_per_token=kv_bytes_per_token,
            max_context_tokens=max_context_tokens or ASSUMED_CONTEXT_TOKENS,
            margin=UNKNOWN_MARGIN,
            exact=False,
            warnings=tuple(warnings),
        )

    @classmethod
    def from_preset(
        cls,
        preset: Preset,
        *,
        quantisation: Quantisation | None = None,
        weights_gib: float | None = None,
        parameters: int | None = None,
        kv_bytes_per_token: int | None = None,
        kv_bytes_per_value: int = 2,
    ) -> "Model":
        """Build the model of a preset, in another quantisation or with other sizes where these are given.

        Weights in fp32 are served in 16 bit, as vLLM does by default.
        """
        target = quantisation or preset.quantisation
        published = target == preset.quantisation and weights_gib is None
        return cls._from_architecture(
            preset.architecture,
            name=preset.name,
            dtype="bf16" if preset.dtype == "bf16" else "fp16",
            quantisation=target,
            weights_gib=weights_gib,
            parameters=parameters,
            kv_bytes_per_token=kv_bytes_per_token,
            kv_bytes_per_value=kv_bytes_per_value,
            download_gib=preset.download_gib if published else None,
            exact=preset.architecture.exact,
        )

    @classmethod
    def from_config(
        cls,
        source: Mapping[str, Any] | Path,
        *,
        name: str = "model",
        quantisation: Quantisation = "none",
        weights_gib: float | None = None,
        parameters: int | None = None,
        kv_bytes_per_token: int | None = None,
        kv_bytes_per_value: int = 2,
    ) -> "Model":
        """Build the model of a Hugging Face ``config.json``; sizes that are given override the file's.

        Raises:
            InvalidConfigError: the file is no model's configuration.
        """
        result = read_config(source)
        return cls._from_architecture(
            result.architecture,
            name=name,
            dtype="bf16",
            quantisation=quantisation,
            weights_gib=weights_gib,
            parameters=parameters,
            kv_bytes_per_token=kv_bytes_per_token,
            kv_bytes_per_value=kv_bytes_per_value,
            exact=result.exact,
            warnings=result.warnings,
        )

    def in_fp32(self) -> "Model":
        """Return the model computed in 32 bit; quantised weights stay as they are."""
        if self.dtype == "fp32":
            return self
        growth = 2.0 if self.quantisation == "none" else 1.0
        cache = 2 if self.kv_bytes_per_value == 2 else 1
        return self.model_copy(
            update={
                "dtype": "fp32",
                "weights_gib": self.weights_gib * growth,
                "kv_bytes_per_value": self.kv_bytes_per_value * cache,
                "kv_bytes_per_token": self.kv_bytes_per_token * cache,
            }
        )

    @classmethod
    def _from_architecture(
        cls,
        architecture: Architecture,
        *,
        dtype: Literal["bf16", "fp16"],
        quantisation: Quantisation,
        weights_gib: float | None,
        parameters: int | None,
        kv_bytes_per_token: int | None,
        kv_bytes_per_value: int,
        exact: bool,
        warnings: tuple[str, ...] = (),
        **fields: Any,
    ) -> "Model":
        weights = architecture.parameters
        if weights_gib is None:
            weights_gib = weight_bytes(architecture, quantisation, dtype) / GIB * (parameters or weights) / weights
        active = architecture.active_parameters * (parameters or weights) // weights
        if not exact:
            warnings = (
                *warnings,
                f"the family {architecture.family} is not known: it is read as a plain decoder, with a margin of 15 %",
            )
        if kv_bytes_per_token is None:
            kv_bytes_per_token = architecture.kv_bytes_per_token(kv_bytes_per_value)
        return cls(
            architecture=architecture,
            parameters=parameters or weights,
            active_parameters=max(1, active),
            weights_gib=weights_gib,
            kv_bytes_per_token=kv_bytes_per_token,
            max_context_tokens=architecture.max_context_tokens,
            quantisation=quantisation,
            dtype=dtype,
            kv_bytes_per_value=kv_bytes_per_value,
            margin=KNOWN_MARGIN if exact else UNKNOWN_MARGIN,
            exact=exact,
            warnings=warnings,
            **fields,
        )
