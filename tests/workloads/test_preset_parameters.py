"""The truth about shapes: every family is built with transformers, and its weights and its cache are counted there.

Models of a reader test are small, with sizes that differ from one another so that no two can be confused; those of
presets have their real size, on torch's meta device, which holds no data.
"""

from typing import Any

import pytest
import torch
import transformers
from modelyard.workloads.presets import preset as presets
from modelyard.workloads.presets.architecture import Architecture
from modelyard.workloads.presets.config_keys import LAYER_TYPES, WRAPPED
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
    "falcon 7b": ("falcon", NO_KEYS | {"multi_query": True, "new_decoder_architecture": False, "bias": False}),
    "falcon 40b": ("falcon", NO_KEYS | {"num_kv_heads": 2, "new_decoder_architecture": True, "bias": False}),
    "falcon rw": ("falcon", NO_KEYS | {"multi_query": False, "parallel_attn": False, "bias": True, "alibi": True}),
    "gemma": ("gemma", PLAIN | {"head_dim": 16}),
    "gemma2": ("gemma2", PLAIN | {"head_dim": 16, "sliding_window": 5}),
    "gemma3": ("gemma3_text", PLAIN | {"head_dim": 16, "sliding_window": 5, "num_hidden_layers": 8}),
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
    known = CONFIG_MAPPING[family]
    return known(**{key: value for key, value in sizes.items() if value is not None or key != "mlp_layer_types"})


def weights(model: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in set(model.parameters()))


@pytest.mark.parametrize("name", CASES)
def test_a_decoder_has_as_many_weights_as_its_file_says(name: str):
    config = configuration(CASES[name])
    with torch.device("meta"):
        model = AutoModelForCausalLM.from_config(config)
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
    wrapped = {"gemma3", "mistral3", "qwen3_5", "qwen3_5_moe"}  # Their language models are, under their own names.
    renamed = {"kimi_k2"}  # DeepSeek-V3's modelling file under another name; transformers has none of its own.
    built = {family for family, _ in (CASES | ENCODERS).values()}
    assert set(FAMILIES) - wrapped - renamed == built


def cached_bytes(cache: DynamicCache) -> int:
    """Bytes of all that the cache's layers hold."""
    total = 0
    for layer in cache.layers:
        held = [getattr(layer, name, None) for name in ("keys", "values", "indexer_keys")]
        for states in (getattr(layer, "conv_states", {}), getattr(layer, "recurrent_states", {})):
            held += states.values() if isinstance(states, dict) else [states]
        total += sum(tensor.nbytes for tensor in held if isinstance(tensor, torch.Tensor))
    return total


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("tokens", [3, 11])
def test_the_cache_takes_as_many_bytes_as_transformers_holds(name: str, tokens: int):
    config = configuration(CASES[name])
    torch.manual_seed(0)
    model = AutoModelForCausalLM.from_config(config, dtype=torch.float32).eval()
    cache = DynamicCache(config=config)
    with torch.no_grad():
        model(input_ids=torch.arange(tokens)[None] % 90 + 1, past_key_values=cache, use_cache=True)
    architecture = read_config(config.to_dict()).architecture
    if name == "falcon 40b":  # transformers repeats keys and values before it caches them; vLLM does not.
        architecture = Architecture.model_validate(
            architecture.model_dump(exclude={"parameters"}) | {"key_value_heads": architecture.attention_heads}
        )
    assert architecture.kv_cache_bytes(tokens, 4) - dropped(architecture, tokens, 4) == cached_bytes(cache)


def dropped(architecture: Architecture, tokens: int, bytes_per_value: int) -> int:
    """What transformers frees when a step is over: of a full window, the token that the next one will not see."""
    window = architecture.sliding_window
    full = window is not None and tokens >= window
    return architecture.kinds.get("sliding", 0) * architecture.cached_values * bytes_per_value * full


BUILT = [
    name
    for name in presets.names()
    if presets.load(name).architecture.kind != "diffusion"
    and presets.load(name).architecture.family in CONFIG_MAPPING  # Kimi-K2's own code is not in transformers.
]


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
    if architecture.head_size or "head_dim" in CONFIG_MAPPING[architecture.family].__annotations__:
        known["head_dim"] = architecture.width_of_head
    if architecture.sliding_window:
        known["sliding_window"] = architecture.sliding_window
    if architecture.experts:
        known |= {
            "num_experts": architecture.experts,
            "num_experts_per_tok": architecture.experts_per_token,
            "moe_intermediate_size": architecture.width_of_expert,
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
    return known | special(architecture) | recurrent(architecture)


def special(architecture: Architecture) -> dict[str, Any]:
    """What single families call otherwise."""
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
    """What hybrids say of their layers without attention."""
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


@pytest.mark.parametrize("name", BUILT)
def test_a_preset_has_as_many_weights_as_its_model_in_transformers(name: str):
    architecture = presets.load(name).architecture
    config = configuration_of(architecture)
    kind = AutoModelForCausalLM
    if architecture.kind == "encoder":
        kind = AutoModelForSequenceClassification if architecture.labels else transformers.AutoModel
    with torch.device("meta"):
        model = kind.from_config(config)
    assert architecture.parameters - architecture.other_parameters == weights(model)


@pytest.mark.parametrize("name", BUILT)
def test_a_preset_has_its_layers_in_the_order_of_transformers(name: str):
    architecture = presets.load(name).architecture
    types = getattr(configuration_of(architecture), "layer_types", None)
    if types is None:
        assert len(set(architecture.layer_kinds)) == 1
        return
    kinds = [LAYER_TYPES[kind] for kind in types]
    if architecture.state_space is not None:
        kinds = ["state_space" if kind == "linear" else kind for kind in kinds]
    if architecture.mla is not None:
        kinds = ["full"] * len(kinds)
    assert list(architecture.layer_kinds) == kinds


def configuration_of(architecture: Architecture) -> Any:
    return CONFIG_MAPPING[WRAPPED.get(architecture.family, architecture.family)](**sizes(architecture))


def test_the_text_encoder_of_stable_diffusion_has_as_many_weights_as_its_preset_says():
    architecture = presets.load("stable-diffusion-v1-5").architecture
    with torch.device("meta"):
        encoder = transformers.CLIPTextModel(transformers.CLIPTextConfig(**sizes_of_clip(architecture)))
    assert architecture.components["text_encoder"] == weights(encoder)


def sizes_of_clip(architecture: Architecture) -> dict[str, Any]:
    return {
        "num_hidden_layers": architecture.layers,
        "hidden_size": architecture.hidden_size,
        "num_attention_heads": architecture.attention_heads,
        "vocab_size": architecture.vocabulary,
        "max_position_embeddings": architecture.max_context_tokens,
        "intermediate_size": architecture.intermediate_size,
    }
