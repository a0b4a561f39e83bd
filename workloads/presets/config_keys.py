"""Keys of a Hugging Face ``config.json``, family by family, and the defaults of missing ones.

Read from transformers 5.23's configuration classes and from kaito 0.12's generator, which tries the same names.
"""

LAYERS = ("num_hidden_layers", "n_layer", "n_layers", "num_layers")
HIDDEN = ("hidden_size", "n_embd", "d_model", "dim")
HEADS = ("num_attention_heads", "n_head", "n_heads", "num_heads")
KEY_VALUE_HEADS = ("num_key_value_heads", "num_kv_heads", "n_head_kv", "n_kv_heads")
HEAD_SIZE = ("head_dim", "attention_head_dim")
INTERMEDIATE = ("intermediate_size", "ffn_dim", "n_inner", "ffn_hidden_size", "hidden_dim")
VOCABULARY = ("vocab_size", "padded_vocab_size", "n_vocab")
CONTEXT = (
    "max_position_embeddings",
    "n_positions",
    "n_ctx",
    "seq_length",
    "max_seq_len",
    "max_sequence_length",
    "model_max_length",
)
EXPERTS = ("num_local_experts", "num_experts", "n_routed_experts", "moe_num_experts")
EXPERTS_PER_TOKEN = ("num_experts_per_tok", "num_experts_per_token", "moe_top_k", "top_k_experts", "moe_k")
SHARED_WIDTH = ("shared_expert_intermediate_size", "shared_intermediate_size", "moe_shared_expert_intermediate_size")

NESTED = ("text_config", "llm_config", "language_config")
"""Keys under which models that also see or hear keep their language model."""

WRAPPED = {
    "gemma3": "gemma3_text",
    "gemma4": "gemma4_text",
    "gemma4_unified": "gemma4_unified_text",
    "qwen3_5": "qwen3_5_text",
    "qwen3_5_moe": "qwen3_5_moe_text",
}
"""Family of the language model inside a family that the file names only as a whole."""

ENCODERS = frozenset({"bert", "roberta", "xlm-roberta", "distilbert"})

TIED = frozenset(
    {"bert", "bloom", "cohere", "distilbert", "falcon", "gemma", "gemma2", "gemma3", "gemma3_text", "gpt2"}
    | {
        "gemma4",
        "gemma4_text",
        "gemma4_unified",
        "gemma4_unified_text",
        "gpt_bigcode",
        "opt",
        "roberta",
        "smollm3",
        "starcoder2",
        "xlm-roberta",
    }
)
"""Families whose output layer shares the embedding unless the file says otherwise."""

DEFAULTS: dict[str, dict[str, int]] = {
    # Files of these models carry only what departs from the class, above all inside text_config.
    "gemma3_text": {
        "num_attention_heads": 8,
        "num_key_value_heads": 4,
        "head_dim": 256,
        "vocab_size": 262208,
        "max_position_embeddings": 131072,
        "sliding_window": 4096,
    },
    "gemma4_text": {
        "num_attention_heads": 8,
        "num_key_value_heads": 4,
        "head_dim": 256,
        "global_head_dim": 512,
        "vocab_size": 262144,
        "max_position_embeddings": 131072,
        "sliding_window": 512,
        "hidden_size_per_layer_input": 256,
    },
    "gemma4_unified_text": {
        "num_attention_heads": 8,
        "num_key_value_heads": 4,
        "head_dim": 256,
        "global_head_dim": 512,
        "vocab_size": 262144,
        "max_position_embeddings": 262144,
        "sliding_window": 1024,
    },
    "gemma2": {"head_dim": 256, "num_key_value_heads": 4},
    "gemma": {"head_dim": 256},
    "qwen3": {"head_dim": 128},
    "qwen3_5_text": {"head_dim": 256},
    "qwen3_5_moe_text": {"head_dim": 256},
    "gpt_oss": {"head_dim": 64},
    "minimax_m2": {"head_dim": 128},
    "nemotron_h": {"head_dim": 128},
    "llama": {"num_attention_heads": 32, "vocab_size": 32000, "max_position_embeddings": 2048},
    "mistral": {"num_attention_heads": 32, "num_key_value_heads": 8, "vocab_size": 32000},
    "gptj": {"vocab_size": 50400},
}

