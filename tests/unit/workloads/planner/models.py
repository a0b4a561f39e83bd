"""Models that the planner's tests share."""

from modelyard.workloads.planner.memory import GIB
from modelyard.workloads.planner.model import Model
from modelyard.workloads.presets.architecture import Architecture
from modelyard.workloads.presets.mixers import LatentAttention


def model(architecture: Architecture, *, bytes_per_weight: float = 2, **fields) -> Model:
    values = {
        "name": architecture.family,
        "architecture": architecture,
        "parameters": architecture.parameters,
        "active_parameters": architecture.active_parameters,
        "weights_gib": architecture.parameters * bytes_per_weight / GIB,
        "kv_bytes_per_token": architecture.kv_bytes_per_token(),
        "max_context_tokens": architecture.max_context_tokens,
    }
    return Model(**{**values, **fields})


LLAMA_8B = Architecture(
    family="llama",
    layers=32,
    hidden_size=4096,
    attention_heads=32,
    key_value_heads=8,
    vocabulary=128256,
    max_context_tokens=131072,
    intermediate_size=14336,
)

LLAMA_70B = Architecture(
    family="llama",
    layers=80,
    hidden_size=8192,
    attention_heads=64,
    key_value_heads=8,
    vocabulary=128256,
    max_context_tokens=131072,
    intermediate_size=28672,
)

QWEN3_8B = Architecture(
    family="qwen3",
    layers=36,
    hidden_size=4096,
    attention_heads=32,
    key_value_heads=8,
    head_size=128,
    vocabulary=151936,
    max_context_tokens=40960,
    intermediate_size=12288,
)

QWEN25_7B = Architecture(
    family="qwen2",
    layers=28,
    hidden_size=3584,
    attention_heads=28,
    key_value_heads=4,
    vocabulary=152064,
    max_context_tokens=32768,
    intermediate_size=18944,
)

QWEN25_1B = Architecture(
    family="qwen2",
    layers=28,
    hidden_size=1536,
    attention_heads=12,
    key_value_heads=2,
    vocabulary=151936,
    max_context_tokens=32768,
    intermediate_size=8960,
    tied_embeddings=True,
)

GPT2 = Architecture(
    family="gpt2",
    layers=12,
    hidden_size=768,
    attention_heads=12,
    key_value_heads=12,
    vocabulary=50257,
    max_context_tokens=1024,
    intermediate_size=3072,
    tied_embeddings=True,
)

FALCON_7B_HEADS = Architecture(
    family="falcon",
    layers=32,
    hidden_size=4544,
    attention_heads=71,
    key_value_heads=1,
    head_size=64,
    vocabulary=65024,
    max_context_tokens=2048,
    intermediate_size=18176,
    tied_embeddings=True,
)

PHI_4 = Architecture(
    family="phi3",
    layers=40,
    hidden_size=5120,
    attention_heads=40,
    key_value_heads=10,
    vocabulary=100352,
    max_context_tokens=16384,
    intermediate_size=17920,
)

GPT_OSS_20B = Architecture(
    family="gpt_oss",
    layers=24,
    hidden_size=2880,
    attention_heads=64,
    key_value_heads=8,
    head_size=64,
    vocabulary=201088,
    max_context_tokens=131072,
    intermediate_size=2880,
    sliding_window=128,
    layer_pattern=("sliding", "full"),
    experts=32,
    experts_per_token=4,
)

DEEPSEEK_R1 = Architecture(
    family="deepseek_v3",
    layers=61,
    hidden_size=7168,
    attention_heads=128,
    key_value_heads=128,
    vocabulary=129280,
    max_context_tokens=163840,
    intermediate_size=18432,
    mla=LatentAttention(
        kv_lora_rank=512, query_lora_rank=1536, nope_head_size=128, rope_head_size=64, value_head_size=128
    ),
    experts=256,
    experts_per_token=8,
    expert_intermediate_size=2048,
    shared_experts=1,
    dense_layers=3,
)
