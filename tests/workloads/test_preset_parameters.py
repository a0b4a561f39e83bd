"""The truth about families: each is built with transformers, and its weights and its cache are counted there.

The models are small, with sizes that differ from one another so that no two can be confused. Those of presets, in
their real size, are in test_preset_models.py.
"""

from typing import Any

import pytest
import torch
import transformers
from modelyard.workloads.presets.architecture import Architecture
from modelyard.workloads.presets.families import FAMILIES
from modelyard.workloads.presets.model_config import read_config
from transformers import CONFIG_MAPPING, AutoModelForCausalLM, AutoModelForSequenceClassification, DynamicCache

pytestmark = pytest.mark.workloads

PLAIN = {
    "num_hidden_layers": 4,
    "hidden_size": 48,
    "num_attention_heads": 6,
    "num_key_value_heads": 2,
    "vocab_size": 97,
    "max_position_embeddings": 64,
    "intermediate_size": 80,
    "bos_token_id": None,
    "eos_token_id": None,
    "pad_token_id": None,
}
OLD = {key: value for key, value in PLAIN.items() if key not in {"num_key_value_heads"}}
NO_KEYS = {key: value for key, value in OLD.items() if key not in {"intermediate_size", "max_position_embeddings"}}
FEW_EXPERTS = {"num_local_experts": 6, "num_experts_per_tok": 2}
EXPERTS = {"num_local_experts": 6, "num_experts": 6, "num_experts_per_tok": 2, "moe_intermediate_size": 24}
LATENT = {
    "kv_lora_rank": 20,
    "q_lora_rank": 28,
    "qk_nope_head_dim": 10,
    "qk_rope_head_dim": 6,
    "v_head_dim": 12,
    "num_key_value_heads": 6,
    "n_routed_experts": 6,
    "n_shared_experts": 2,
    "num_experts_per_tok": 2,
    "moe_intermediate_size": 24,
    "first_k_dense_replace": 1,
    "n_group": 2,
    "topk_group": 1,
}
DELTA = {
    "linear_num_key_heads": 2,
    "linear_num_value_heads": 4,
    "linear_key_head_dim": 6,
    "linear_value_head_dim": 10,
    "head_dim": 16,
}
MAMBA = {"mamba_num_heads": 6, "mamba_head_dim": 10, "n_groups": 2, "ssm_state_size": 14, "conv_kernel": 4}
GEMMA4 = {
    "head_dim": 16,
    "global_head_dim": 20,
    "sliding_window": 5,
    "vocab_size_per_layer_input": 97,
    "hidden_size_per_layer_input": 14,
    "num_hidden_layers": 7,
    "layer_types": [
        "sliding_attention",
        "full_attention",
        "sliding_attention",
        "full_attention",
        "sliding_attention",
        "sliding_attention",
        "full_attention",
    ],
}
GRANITE_MAMBA = {
    "mamba_n_heads": 6,
    "mamba_d_head": 16,
    "mamba_n_groups": 2,
    "mamba_d_state": 14,
    "shared_intermediate_size": 72,
    "layer_types": ["linear_attention", "linear_attention", "full_attention", "linear_attention"],
}

CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "bloom": ("bloom", NO_KEYS),
    "cohere": ("cohere", PLAIN),
    "deepseek v2": ("deepseek_v2", PLAIN | LATENT | {"mlp_layer_types": None}),
    "deepseek v3": ("deepseek_v3", PLAIN | LATENT),
    "deepseek v3 without a rank for queries": ("deepseek_v3", PLAIN | LATENT | {"q_lora_rank": None}),
    "deepseek v3.2": (
        "deepseek_v32",
        PLAIN | LATENT | {"index_n_heads": 4, "index_head_dim": 16, "index_topk": 8},
    ),
    "deepseek v4": (
        "deepseek_v4",
        PLAIN
        | {"head_dim": 16, "num_key_value_heads": 1, "q_lora_rank": 20, "o_groups": 2, "o_lora_rank": 14}
        | {"index_n_heads": 4, "index_head_dim": 10, "index_topk": 8, "hc_mult": 3, "sliding_window": 5}
        | {"n_routed_experts": 6, "num_experts_per_tok": 2, "moe_intermediate_size": 24, "n_shared_experts": 1}
        | {"compress_rates": {"compressed_sparse_attention": 2, "heavily_compressed_attention": 4}}
        | {"intermediate_size": 24, "partial_rotary_factor": 0.5}
        | {
            "layer_types": [
                "sliding_attention",
                "compressed_sparse_attention",
                "heavily_compressed_attention",
                "compressed_sparse_attention",
            ]
        },
    ),
    "falcon 7b": ("falcon", NO_KEYS | {"multi_query": True, "new_decoder_architecture": False, "bias": False}),
    "falcon 40b": ("falcon", NO_KEYS | {"num_kv_heads": 2, "new_decoder_architecture": True, "bias": False}),
    "falcon rw": ("falcon", NO_KEYS | {"multi_query": False, "parallel_attn": False, "bias": True, "alibi": True}),
    "gemma": ("gemma", PLAIN | {"head_dim": 16}),
    "gemma2": ("gemma2", PLAIN | {"head_dim": 16, "sliding_window": 5}),
    "gemma3": ("gemma3_text", PLAIN | {"head_dim": 16, "sliding_window": 5, "num_hidden_layers": 8}),
    "gemma4": ("gemma4_text", PLAIN | GEMMA4),
    "gemma4 whose values are its keys": (
        "gemma4_text",
        PLAIN | GEMMA4 | {"attention_k_eq_v": True, "num_global_key_value_heads": 3},
    ),
    "gemma4 with reused caches and wide layers": (
        "gemma4_text",
        PLAIN | GEMMA4 | {"num_kv_shared_layers": 3, "use_double_wide_mlp": True},
    ),
    "gemma4 with experts": (
        "gemma4_text",
        PLAIN
        | GEMMA4
        | {"enable_moe_block": True, "num_experts": 6, "top_k_experts": 2, "moe_intermediate_size": 24}
        | {"hidden_size_per_layer_input": 0},
    ),
    "gemma4_unified": (
        "gemma4_unified_text",
        {key: value for key, value in (PLAIN | GEMMA4).items() if "per_layer" not in key},
    ),
    "glm_moe_dsa": (
        "glm_moe_dsa",
        PLAIN
        | LATENT
        | {"index_n_heads": 4, "index_head_dim": 16, "index_topk": 8, "first_k_dense_replace": 1}
        | {"indexer_types": ["full", "full", "shared", "shared"]},
    ),
    "gpt2": ("gpt2", {**NO_KEYS, "max_position_embeddings": 64}),
    "gpt2 with its own width": ("gpt2", {**NO_KEYS, "max_position_embeddings": 64, "n_inner": 80}),
    "gpt_bigcode": ("gpt_bigcode", {**NO_KEYS, "max_position_embeddings": 64, "multi_query": True}),
    "gpt_neox": ("gpt_neox", OLD),
    "gpt_oss": ("gpt_oss", PLAIN | FEW_EXPERTS | {"head_dim": 16, "sliding_window": 5}),
    "gptj": ("gptj", {**NO_KEYS, "max_position_embeddings": 64, "rotary_dim": 4}),
    "granite": ("granite", PLAIN),
    "granitemoe": ("granitemoe", PLAIN | {"num_local_experts": 6, "num_experts_per_tok": 2}),
    "granitemoehybrid dense": ("granitemoehybrid", PLAIN | GRANITE_MAMBA | {"num_local_experts": 0}),
    "granitemoehybrid": (
        "granitemoehybrid",
        PLAIN | GRANITE_MAMBA | {"num_local_experts": 6, "num_experts_per_tok": 2},
    ),
    "llama": ("llama", PLAIN),
    "llama with biases and tied": (
        "llama",
        PLAIN | {"attention_bias": True, "mlp_bias": True, "tie_word_embeddings": True},
    ),
    "minimax_m2": ("minimax_m2", PLAIN | FEW_EXPERTS | {"head_dim": 16}),
    "ministral3": ("ministral3", PLAIN | {"head_dim": 16}),
    "mistral": ("mistral", PLAIN | {"head_dim": 10, "sliding_window": 5}),
    "mistral4": ("mistral4", PLAIN | LATENT),
    "mixtral": ("mixtral", PLAIN | {"num_local_experts": 6, "num_experts_per_tok": 2, "sliding_window": None}),
    "nemotron_h": (
        "nemotron_h",
        PLAIN
        | MAMBA
        | {"layers_block_type": ["linear_attention", "mlp", "full_attention", "moe"], "n_routed_experts": 6}
        | {"moe_intermediate_size": 24, "moe_shared_expert_intermediate_size": 40, "head_dim": 16}
        | {"num_experts_per_tok": 2},
    ),
    "nemotron_h with a latent width": (
        "nemotron_h",
        PLAIN
        | MAMBA
        | {"layers_block_type": ["linear_attention", "moe", "full_attention", "moe"], "n_routed_experts": 6}
        | {"moe_intermediate_size": 24, "moe_shared_expert_intermediate_size": 40, "moe_latent_size": 20}
        | {"num_experts_per_tok": 2, "head_dim": 16},
    ),
    "olmo2": ("olmo2", PLAIN),
    "olmo3": ("olmo3", PLAIN | {"sliding_window": 5}),
    "opt": ("opt", OLD | {"ffn_dim": 80, "word_embed_proj_dim": 48}),
    "opt 350m": ("opt", OLD | {"ffn_dim": 80, "word_embed_proj_dim": 32, "do_layer_norm_before": False}),
    "phi": ("phi", PLAIN | {"num_key_value_heads": 6}),
    "phi3": ("phi3", PLAIN | {"sliding_window": 5}),
    "qwen2": ("qwen2", PLAIN),
    "qwen2 with windows in its last layers": (
        "qwen2",
        PLAIN | {"use_sliding_window": True, "sliding_window": 5, "max_window_layers": 3},
    ),
    "qwen2_moe": ("qwen2_moe", PLAIN | EXPERTS | {"shared_expert_intermediate_size": 40}),
    "qwen3": ("qwen3", PLAIN | {"head_dim": 16}),
    "qwen3_moe": ("qwen3_moe", PLAIN | EXPERTS | {"head_dim": 16, "decoder_sparse_step": 2}),
    "qwen3_next": ("qwen3_next", PLAIN | EXPERTS | DELTA | {"shared_expert_intermediate_size": 40}),
    "qwen3_5": ("qwen3_5_text", PLAIN | DELTA),
    "qwen3_5_moe": ("qwen3_5_moe_text", PLAIN | EXPERTS | DELTA | {"shared_expert_intermediate_size": 40}),
    "smollm3": ("smollm3", PLAIN),
    "starcoder2": ("starcoder2", PLAIN),
}
BERT = {name: (name, OLD | {"type_vocab_size": 3}) for name in ("bert", "roberta", "xlm-roberta")}
ENCODERS = BERT | {"distilbert": ("distilbert", NO_KEYS | {"hidden_dim": 80, "max_position_embeddings": 64})}


