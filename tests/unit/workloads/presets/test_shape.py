"""Shapes: laws that every count follows, published figures, and bytes under quantisation."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from modelyard.workloads.presets import preset as presets
from modelyard.workloads.presets.architecture import Architecture
from modelyard.workloads.presets.families import FAMILIES
from modelyard.workloads.presets.quantisation import BITS_PER_WEIGHT, QUANTISATIONS, weight_bytes
from pydantic import ValidationError

GIB = 2**30

# Weights as the hub's pages give them. Written down from memory, not fetched: that a count made from the sizes agrees
# to the last digit is the evidence for both. Of DeepSeek, Kimi and Nemotron without the balancing bias of each router,
# which transformers holds as a buffer (256 x 58, 384 x 60 and 128 x 23 values).
PUBLISHED = {
    "gpt2": 124439808,
    "gpt-j-6b": 6050882784,
    "llama-2-7b": 6738415616,
    "llama-3.1-8b": 8030261248,
    "llama-3.3-70b-instruct": 70553706496,
    "llama-3.1-405b-instruct": 405853388800,
    "mistral-7b-v0.3": 7248023552,
    "mixtral-8x7b-instruct-v0.1": 46702792704,
    "phi-2": 2779683840,
    "phi-3-mini-4k-instruct": 3821079552,
    "phi-4-mini-instruct": 3836021760,
    "phi-4": 14659507200,
    "falcon-7b": 6921720704,
    "qwen2.5-7b-instruct": 7615616512,
    "qwen3-8b": 8190735360,
    "qwen3-30b-a3b": 30532122624,
    "gemma-2-9b-it": 9241705984,
    "gemma-3-27b-it": 27432406640,
    "deepseek-v3-0324": 671026419200 - 256 * 58,
    "gpt-oss-20b": 20914757184,
    "gpt-oss-120b": 116829156672,
    "kimi-k2-instruct": 1026408232448 - 384 * 60,
    "nemotron-3-nano-30b-a3b": 31577940288 - 128 * 23,
    "bge-m3": 567754752,
}

sizes = st.fixed_dictionaries(
    {
        "family": st.sampled_from([family for family in FAMILIES if family != "nemotron_h"]),
        "layers": st.integers(1, 40),
        "attention_heads": st.sampled_from([4, 8, 16]),
        "key_value_heads": st.sampled_from([1, 2, 4]),
        "head_size": st.sampled_from([16, 64]),
        "hidden_size": st.sampled_from([64, 128, 192]),
        "intermediate_size": st.integers(32, 400),
        "vocabulary": st.integers(100, 5000),
        "max_context_tokens": st.integers(16, 4096),
    }
)


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_shape_counts_what_the_hub_publishes(name: str):
    assert presets.load(name).architecture.parameters == PUBLISHED[name]


@given(sizes)
def test_weights_grow_evenly_with_layers(shape: dict):
    counts = [Architecture(**shape | {"layers": shape["layers"] + more}).parameters for more in range(3)]
    assert 0 < counts[1] - counts[0] == counts[2] - counts[1]


@given(sizes)
def test_tied_embeddings_save_one_table(shape: dict):
    apart, tied = (Architecture(**shape, tied_embeddings=tied).parameters for tied in (False, True))
    assert apart - tied == shape["vocabulary"] * shape["hidden_size"]


@given(sizes, st.integers(1, 8), st.integers(1, 8))
def test_active_weights_include_only_chosen_experts(shape: dict, sent: int, more: int):
    shape = shape | {"experts": sent + more, "experts_per_token": sent}
    architecture = Architecture(**shape)
    assert architecture.parameters - architecture.active_parameters == architecture.expert_parameters * more // (
        sent + more
    )


@given(sizes, st.integers(0, 9000), st.integers(1, 4096))
def test_a_window_bounds_the_cache(shape: dict, tokens: int, window: int):
    free = Architecture(**shape)
    bounded = Architecture(**shape, sliding_window=window)
    assert bounded.kv_cache_bytes(tokens) == free.kv_cache_bytes(min(tokens, window))
    assert free.kv_cache_bytes(tokens) == tokens * free.kv_bytes_per_token()


@given(sizes, st.integers(1, 4000))
def test_more_context_never_costs_less(shape: dict, tokens: int):
    architecture = Architecture(**shape, sliding_window=100, layer_pattern=("full",))
    assert architecture.kv_cache_bytes(tokens + 1) > architecture.kv_cache_bytes(tokens)
    assert architecture.forward_flop_per_token(tokens + 1) > architecture.forward_flop_per_token(tokens)


# Bytes per token of kaito 0.12's catalogue, for models whose every layer attends to everything.
@pytest.mark.parametrize(
    ("name", "bytes_per_token"),
    [
        ("phi-4-mini-instruct", 131072),
        ("llama-3.1-8b", 131072),
        ("phi-4", 204800),
        ("gpt-oss-20b", 49152),
        ("llama-3.3-70b-instruct", 327680),
        ("kimi-k2-instruct", 70272),
        ("qwen3.6-27b", 262144 // 4),  # kaito counts the 48 layers of linear attention as if they had a cache.
    ],
)
def test_the_cache_of_a_token_is_kaitos(name: str, bytes_per_token: int):
    assert presets.load(name).architecture.kv_bytes_per_token() == bytes_per_token


def test_windows_and_states_bound_the_cache():
    oss = presets.load("gpt-oss-20b").architecture
    # 12 layers see all 131072 tokens, 12 see 128; 2 x 8 heads x 64 values x 2 bytes in each.
    assert oss.kv_cache_bytes(131072) == 12 * (131072 + 128) * 2 * 8 * 64 * 2
    qwen = presets.load("qwen3.6-27b").architecture
    # 48 matrices per layer of 128 x 128 in fp32, and 4 columns of 2 x 2048 + 6144 channels.
    assert qwen.state_bytes() == 48 * (48 * 128 * 128 * 4 + 4 * (2 * 2048 + 6144) * 2)


@pytest.mark.parametrize(("name", "gib"), [("gpt-oss-20b", 12.8), ("gpt-oss-120b", 60.8), ("llama-3.1-8b", 14.96)])
def test_weights_match_their_published_files(name: str, gib: float):
    preset = presets.load(name)
    assert weight_bytes(preset.architecture, preset.quantisation) / GIB == pytest.approx(gib, rel=0.005)


def test_four_bit_takes_scales_and_leaves_embeddings_alone():
    llama = presets.load("llama-3.1-8b").architecture
    # About 5.7 GB is the size of published AWQ files of this model; embedding and output layer are 2.1 GB of it.
    assert weight_bytes(llama, "awq-int4") / 1e9 == pytest.approx(5.7, rel=0.02)
    assert weight_bytes(llama, "none", "fp32") == 2 * weight_bytes(llama)


@pytest.mark.parametrize("name", presets.list_names())
@pytest.mark.parametrize("quantisation", QUANTISATIONS)
def test_quantised_sizes_lie_between_their_bits_and_sixteen(name: str, quantisation):
    architecture = presets.load(name).architecture
    size = weight_bytes(architecture, quantisation)
    assert size <= weight_bytes(architecture)
    assert size * 8 >= architecture.parameters * min(16.0, BITS_PER_WEIGHT.get(quantisation, 16.0))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"experts": 4, "experts_per_token": 5}, r"experts_per_token \(5\) must be 1 to experts \(4\)"),
        ({"experts_per_token": 2}, "experts must be given"),
        ({"layer_pattern": ["full", "sliding"]}, "sliding layers, so sliding_window must be given"),
        ({"layer_pattern": ["linear"]}, "linear layers, so linear_attention must be given"),
        ({"layer_pattern": ["full"] * 3}, "layer_pattern has 3 kinds, but there are 2 layers"),
        ({"kind": "diffusion"}, "components are given for a model of kind diffusion"),
        ({"parameters": 5}, "the count of this shape of family llama"),
        ({"hidden_size": -4}, "greater than 0"),
        ({"layers": 2**80}, "layers\n.*less than or equal to 2000"),
        ({"hidden_size": 2**80}, "hidden_size\n.*less than or equal to 1000000000"),
        ({"other_parameters": 10**16}, "other_parameters\n.*less than or equal to 1000000000000000"),
    ],
)
def test_a_shape_that_cannot_be_is_refused(change: dict, message: str):
    shape = {"family": "llama", "layers": 2, "hidden_size": 64, "attention_heads": 4, "key_value_heads": 2}
    shape |= {"vocabulary": 100, "max_context_tokens": 64, "intermediate_size": 128}
    with pytest.raises(ValidationError, match=message):
        Architecture.model_validate(shape | change)