PATTERNS: dict[str, tuple[str, ...]] = {
    "gemma2": ("sliding", "full"),
    "gemma3_text": ("sliding",) * 5 + ("full",),
    "gemma4_text": ("sliding",) * 5 + ("full",),
    "gemma4_unified_text": ("sliding",) * 5 + ("full",),
    "gpt_oss": ("sliding", "full"),
    "olmo3": ("sliding",) * 3 + ("full",),
    "qwen3_next": ("linear",) * 3 + ("full",),
    "qwen3_5_text": ("linear",) * 3 + ("full",),
    "qwen3_5_moe_text": ("linear",) * 3 + ("full",),
}
"""Kinds of layers for files without ``layer_types``."""

WINDOW_IN_ALL_LAYERS = frozenset({"mistral", "mixtral", "phi3", "starcoder2", "ministral3"})
"""Families in which a given ``sliding_window`` holds for every layer."""

STATE_SPACE_FAMILIES = frozenset({"nemotron_h", "granitemoehybrid"})
"""Families whose layers called linear attention (formerly mamba) are Mamba-2."""

LAYER_TYPES = {
    "full_attention": "full",
    "attention": "full",
    "global": "full",
    "indexed_attention": "full",
    "sliding_attention": "sliding",
    "chunked_attention": "sliding",
    "local": "sliding",
    "compressed_sparse_attention": "compressed",
    "heavily_compressed_attention": "heavily_compressed",
    "linear_attention": "linear",
    "mamba": "state_space",
    "mamba2": "state_space",
    "moe": "experts",
    "mlp": "feed_forward",
}
COMPRESS_RATIOS = {0: "sliding", 4: "compressed", 128: "heavily_compressed"}
"""DeepSeek V4's ``compress_ratios``; a last one beyond the layers is that of multi-token prediction."""
HYBRID_LETTERS = {"M": "state_space", "*": "full", "-": "feed_forward", "E": "experts"}
"""Nemotron-H's ``hybrid_override_pattern``."""

WHOLE_NUMBERS = frozenset(
    {*LAYERS, *HIDDEN, *HEADS, *KEY_VALUE_HEADS, *HEAD_SIZE, *INTERMEDIATE, *VOCABULARY, *CONTEXT, *EXPERTS}
    | {*EXPERTS_PER_TOKEN, *SHARED_WIDTH, "moe_intermediate_size", "moe_latent_size", "n_shared_experts"}
    | {"kv_lora_rank", "q_lora_rank", "qk_nope_head_dim", "qk_rope_head_dim", "v_head_dim", "word_embed_proj_dim"}
    | {"index_n_heads", "index_head_dim", "index_topk", "sliding_window", "attention_chunk_size", "max_window_layers"}
    | {"first_k_dense_replace", "decoder_sparse_step", "full_attention_interval", "sliding_window_pattern"}
    | {"linear_num_key_heads", "linear_num_value_heads", "linear_key_head_dim", "linear_value_head_dim"}
    | {"linear_conv_kernel_dim", "mamba_num_heads", "mamba_n_heads", "mamba_head_dim", "n_groups", "mamba_n_groups"}
    | {"ssm_state_size", "mamba_d_state", "conv_kernel", "mamba_d_conv", "mamba_expand", "type_vocab_size"}
    | {"num_labels", "num_ln_in_parallel_attn", "global_head_dim", "num_global_key_value_heads"}
    | {"index_topk_freq", "index_skip_topk_offset", "compress_rate_csa", "compress_rate_hca"}
    | {"num_kv_shared_layers", "hidden_size_per_layer_input", "o_groups", "o_lora_rank", "hc_mult"}
)
LISTS = frozenset(
    {
        "layer_types",
        "compress_ratios",
        "indexer_types",
        "layers_block_type",
        "mlp_layer_types",
        "architectures",
    }
)
LISTS_OF_NUMBERS = frozenset({"mlp_only_layers"})
LETTERS_OR_LISTS = frozenset({"index_topk_pattern", "hybrid_override_pattern"})
OBJECTS = frozenset({"per_layer_config", "compress_rates", "id2label"})