def configuration(case: tuple[str, dict[str, Any]]) -> Any:
    family, sizes = case
    kind: Any = CONFIG_MAPPING[family]
    return kind(**{key: value for key, value in sizes.items() if value is not None or key != "mlp_layer_types"})


def build(config: Any, **options: Any) -> Any:
    """The decoder of a configuration; Mistral 4 has one that is not registered."""
    if isinstance(config, transformers.Mistral4Config):
        return transformers.Mistral4ForCausalLM._from_config(config, **options)
    return AutoModelForCausalLM.from_config(config, **options)


def weights(model: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in set(model.parameters()))


@pytest.mark.parametrize("name", CASES)
def test_a_decoder_has_as_many_weights_as_its_file_says(name: str):
    config = configuration(CASES[name])
    with torch.device("meta"):
        model = build(config)
    read = read_config(config.to_dict())
    assert read.exact
    assert read.architecture.parameters == weights(model)


@pytest.mark.parametrize("name", ENCODERS)
@pytest.mark.parametrize("classifies", [False, True])
def test_an_encoder_has_as_many_weights_as_its_file_says(name: str, classifies: bool):  # noqa: FBT001 - a parameter
    config = configuration(ENCODERS[name])
    config.num_labels = 3
    kind = AutoModelForSequenceClassification if classifies else transformers.AutoModel
    with torch.device("meta"):
        model = kind.from_config(config)
    config.architectures = [type(model).__name__]
    assert read_config(config.to_dict()).architecture.parameters == weights(model)


