"""Presets as transformers' configurations: the same sizes in the names that each family's class knows."""

from typing import Any

import transformers
from modelyard.workloads.presets.architecture import Architecture
from modelyard.workloads.presets.config_keys import WRAPPED
from transformers import CONFIG_MAPPING, AutoModelForCausalLM

RENAMED = {"kimi_k2": "deepseek_v3"}
"""Kimi K2's own code is DeepSeek V3's; transformers reads the one as the other (models/kimi_k25)."""


def configuration_of(architecture: Architecture) -> Any:
    return CONFIG_MAPPING[family_of(architecture)](**sizes(architecture))


def sizes(architecture: Architecture) -> dict[str, Any]:
    """The shape in the names that transformers' configurations share; a class takes those that it knows."""
    known: dict[str, Any] = {
        "num_hidden_layers": architecture.layers,
        "hidden_size": architecture.hidden_size,
        "num_attention_heads": architecture.attention_heads,
        "num_key_value_heads": architecture.key_value_heads,
        "vocab_size": architecture.vocabulary,
        "max_position_embeddings": architecture.max_context_tokens,
        "intermediate_size": architecture.intermediate_size,
        "tie_word_embeddings": architecture.tied_embeddings,
        "bos_token_id": None,
        "eos_token_id": None,
        "pad_token_id": None,
    }
    if architecture.head_size or "head_dim" in CONFIG_MAPPING[family_of(architecture)].__annotations__:
        known["head_dim"] = architecture.width_of_head
    if architecture.sliding_window:
        known["sliding_window"] = architecture.sliding_window
    if architecture.experts:
        known |= {
            "num_experts": architecture.experts,
            "num_experts_per_tok": architecture.experts_per_token,
            "moe_intermediate_size": architecture.width_of_expert,
            "shared_expert_intermediate_size": architecture.width_of_shared_experts,
            "n_routed_experts": architecture.experts,
        }
    if architecture.mla:
        known |= {
            "kv_lora_rank": architecture.mla.kv_lora_rank,
            "q_lora_rank": architecture.mla.query_lora_rank,
            "qk_nope_head_dim": architecture.mla.nope_head_size,
            "qk_rope_head_dim": architecture.mla.rope_head_size,
            "v_head_dim": architecture.mla.value_head_size,
            "first_k_dense_replace": architecture.dense_layers,
            "n_shared_experts": architecture.shared_experts,
        }
        if architecture.mla.index_layers is not None:
            own = architecture.mla.index_layers
            known["indexer_types"] = ["full"] * own + ["shared"] * (architecture.layers - own)
    return known | special(architecture) | recurrent(architecture) | compressed(architecture) | global_(architecture)


def special(architecture: Architecture) -> dict[str, Any]:
    """Sizes that single families call otherwise."""
    if architecture.family == "opt":
        return {
            "ffn_dim": architecture.intermediate_size,
            "word_embed_proj_dim": architecture.embedding_size or architecture.hidden_size,
            "do_layer_norm_before": architecture.final_norm is not False,
        }
    if architecture.family == "falcon":
        new = architecture.norms_per_layer == 2
        return {
            "num_kv_heads": architecture.key_value_heads,
            "new_decoder_architecture": new,
            "multi_query": not new,
            "bias": False,
        }
    if architecture.family in {"gpt_oss", "mixtral", "minimax_m2"}:
        return {"num_local_experts": architecture.experts}
    if architecture.kind == "encoder":
        extra = 2 if architecture.family in {"roberta", "xlm-roberta"} else 0
        return {
            "max_position_embeddings": architecture.max_context_tokens + extra,
            "type_vocab_size": architecture.token_types,
            "num_labels": architecture.labels,
        }
    return {}


def recurrent(architecture: Architecture) -> dict[str, Any]:
    """Sizes of the layers without attention in hybrids."""
    if architecture.state_space is not None:
        space = architecture.state_space
        letters = {"state_space": "M", "full": "*", "experts": "E", "feed_forward": "-"}
        return {
            "hybrid_override_pattern": "".join(letters[kind] for kind in architecture.layer_kinds),
            "mamba_num_heads": space.heads,
            "mamba_head_dim": space.head_size,
            "n_groups": space.groups,
            "ssm_state_size": space.state_size,
            "n_routed_experts": architecture.experts,
            "moe_latent_size": architecture.expert_latent_size,
            "moe_shared_expert_intermediate_size": architecture.width_of_shared_experts,
        }
    if architecture.linear_attention is not None:
        return {
            "linear_num_key_heads": architecture.linear_attention.key_heads,
            "linear_num_value_heads": architecture.linear_attention.value_heads,
            "linear_key_head_dim": architecture.linear_attention.key_head_size,
            "linear_value_head_dim": architecture.linear_attention.value_head_size,
        }
    return {}


def layer_types(architecture: Architecture) -> list[str]:
    names = {"full": "full_attention", "sliding": "sliding_attention", "compressed": "compressed_sparse_attention"}
    names |= {"heavily_compressed": "heavily_compressed_attention"}
    return [names[kind] for kind in architecture.layer_kinds]


def compressed(architecture: Architecture) -> dict[str, Any]:
    """Sizes of DeepSeek V4's attention."""
    if architecture.compressed is None:
        return {}
    return {
        "q_lora_rank": architecture.compressed.query_lora_rank,
        "o_groups": architecture.compressed.output_groups,
        "o_lora_rank": architecture.compressed.output_lora_rank,
        "index_n_heads": architecture.compressed.index_heads,
        "index_head_dim": architecture.compressed.index_head_size,
        "hc_mult": architecture.compressed.streams,
        "layer_types": layer_types(architecture),
    }


def global_(architecture: Architecture) -> dict[str, Any]:
    """Sizes of Gemma 4's global layers and of its last ones."""
    if architecture.global_attention is None:
        return {}
    known = {
        "global_head_dim": architecture.global_attention.head_size,
        "num_global_key_value_heads": architecture.global_attention.key_value_heads,
        "attention_k_eq_v": architecture.global_attention.values_are_keys,
        "num_kv_shared_layers": architecture.reused_cache_layers,
        "use_double_wide_mlp": architecture.reused_cache_intermediate_size is not None,
        "layer_types": layer_types(architecture),
    }
    if architecture.experts:
        known |= {"enable_moe_block": True, "top_k_experts": architecture.experts_per_token}
    if architecture.family == "gemma4":
        known["hidden_size_per_layer_input"] = architecture.layer_embedding_size or 0
    return known


def family_of(architecture: Architecture) -> str:
    family = RENAMED.get(architecture.family, architecture.family)
    return WRAPPED.get(family, family)


def build(config: Any) -> Any:
    """The decoder of a configuration; Mistral 4 has one that is not registered."""
    if isinstance(config, transformers.Mistral4Config):
        return transformers.Mistral4ForCausalLM._from_config(config)
    return AutoModelForCausalLM.from_config(config)
