"""Tiny models of the families of the presets: their kinds of layers, at sizes that a CPU trains in milliseconds."""

from pathlib import Path
from typing import Any

import torch
from modelyard.workloads.presets.architecture import Architecture
from transformers import (
    CONFIG_MAPPING,
    AutoModelForImageTextToText,
    PreTrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)

from tests.workloads.preset_configs import RENAMED, build, family_of, sizes

CONTEXT = 64

SMALL: dict[str, Any] = {
    "num_hidden_layers": 2,
    "hidden_size": 32,
    "max_position_embeddings": CONTEXT,
    "intermediate_size": 64,
    "head_dim": 16,
    "global_head_dim": 32,
    "sliding_window": 16,
    "hidden_size_per_layer_input": 16,
    "ffn_dim": 64,
    "word_embed_proj_dim": 32,
    # Experts.
    "num_experts": 4,
    "num_local_experts": 4,
    "n_routed_experts": 4,
    "num_experts_per_tok": 2,
    "top_k_experts": 2,
    "moe_intermediate_size": 16,
    "moe_latent_size": 16,
    "n_shared_experts": 1,
    "shared_expert_intermediate_size": 16,
    "moe_shared_expert_intermediate_size": 16,
    "first_k_dense_replace": 1,
    # Latent and compressed attention.
    "kv_lora_rank": 16,
    "q_lora_rank": 16,
    "qk_nope_head_dim": 16,
    "qk_rope_head_dim": 16,
    "v_head_dim": 16,
    "o_groups": 2,
    "o_lora_rank": 16,
    "index_n_heads": 2,
    "index_head_dim": 16,
    # Recurrent layers.
    "mamba_num_heads": 4,
    "mamba_head_dim": 16,
    "n_groups": 1,
    "ssm_state_size": 16,
    "linear_num_key_heads": 2,
    "linear_num_value_heads": 4,
    "linear_key_head_dim": 16,
    "linear_value_head_dim": 16,
}
"""In place of a preset's size of that name, where it has one."""

ALTERNATING = {"gemma2", "gemma3", "gemma3_text", "gpt_oss"}
"""Families whose configuration alternates windows and full attention without being told."""

VISION = {
    "hidden_size": 32,
    "out_hidden_size": 32,
    "intermediate_size": 32,
    "num_hidden_layers": 1,
    "depth": 1,
    "num_attention_heads": 4,
    "num_key_value_heads": 4,
    "num_heads": 4,
    "head_dim": 8,
    "global_head_dim": 8,
    "image_size": 28,
    "patch_size": 14,
}
"""Vision tower of the families that are published with one."""

PUBLISHED_AS = {"ministral3": "mistral3", "mistral4": "mistral3"}
"""Model type of the published files, where it is not that of the language model."""


def save_tiny_model(architecture: Architecture, tokenizer: PreTrainedTokenizerBase, folder: Path) -> None:
    """Write a random model of the architecture's family into `folder`, in the form in which such models are published.

    Args:
        architecture: gives the family and its kinds of layers.
        tokenizer: is written beside the model, which has as many tokens.
        folder: is created.
    """
    torch.manual_seed(0)
    config = CONFIG_MAPPING[family_of(architecture)](**_tiny_sizes(architecture, tokenizer))
    family = RENAMED.get(architecture.family, architecture.family)
    published = PUBLISHED_AS.get(family, family)
    model = build(config) if published == family_of(architecture) else _with_vision(published, config)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def _tiny_sizes(architecture: Architecture, tokenizer: PreTrainedTokenizerBase) -> dict[str, Any]:
    vocabulary = len(tokenizer)
    given = sizes(architecture)
    tiny = given | {name: size for name, size in SMALL.items() if given.get(name)}
    grouped = 4 if architecture.key_value_heads == architecture.attention_heads else 2
    heads = 1 if architecture.key_value_heads == 1 else grouped
    tiny |= {name: heads for name in ("num_kv_heads", "num_global_key_value_heads") if given.get(name)}
    tiny |= {"num_attention_heads": 4, "num_key_value_heads": heads, "vocab_size": vocabulary}
    # Random weights of the usual 0.02 would make all tokens nearly equally likely, and answers a matter of rounding.
    tiny |= {"initializer_range": 0.2, "index_topk": 8, "n_group": 1, "topk_group": 1, "num_kv_shared_layers": 0}
    tiny |= {"bos_token_id": tokenizer.bos_token_id, "eos_token_id": tokenizer.eos_token_id, "pad_token_id": 0}
    tiny |= {"vocab_size_per_layer_input": vocabulary}
    if architecture.mla:
        tiny |= {"head_dim": 16}
    if "indexer_types" in given:
        tiny |= {"indexer_types": ["full", "shared"]}
    if "hybrid_override_pattern" in given:
        pattern = "".join(dict.fromkeys(given["hybrid_override_pattern"]))
        tiny |= {"hybrid_override_pattern": pattern, "num_hidden_layers": len(pattern)}
    return tiny | _layer_types(architecture, given)


def _layer_types(architecture: Architecture, given: dict[str, Any]) -> dict[str, Any]:
    """Return one layer of each kind."""
    if architecture.linear_attention:
        return {"layer_types": ["linear_attention", "full_attention"]}
    if architecture.family in ALTERNATING:
        return {"layer_types": ["sliding_attention", "full_attention"]}
    if "layer_types" in given:
        kinds = list(dict.fromkeys(given["layer_types"]))
        return {"layer_types": kinds, "num_hidden_layers": len(kinds)}
    return {}


def _with_vision(family: str, text: PreTrainedConfig) -> PreTrainedModel:
    whole: Any = CONFIG_MAPPING[family]
    parts: dict[str, Any] = {"text_config": text.to_dict()}
    if "vision_config" in whole.sub_configs:
        parts["vision_config"] = VISION | ({"model_type": "pixtral"} if family == "mistral3" else {})
    return AutoModelForImageTextToText.from_config(whole(**parts))
