"""Kinds of a model's layers, from its ``config.json``."""

from collections.abc import Mapping, Sequence
from typing import Any

from modelyard.workloads.presets import config_keys as keys


def read_layer_pattern(family: str, config: Mapping[str, Any], layers: int) -> dict[str, Any]:
    """Read the fields of a shape that describe its layers: pattern, window, linear attention, state space."""
    kinds = _kinds(family, config, layers)
    fields: dict[str, Any] = {}
    if set(kinds) - {"full"} and (set(kinds) != {"sliding"} or family == "deepseek_v4"):
        fields["layer_pattern"] = find_shortest_period(kinds)
    if {"sliding", "compressed", "heavily_compressed"} & set(kinds):
        fields["sliding_window"] = config.get("sliding_window") or config.get("attention_chunk_size")
    if "linear" in kinds:
        fields["linear_attention"] = {
            "key_heads": config.get("linear_num_key_heads"),
            "value_heads": config.get("linear_num_value_heads"),
            "key_head_size": config.get("linear_key_head_dim"),
            "value_head_size": config.get("linear_value_head_dim"),
            "convolution": config.get("linear_conv_kernel_dim", 4),
        }
    if "state_space" in kinds:
        fields["state_space"] = _state_space(config)
    return fields


def find_shortest_period(kinds: Sequence[str]) -> tuple[str, ...]:
    """Find the shortest run of kinds that, repeated and cut, gives all of them."""
    for length in range(1, len(kinds)):
        if all(kind == kinds[index % length] for index, kind in enumerate(kinds)):
            return tuple(kinds[:length])
    return tuple(kinds)


def _kinds(family: str, config: Mapping[str, Any], layers: int) -> list[str]:
    types = config.get("layer_types") or config.get("layers_block_type")
    letters = config.get("hybrid_override_pattern")
    ratios = config.get("compress_ratios")
    window = config.get("sliding_window")
    if types:
        kinds = [keys.LAYER_TYPES.get(kind, "full") for kind in types]
        if family in keys.STATE_SPACE_FAMILIES:
            kinds = ["state_space" if kind == "linear" else kind for kind in kinds]
    elif ratios:
        kinds = [keys.COMPRESS_RATIOS.get(ratio, "full") for ratio in ratios[:layers]]
    elif letters:
        kinds = [keys.HYBRID_LETTERS.get(letter, "full") for letter in letters]
    elif family in keys.PATTERNS:
        pattern = _with_interval(keys.PATTERNS[family], config)
        kinds = [pattern[index % len(pattern)] for index in range(layers)]
    elif config.get("use_sliding_window") and window:
        full_layers = config.get("max_window_layers")
        kinds = ["full" if full_layers is None or index < full_layers else "sliding" for index in range(layers)]
    else:
        everywhere = window and family in keys.WINDOW_IN_ALL_LAYERS
        kinds = ["sliding" if everywhere else "full"] * layers
    has_window = bool(window or config.get("attention_chunk_size"))
    return [kind if kind != "sliding" or has_window else "full" for kind in kinds][:layers]


def _with_interval(pattern: tuple[str, ...], config: Mapping[str, Any]) -> tuple[str, ...]:
    interval = config.get("full_attention_interval") or config.get("sliding_window_pattern")
    return (pattern[0],) * (interval - 1) + ("full",) if isinstance(interval, int) and interval > 0 else pattern


def _state_space(config: Mapping[str, Any]) -> dict[str, Any]:
    def find_first(*names: str) -> Any:
        return next((config[name] for name in names if config.get(name) is not None), None)

    heads = find_first("mamba_num_heads", "mamba_n_heads")
    size = find_first("mamba_head_dim", "mamba_d_head")
    if not isinstance(size, int) and heads:  # Granite's "auto": the inside is mamba_expand times as wide.
        expansion = find_first("mamba_expand")
        size = (2 if expansion is None else expansion) * config["hidden_size"] // heads
    return {
        "heads": heads,
        "head_size": size,
        "groups": find_first("n_groups", "mamba_n_groups"),
        "state_size": find_first("ssm_state_size", "mamba_d_state"),
        "convolution": find_first("conv_kernel", "mamba_d_conv") or 4,
        "convolution_bias": find_first("use_conv_bias", "mamba_conv_bias") is not False,
        "projection_bias": bool(find_first("use_bias", "mamba_proj_bias")),
    }
