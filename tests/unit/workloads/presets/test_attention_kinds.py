"""Attention that is not plain: Gemma 4's global layers, DeepSeek V4's compressed entries, GLM 5.2's shared indexers."""

from typing import Any

import pytest
from modelyard.workloads.presets import preset as presets
from modelyard.workloads.presets.architecture import Architecture
from modelyard.workloads.presets.model_config import InvalidConfigError, read_config
from pydantic import ValidationError

from tests.unit.workloads.presets.configs import DEEPSEEK_V4_FLASH, GEMMA_4_26B, GLM_5_2


@pytest.mark.parametrize(
    ("config", "preset"),
    [(GEMMA_4_26B, "gemma-4-26b-a4b-it"), (DEEPSEEK_V4_FLASH, "deepseek-v4-flash-0731"), (GLM_5_2, "glm-5.2-fp8")],
)
def test_the_hubs_configuration_gives_the_presets_shape(config: dict[str, Any], preset: str):
    expected = presets.load(preset).architecture
    counts = {"parameters", "other_parameters"}
    config_result = read_config(config)
    assert config_result.exact
    assert config_result.architecture.model_dump(exclude=counts) == expected.model_dump(exclude=counts)
    assert config_result.architecture.parameters == expected.parameters - expected.other_parameters


@pytest.mark.parametrize(
    ("indexers", "layers"),
    [
        ({"indexer_types": ["full"] * 21 + ["shared"] * 57}, 21),
        ({"index_topk_pattern": "F" + "S" * 77}, 1),
        ({"index_topk_freq": 1}, None),
        ({"index_topk_freq": 4, "index_skip_topk_offset": 2}, 21),
    ],
)
def test_indexer_layers_are_read_from_three_forms(indexers: dict[str, Any], layers: int | None):
    config = {key: value for key, value in GLM_5_2.items() if key not in {"index_topk_freq", "index_skip_topk_offset"}}
    latent = read_config(config | indexers).architecture.mla
    assert latent is not None
    assert latent.index_layers == layers


def test_gemma_4_e2b_caches_its_first_fifteen_layers():
    architecture = presets.load("gemma-4-e2b-it").architecture
    # 12 of them see 512 tokens with one key and one value of 256; 3 see all, with 512 each. The last 20 have none.
    assert architecture.kv_cache_bytes(100_000) == (12 * 512 * 2 * 256 + 3 * 100_000 * 2 * 512) * 2
    assert architecture.full_cache_values == 3 * 2 * 512
    assert architecture.window_cache_values == 12 * 2 * 256


def test_looked_up_tables_are_no_active_weights():
    architecture = presets.load("gemma-4-e2b-it").architecture
    # "E2B" is an effective 2B: 2.3B of 5.1B weights.
    assert architecture.parameters / 1e9 == pytest.approx(5.1, abs=0.05)
    assert architecture.active_parameters / 1e9 == pytest.approx(2.3, abs=0.05)


def test_values_that_are_keys_save_a_projection_and_no_cache():
    shape = presets.load("gemma-4-31b-it").architecture.model_dump(exclude={"parameters"})
    shared_values = Architecture.model_validate(shape)
    own_values = Architecture.model_validate(
        shape | {"global_attention": shape["global_attention"] | {"values_are_keys": 0}}
    )
    assert own_values.parameters - shared_values.parameters == 10 * 5376 * 4 * 512
    assert own_values.kv_cache_bytes(9000) == shared_values.kv_cache_bytes(9000)


def test_deepseek_v4s_cache_is_under_a_sixth_of_v3s():
    tokens = 1_048_576
    pro, old = (presets.load(name).architecture for name in ("deepseek-v4-pro", "deepseek-v3-0324"))
    # 61 windows of 128 tokens, 30 layers with an entry (and an index key) for 4 tokens, 31 with one for 128.
    values = 61 * 128 * 512 + 30 * tokens // 4 * (512 + 128) + 31 * tokens // 128 * 512
    assert pro.kv_cache_bytes(tokens) - pro.state_bytes() == values * 2
    assert 6 * pro.kv_cache_bytes(tokens) < old.kv_cache_bytes(tokens)


