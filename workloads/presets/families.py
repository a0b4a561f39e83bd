"""Parts of a family of models besides its sizes: biases, norms, gates, positions.

A family is named as transformers names it (``model_type``). The table was read from transformers 5.23's modelling
files, and tests/workloads/test_preset_parameters.py builds each family there and compares the count of weights.
A family that is not here is treated as `GENERIC`, whose count is near and marked as not exact.
"""

from dataclasses import dataclass, replace
from typing import Literal

Biases = Literal["none", "qkv", "all"]
"""Projections of attention, of its four, that have a bias."""

Position = Literal["rotary", "learned", "alibi", "none"]
"""Encoding of the order of tokens."""


@dataclass(frozen=True, slots=True)
class Anatomy:
    """Parts of one layer and around the layers. The defaults are Llama's."""

    position: Position = "rotary"
    position_offset: int = 0
    """Rows of the table of learned positions beyond the positions."""
    norm_bias: bool = False
    """Bias beside the norm's weight: LayerNorm has one, RMSNorm has not."""
    norms_per_layer: int = 2
    final_norm: bool = True
    embedding_norm: bool = False
    """Norm between the embedding and the first layer."""
    gated: bool = True
    """Gate in the feed-forward layer: three matrices in place of two."""
    attention_bias: Biases = "none"
    mlp_bias: bool = False
    head_bias: bool = False
    query_key_norm: Literal["none", "head", "heads"] = "none"
    """Norms of queries and keys: one as wide as a head, or one over all heads."""
    query_gate: bool = False
    """Query projection of twice the width, whose other half gates attention's output."""
    sinks: bool = False
    """Learned logit per head that takes up attention."""
    router_bias: bool = False
    router_scales: bool = False
    """Learned vectors by which the router scales its input and each expert's share."""
    expert_bias: bool = False
    shared_expert_gate: bool = False
    one_part_layers: bool = False
    """Layers that are either a mixer or a feed-forward layer, not one behind the other."""
    exact: bool = True
    """True if counts are compared with transformers."""


LLAMA = Anatomy()
GENERIC = replace(LLAMA, exact=False)
_LAYER_NORM = Anatomy(norm_bias=True, gated=False)
_BIASED = replace(_LAYER_NORM, attention_bias="all", mlp_bias=True)
_BERT = replace(_BIASED, position="learned", embedding_norm=True, final_norm=False)
_QWEN2 = Anatomy(attention_bias="qkv")
_QWEN3 = Anatomy(query_key_norm="head")
_QWEN3_NEXT = replace(_QWEN3, query_gate=True)
_GEMMA2 = Anatomy(norms_per_layer=4)
_GEMMA3 = replace(_GEMMA2, query_key_norm="head")
_GEMMA4 = replace(_GEMMA3, router_scales=True)

FAMILIES: dict[str, Anatomy] = {
    "bert": _BERT,
    "bloom": replace(_BIASED, position="alibi", embedding_norm=True),
    "cohere": replace(LLAMA, norms_per_layer=1),
    "deepseek_v2": LLAMA,
    "deepseek_v3": LLAMA,
    "deepseek_v32": LLAMA,
    "deepseek_v4": LLAMA,
    "distilbert": _BERT,
    "falcon": _LAYER_NORM,
    "gemma": LLAMA,
    "gemma2": _GEMMA2,
    "gemma3": _GEMMA3,
    "gemma3_text": _GEMMA3,
    "gemma4": _GEMMA4,
    "gemma4_text": _GEMMA4,
    "gemma4_unified": _GEMMA4,
    "gemma4_unified_text": _GEMMA4,
    "glm_moe_dsa": LLAMA,
    "gpt2": replace(_BIASED, position="learned"),
    "gpt_bigcode": replace(_BIASED, position="learned"),
    "gpt_neox": _BIASED,
    "gpt_oss": replace(LLAMA, attention_bias="all", sinks=True, router_bias=True, expert_bias=True),
    "gptj": replace(_LAYER_NORM, norms_per_layer=1, mlp_bias=True, head_bias=True),
    "granite": LLAMA,
    "granitemoe": LLAMA,
    "granitemoehybrid": LLAMA,
    "kimi_k2": LLAMA,
    "llama": LLAMA,
    "minimax_m2": replace(LLAMA, query_key_norm="heads"),
    "ministral3": LLAMA,
    "mistral": LLAMA,
    "mistral3": LLAMA,
    "mistral4": LLAMA,
    "mixtral": LLAMA,
    "nemotron_h": replace(LLAMA, gated=False, one_part_layers=True),
    "olmo2": replace(LLAMA, query_key_norm="heads"),
    "olmo3": replace(LLAMA, query_key_norm="heads"),
    "opt": replace(_BIASED, position="learned", position_offset=2),
    "phi": replace(_BIASED, norms_per_layer=1, head_bias=True),
    "phi3": LLAMA,
    "qwen2": _QWEN2,
    "qwen2_moe": replace(_QWEN2, shared_expert_gate=True),
    "qwen3": _QWEN3,
    "qwen3_moe": _QWEN3,
    "qwen3_next": replace(_QWEN3_NEXT, shared_expert_gate=True),
    "qwen3_5": _QWEN3_NEXT,
    "qwen3_5_text": _QWEN3_NEXT,
    "qwen3_5_moe": replace(_QWEN3_NEXT, shared_expert_gate=True),
    "qwen3_5_moe_text": replace(_QWEN3_NEXT, shared_expert_gate=True),
    "roberta": replace(_BERT, position_offset=2),
    "smollm3": LLAMA,
    "starcoder2": _BIASED,
    "xlm-roberta": replace(_BERT, position_offset=2),
}


def anatomy(family: str) -> Anatomy:
    """Return the family's parts; `GENERIC` for an unknown family."""
    return FAMILIES.get(family, GENERIC)