def test_every_family_that_claims_an_exact_count_is_built_here():
    wrapped = {
        "gemma3",
        "gemma4",
        "gemma4_unified",
        "mistral3",
        "qwen3_5",
        "qwen3_5_moe",
    }  # Their language models are, under their own names.
    renamed = {"kimi_k2"}  # DeepSeek-V3's modelling file under another name; transformers has none of its own.
    built = {family for family, _ in (CASES | ENCODERS).values()}
    assert set(FAMILIES) - wrapped - renamed == built


def cached_bytes(cache: DynamicCache) -> int:
    """Bytes of all that the cache's layers hold."""
    total = 0
    for layer in cache.layers:
        held = [getattr(layer, name, None) for name in ("keys", "values", "indexer_keys")]
        for name in ("conv_states", "recurrent_states", "compressed_kv", *PENDING):
            states = getattr(layer, name, {})
            held += states.values() if isinstance(states, dict) else [states]
        distinct = {id(tensor): tensor for tensor in held if isinstance(tensor, torch.Tensor)}  # Keys may be values.
        total += sum(tensor.nbytes for tensor in distinct.values())
    return total


PENDING = ("buffer_kv", "buffer_gate", "overlap_kv", "overlap_gate")
"""State in DeepSeek V4's layers for tokens that do not fill an entry yet, counted as the most it can be."""


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("tokens", [3, 11])
def test_the_cache_takes_as_many_bytes_as_transformers_holds(name: str, tokens: int):
    config = configuration(CASES[name])
    torch.manual_seed(0)
    model = build(config, dtype=torch.float32).eval()
    cache = DynamicCache(config=config)
    with torch.no_grad():
        model(input_ids=torch.arange(tokens)[None] % 90 + 1, past_key_values=cache, use_cache=True)
    architecture = read_config(config.to_dict()).architecture
    if name == "falcon 40b":  # transformers repeats keys and values before it caches them; vLLM does not.
        architecture = Architecture.model_validate(
            architecture.model_dump(exclude={"parameters"}) | {"key_value_heads": architecture.attention_heads}
        )
    counted = architecture.kv_cache_bytes(tokens, 4) - dropped(architecture, tokens, 4)
    if architecture.compressed is not None:
        pending = sum(
            tensor.nbytes for layer in cache.layers for name in PENDING for tensor in getattr(layer, name, {}).values()
        )
        assert 0 < pending <= architecture.state_bytes(4)
        counted += pending - architecture.state_bytes(4)
        # Layers with nothing but a window hold keys and values apart there, though both are the same.
        layers: list[Any] = cache.layers
        counted += sum(layer.values.nbytes for layer in layers if not hasattr(layer, "compressed_kv"))
    assert counted == cached_bytes(cache)


def dropped(architecture: Architecture, tokens: int, bytes_per_value: int) -> int:
    """Count what transformers frees after a step: of a full window, the token that the next one does not see."""
    windows = [one for one in architecture.cache if one.window is not None and tokens >= one.window]
    return sum(one.layers * one.values for one in windows) * bytes_per_value
