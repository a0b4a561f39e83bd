"""A new preset from a Hugging Face ``config.json``, and a preset as the YAML text of its file."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from modelyard.workloads.presets.config_keys import NESTED
from modelyard.workloads.presets.defaults import FineTuneDefaults, Method
from modelyard.workloads.presets.model_config import load_config, read_config
from modelyard.workloads.presets.preset import Preset
from modelyard.workloads.presets.quantisation import Quantisation, weight_bytes

QUANTISATIONS: dict[str, Quantisation] = {
    "awq": "awq-int4",
    "gptq": "gptq-int4",
    "fp8": "fp8",
    "mxfp4": "mxfp4",
    "fp8 fp4": "fp8-mxfp4",
    "compressed-tensors pack-quantized 4": "int4-experts",
    "modelopt NVFP4": "nvfp4",
    "modelopt FP8": "fp8",
}
"""Quantisations by a file's ``quantization_config``: ``quant_method``, with DeepSeek V4's ``expert_dtype``, the format
and bits of compressed-tensors, or ModelOpt's ``quant_algo``. 8-bit GPTQ and others get a warning."""

SUGGESTED: dict[Method, dict[str, float]] = {
    # torchtune's full finetuning recipes; QLoRA (arXiv:2305.14314, table 9) for models below 33 B; PEFT's guides of
    # prompt tuning and of prefix tuning. A start, to be replaced by what was tried.
    "full": {"learning_rate": 2e-5, "epochs": 3, "batch_sequences": 8},
    "lora": {"learning_rate": 2e-4, "epochs": 3, "batch_sequences": 8},
    "qlora": {"learning_rate": 2e-4, "epochs": 3, "batch_sequences": 8},
    "prompt": {"learning_rate": 3e-2, "epochs": 10, "batch_sequences": 8},
    "prefix": {"learning_rate": 1e-2, "epochs": 5, "batch_sequences": 8},
}
LONGEST_SUGGESTED_SEQUENCE = 2048
DTYPES = {"float32": "fp32", "bfloat16": "bf16", "float16": "fp16"}


@dataclass(frozen=True, slots=True)
class Draft:
    """A preset from a configuration, with warnings to read before use."""

    preset: Preset
    warnings: tuple[str, ...]
    exact: bool


def from_config(
    source: Mapping[str, Any] | Path, *, name: str, licence: str = "LicenseRef-unknown", **fields: Any
) -> Draft:
    """Draft a preset called `name` for the model of that configuration; `fields` are further fields of `Preset`.

    Raises:
        InvalidConfigError: the source is not a model's configuration.
        pydantic.ValidationError: a field given here is wrong.
    """
    content = load_config(source) if isinstance(source, Path) else source
    config = read_config(content)
    warnings = list(config.warnings)
    dtype = DTYPES.get(str(content.get("dtype") or content.get("torch_dtype")), "bf16")
    method = _find_quantisation(content)
    quantisation = QUANTISATIONS.get(method, "none")
    if method and quantisation == "none":
        warnings.append(f"quantisation {method!r} is not known: sizes are those of 16 bit")
    if licence == "LicenseRef-unknown":
        warnings.append("licence is not in a config.json: fill it in")
    architecture = config.architecture
    longest = min(LONGEST_SUGGESTED_SEQUENCE, architecture.max_context_tokens)
    suggested = SUGGESTED if architecture.kind == "decoder" else {}
    values: dict[str, Any] = {
        "name": name,
        "licence": licence,
        "dtype": dtype,
        "quantisation": quantisation,
        "download_gib": round(weight_bytes(architecture, quantisation, dtype) / 2**30, 2) or 0.01,  # type: ignore[arg-type]
        "architecture": architecture,
        "fine_tune": {
            method: FineTuneDefaults.model_validate({**settings, "sequence_tokens": longest})
            for method, settings in suggested.items()
            if method != "prefix" or architecture.takes_prefix
        },
    }
    return Draft(Preset.model_validate(values | fields), tuple(warnings), config.exact)


def _find_quantisation(content: Mapping[str, Any]) -> str:
    """Return the file's quantisation in the words of `QUANTISATIONS`; empty if it has none."""
    text = next((content[name] for name in NESTED if isinstance(content.get(name), Mapping)), {})
    quantisation = content.get("quantization_config") or text.get("quantization_config")
    if not isinstance(quantisation, Mapping):
        return ""
    words = [quantisation.get("quant_method") or "modelopt"]
    if words == ["modelopt"]:
        words += [quantisation.get("quant_algo")]
    elif words == ["compressed-tensors"]:
        groups = quantisation.get("config_groups")
        first = next(iter(groups.values()), {}) if isinstance(groups, Mapping) else {}
        weights = first.get("weights") if isinstance(first, Mapping) else {}
        words += [quantisation.get("format"), weights.get("num_bits") if isinstance(weights, Mapping) else None]
    elif content.get("expert_dtype"):
        words += [content["expert_dtype"]]
    return " ".join(str(word) for word in words if word is not None)


def to_yaml(preset: Preset) -> str:
    """Render the preset as its file's text, in the order of the fields, without defaults."""
    fields = preset.model_dump(exclude_defaults=True, mode="json")
    fields["architecture"]["parameters"] = preset.architecture.parameters
    return yaml.dump(fields, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=116)


class _Dumper(yaml.SafeDumper):
    """Dumper that writes lists of plain values on one line."""

    def represent_sequence(self, tag: str, sequence: Any, flow_style: Any = None) -> Any:
        plain = all(isinstance(value, (str, int, float)) for value in sequence)
        return super().represent_sequence(tag, sequence, flow_style=plain or flow_style)
