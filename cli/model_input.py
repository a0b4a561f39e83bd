"""The model that a command is asked about: a preset, a configuration file, or bare numbers over either."""

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modelyard.cli.complaints import BadRequestError
from modelyard.cli.config_file import about, read_config_file

if TYPE_CHECKING:
    from modelyard.workloads.planner.model import Model

_MOST = {"--weights-gib": 100_000.0, "--parameters": 1e14, "--kv-bytes-per-token": 1e9}
"""Far above any model there is: what is above is a slip of the unit."""


def model(
    *,
    preset: str | None,
    config: Path | None,
    weights_gib: float | None,
    parameters: int | None,
    kv_bytes_per_token: int | None,
    quantisation: str | None = None,
    context: int | None = None,
) -> "Model":
    """The model that the options describe; numbers replace what preset or file say.

    `context` is what the user wants: where no file says how long a context may be, it is believed.

    Raises:
        BadRequestError: no or two descriptions, or a number that no model has.
        UnknownPresetError, InvalidConfigError: of the preset or the file.
    """
    numbers = {
        "--weights-gib": weights_gib,
        "--parameters": parameters,
        "--kv-bytes-per-token": kv_bytes_per_token,
    }
    for option, value in numbers.items():
        if value is not None and not 0 < value <= _MOST[option]:  # also refuses nan
            raise BadRequestError(f"{option} must be above 0 and at most {_MOST[option]:,.0f}, got {value}")
    if quantisation is not None:
        _check_quantisation(quantisation)
    if preset is not None and config is not None:
        raise BadRequestError("give --preset or --model-config, not both")
    sizes = {"weights_gib": weights_gib, "parameters": parameters, "kv_bytes_per_token": kv_bytes_per_token}
    if preset is not None:
        return _from_preset(preset, quantisation, sizes)
    if config is not None:
        return _from_config(config, quantisation, sizes)
    if weights_gib is None or kv_bytes_per_token is None:
        raise BadRequestError(
            "which model? Give --preset NAME, --model-config FILE, or both --weights-gib and --kv-bytes-per-token"
        )
    if quantisation is not None:
        raise BadRequestError("--quantisation needs --preset or --model-config: --weights-gib is the size as it is")
    from modelyard.workloads.planner.model import ASSUMED_CONTEXT_TOKENS, Model  # noqa: PLC0415 - loads pydantic

    longest = context if context is not None and context > ASSUMED_CONTEXT_TOKENS else None
    return Model.from_numbers(
        weights_gib=weights_gib,
        kv_bytes_per_token=kv_bytes_per_token,
        parameters=parameters,
        max_context_tokens=longest,
    )


def _check_quantisation(name: str) -> None:
    from difflib import get_close_matches  # noqa: PLC0415

    from modelyard.workloads.presets.quantisation import QUANTISATIONS  # noqa: PLC0415 - loads pydantic

    if name not in QUANTISATIONS:
        lower = name.lower()
        near = [known for known in QUANTISATIONS if lower in known] or get_close_matches(lower, QUANTISATIONS, n=1)
        hint = f"did you mean {' or '.join(near)}? " if near else ""
        raise BadRequestError(f"no --quantisation {name!r}; {hint}known are {', '.join(QUANTISATIONS)}")


def _from_preset(name: str, quantisation: Any, sizes: dict[str, Any]) -> "Model":
    from modelyard.workloads.planner.model import Model  # noqa: PLC0415
    from modelyard.workloads.presets.preset import load  # noqa: PLC0415

    return Model.from_preset(load(name), quantisation=quantisation, **sizes)


def _from_config(file: Path, quantisation: Any, sizes: dict[str, Any]) -> "Model":
    from modelyard.workloads.planner.model import Model  # noqa: PLC0415
    from modelyard.workloads.presets.from_config import from_config  # noqa: PLC0415

    content = read_config_file(file)
    name = file.resolve().parent.name if file.stem == "config" else file.stem
    with about(file):
        draft = from_config(content, name="model", licence="of no concern here")
        found = Model.from_config(content, name=name, quantisation=quantisation or draft.preset.quantisation, **sizes)
    unsaid = [warning for warning in draft.warnings if warning not in found.warnings]
    return found.model_copy(update={"warnings": (*found.warnings, *unsaid)})


def huggingface_id(preset: str | None) -> str | None:
    """Where a preset's weights are published; None without a preset."""
    if preset is None:
        return None
    from modelyard.workloads.presets.preset import load  # noqa: PLC0415

    return load(preset).huggingface_id


def finite(option: str, value: float | None) -> float | None:
    """The value of a numeric option.

    Raises:
        BadRequestError: it is `nan` or `inf`, which Python reads as numbers.
    """
    if value is not None and not math.isfinite(value):
        raise BadRequestError(f"{option} must be a number, got {value}")
    return value
