"""Attention that is not plain, from a ``config.json``: latent, compressed, and global beside windows."""

from collections.abc import Mapping
from typing import Any

_LATENT = {
    "kv_lora_rank": "kv_lora_rank",
    "query_lora_rank": "q_lora_rank",
    "value_head_size": "v_head_dim",
    "nope_head_size": "qk_nope_head_dim",
    "rope_head_size": "qk_rope_head_dim",
}
_INDEXER = {"index_heads": "index_n_heads", "index_head_size": "index_head_dim", "index_tokens": "index_topk"}
_COMPRESSED = _INDEXER | {
    "query_lora_rank": "q_lora_rank",
    "output_groups": "o_groups",
    "output_lora_rank": "o_lora_rank",
    "streams": "hc_mult",
}
INDEXED = frozenset({"deepseek_v32", "glm_moe_dsa"})
"""Families whose latent attention sees only the tokens that an indexer picks."""


def list_required_keys(family: str, config: Mapping[str, Any]) -> tuple[str, ...]:
    """List the keys without which the attention of such a file is not known."""
    if family == "deepseek_v4":
        return tuple(key for key in _COMPRESSED.values() if key != "hc_mult")
    if not config.get("kv_lora_rank"):
        return ()
    return (*("v_head_dim", "qk_nope_head_dim", "qk_rope_head_dim"), *(_INDEXER.values() if family in INDEXED else ()))


def read_latent(family: str, config: Mapping[str, Any], layers: int) -> dict[str, Any]:
    """Read the field ``mla`` of a shape with latent attention; empty for others."""
    if not config.get("kv_lora_rank"):
        return {}
    names = _LATENT | (_INDEXER if family in INDEXED else {})
    fields = {ours: config.get(theirs) for ours, theirs in names.items()}
    indexers = _count_indexers(config, layers) if family in INDEXED else layers
    if indexers != layers:
        fields["index_layers"] = indexers
    return {"mla": fields}


def read_compressed(family: str, config: Mapping[str, Any]) -> dict[str, Any]:
    """Read the field ``compressed`` of a shape of DeepSeek V4; empty for others."""
    if family != "deepseek_v4":
        return {}
    fields = {ours: config[theirs] for ours, theirs in _COMPRESSED.items() if config.get(theirs) is not None}
    rates = config.get("compress_rates") or {}
    for ours, theirs, short in (
        ("tokens_per_entry", "compressed_sparse_attention", "compress_rate_csa"),
        ("tokens_per_heavy_entry", "heavily_compressed_attention", "compress_rate_hca"),
    ):
        rate = config.get(short) or rates.get(theirs)
        if rate:
            fields[ours] = rate
    return {"compressed": fields}


def read_global(family: str, config: Mapping[str, Any]) -> dict[str, Any]:
    """Read the fields of Gemma 4: heads of its global layers, caches that are reused, tables of the layers."""
    if not family.startswith("gemma4"):
        return {}
    fields: dict[str, Any] = {}
    if config.get("hidden_size_per_layer_input"):
        fields["layer_embedding_size"] = config["hidden_size_per_layer_input"]
    if config.get("num_kv_shared_layers"):
        fields["reused_cache_layers"] = config["num_kv_shared_layers"]
        if config.get("use_double_wide_mlp"):
            fields["reused_cache_intermediate_size"] = 2 * config["intermediate_size"]
    if config.get("num_experts"):  # One feed-forward layer stands beside the experts, with norms of its own.
        fields |= {"norms_per_layer": 7, "shared_expert_intermediate_size": config["intermediate_size"]}
    # transformers writes the global layers' heads layer by layer, the hub's files write them once.
    layer = next((value for value in (config.get("per_layer_config") or {}).values() if isinstance(value, Mapping)), {})
    values_are_keys = config.get("attention_k_eq_v", False)
    heads = layer.get("num_key_value_heads") or (config.get("num_global_key_value_heads") if values_are_keys else None)
    fields["global_attention"] = {
        "key_value_heads": heads or config["num_key_value_heads"],
        "head_size": layer.get("head_dim") or config["global_head_dim"],
        "values_are_keys": bool(values_are_keys),
    }
    return fields


def _count_indexers(config: Mapping[str, Any], layers: int) -> int:
    """Count the layers with an indexer of their own, as transformers 5.23 derives it (models/glm_moe_dsa)."""
    types = config.get("indexer_types")
    if types:
        return sum(kind == "full" for kind in types[:layers])
    pattern = config.get("index_topk_pattern")
    if pattern:
        return sum(kind in {"F", "full"} for kind in pattern[:layers])
    interval, offset = max(config.get("index_topk_freq") or 1, 1), config.get("index_skip_topk_offset")
    offset = 2 if offset is None else offset
    return sum(max(layer - offset + 1, 0) % interval == 0 for layer in range(layers))