def test_pending_tokens_are_a_bounded_state():
    compressed = presets.load("deepseek-v4-pro").architecture.compressed
    assert compressed is not None
    assert compressed.pending_values("sliding", 512) == 0
    assert compressed.pending_values("heavily_compressed", 512) == 127 * 2 * 512
    assert compressed.pending_values("compressed", 512) == (3 * 2 + 4) * 2 * (512 + 128)


def test_context_flop_is_the_growth_of_forward_flop():
    for name in ("gemma-4-31b-it", "gemma-4-e4b-it", "llama-3.1-8b", "gpt-oss-20b", "deepseek-v3-0324"):
        architecture = presets.load(name).architecture
        full, window = architecture.context_flop
        grown = architecture.forward_flop_per_token(100) - architecture.forward_flop_per_token(99)
        assert grown == pytest.approx(full + window)
        far = architecture.forward_flop_per_token(90_000) - architecture.forward_flop_per_token(89_999)
        assert far == pytest.approx(full)


COMPRESSED = {"query_lora_rank": 8, "output_groups": 2, "output_lora_rank": 8}
COMPRESSED |= {"index_heads": 2, "index_head_size": 4, "index_tokens": 8}


def test_an_indexer_bounds_work_but_not_the_cache():
    sparse, whole = (presets.load(name).architecture for name in ("deepseek-v3.2", "deepseek-v3-0324"))
    near, far = 2048, 131_072
    indexer = 2 * 64 * 128 * 61  # Heads, their width, and layers: every token is scored.
    attention = 2 * 128 * (128 + 64 + 128) * 61
    assert sparse.attention_window == near
    assert sparse.context_flop == (indexer, attention)
    assert whole.context_flop == (attention, 0)
    grown = sparse.forward_flop_per_token(far) - sparse.forward_flop_per_token(near)
    assert grown == pytest.approx((far - near) * indexer)
    assert sparse.kv_cache_bytes(far) > whole.kv_cache_bytes(far)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"layer_pattern": ["compressed"]}, "compressed layers, so compressed must be given"),
        ({"reused_cache_layers": 2}, r"reused_cache_layers \(2\) must be fewer than layers \(2\)"),
        ({"global_attention": {"key_value_heads": 3, "head_size": 8}}, r"global_attention.key_value_heads \(3\)"),
        ({"compressed": COMPRESSED}, "sliding_window must be given"),
        (
            {"compressed": COMPRESSED, "sliding_window": 8, "layer_pattern": ["full", "sliding"]},
            "all layers are of kinds sliding, compressed, heavily_compressed",
        ),
    ],
)
def test_a_shape_whose_attention_cannot_be_is_refused(change: dict[str, Any], message: str):
    shape = {"family": "llama", "layers": 2, "hidden_size": 64, "attention_heads": 4, "key_value_heads": 2}
    shape |= {"vocabulary": 100, "max_context_tokens": 64, "intermediate_size": 128}
    with pytest.raises(ValidationError, match=message):
        Architecture.model_validate(shape | change)


def test_a_list_of_lists_is_refused():
    with pytest.raises(InvalidConfigError, match="must be a list of names or numbers"):
        read_config(GEMMA_4_26B | {"text_config": GEMMA_4_26B["text_config"] | {"layer_types": [[]]}})


def test_presets_have_prefix_settings_if_all_layers_see_them():
    prompted = [preset for preset in map(presets.load, presets.list_names()) if "prompt" in preset.fine_tune]
    with_prefix = {preset.name for preset in prompted if "prefix" in preset.fine_tune}
    assert with_prefix == {preset.name for preset in prompted if preset.architecture.takes_prefix}
    assert {"llama-3.1-8b", "falcon-7b", "opt-125m"} <= with_prefix  # Plain attention, in all layers.
    assert not {"gemma-3-4b-it", "gemma-4-31b-it", "qwen3.5-9b", "nemotron-3-nano-4b"} & with_prefix


def test_prefix_settings_for_blind_layers_are_refused():
    content = presets.load("gemma-3-4b-it").model_dump()
    settings = {"learning_rate": 0.01, "epochs": 5, "sequence_tokens": 512}
    with pytest.raises(
        ValidationError, match=r"fine_tune\.prefix: must be left out; prefix tuning needs keys and values"
    ):
        presets.Preset.model_validate(content | {"fine_tune": {"prefix": settings}})
