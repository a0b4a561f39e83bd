"""Model of a command: a preset, a configuration file, or bare numbers over either."""

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modelyard.cli.config_file import name_in_errors, read_config_file
from modelyard.cli.errors import BadRequestError

if TYPE_CHECKING:
    from modelyard.workloads.planner.model import Model

_MOST = {"--weights-gib": 100_000.0, "--parameters": 1e14, "--kv-bytes-per-token": 1e9}
"""Limits far above any model: more is a slip of the unit."""


def build_model(
    *,
    preset: str | None,
    config: Path | None,
    weights_gib: float | None,
    parameters: int | None,
    kv_bytes_per_token: int | None,
    quantisation: str | None = None,
    context: int | None = None,
) -> "Model":
    """Build the model that the options describe; numbers replace those of the preset or the file.

    `context` is the user's: without a file or a preset it is taken for the model's largest.

    Raises:
        BadRequestError: no or two descriptions, or a number that no model has.
        UnknownPresetError, InvalidConfigError: from the preset or the file.
    """
    numbers = {
        "--weights-gib": weights_gib,
        "--parameters": parameters,
        "--kv-bytes-per-token": kv_bytes_per_token,
    }
    for option, value in numbers.items():
        if value is not None and not 0 < value <= _MOST[option]:  # also refuses nan
            raise BadRequestError(f"{option} = {value}: must be above 0 and at most {_MOST[option]:,.0f}")
    if quantisation is not None:
        _check_quantisation(quantisation)
    if preset is not None and config is not None:
        raise BadRequestError("--model-config: not allowed with --preset; give one of them")
    sizes = {"weights_gib": weights_gib, "parameters": parameters, "kv_bytes_per_token": kv_bytes_per_token}
    if preset is not None:
        return _build_from_preset(preset, quantisation, sizes)
    if config is not None:
        return _build_from_config(config, quantisation, sizes)
    if weights_gib is None or kv_bytes_per_token is None:
        raise BadRequestError(
            "no model; give --preset NAME, --model-config FILE, or both --weights-gib and --kv-bytes-per-token"
        )
    if quantisation is not None:
        raise BadRequestError(
            "--quantisation: not allowed with bare numbers, where --weights-gib is the quantised size; "
            "give --preset or --model-config"
        )
    from modelyard.workloads.planner.model import ASSUMED_CONTEXT_TOKENS, Model

    longest = context if context is not None and context > ASSUMED_CONTEXT_TOKENS else None
    return Model.from_numbers(
        weights_gib=weights_gib,
        kv_bytes_per_token=kv_bytes_per_token,
        parameters=parameters,
        max_context_tokens=longest,
    )


def _check_quantisation(name: str) -> None:
    from modelyard.workloads.presets.quantisation import QUANTISATIONS
    from modelyard.workloads.suggestions import suggest

    if name not in QUANTISATIONS:
        near = [form for form in QUANTISATIONS if name.lower() in form]
        hint = f"did you mean {' or '.join(near)}?" if near else suggest(name, QUANTISATIONS, most=1)
        raise BadRequestError(f"--quantisation = {name!r}: unknown; {hint}")


def _build_from_preset(name: str, quantisation: Any, sizes: dict[str, Any]) -> "Model":
    from modelyard.workloads.planner.model import Model
    from modelyard.workloads.presets.preset import load

    return Model.from_preset(load(name), quantisation=quantisation, **sizes)


def _build_from_config(file: Path, quantisation: Any, sizes: dict[str, Any]) -> "Model":
    from modelyard.workloads.planner.model import Model
    from modelyard.workloads.presets.from_config import from_config

    content = read_config_file(file)
    name = file.resolve().parent.name if file.stem == "config" else file.stem
    with name_in_errors(file):
        draft = from_config(content, name="model", licence="unused")
        model = Model.from_config(content, name=name, quantisation=quantisation or draft.preset.quantisation, **sizes)
    further = [warning for warning in draft.warnings if warning not in model.warnings]
    return model.model_copy(update={"warnings": (*model.warnings, *further)})


def find_huggingface_id(preset: str | None) -> str | None:
    """Return the hub's id of a preset's weights; None without a preset."""
    if preset is None:
        return None
    from modelyard.workloads.presets.preset import load

    return load(preset).huggingface_id


def check_finite(option: str, value: float | None) -> None:
    """Refuse `nan` and `inf`, which Python reads as numbers.

    Raises:
        BadRequestError: the value of the option is one of them.
    """
    if value is not None and not math.isfinite(value):
        raise BadRequestError(f"{option} = {value}: must be a number")
