"""Reading config.json files: nested, odd, incomplete and wrong ones, and presets made from them."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from modelyard.workloads.presets import preset as presets
from modelyard.workloads.presets.from_config import from_config, to_yaml
from modelyard.workloads.presets.layer_pattern import find_shortest_period
from modelyard.workloads.presets.model_config import InvalidConfigError, read_config

from tests.unit.workloads.presets.configs import DEEPSEEK_V4_FLASH, GEMMA_3_4B, GEMMA_4_26B, GLM_5_2, LLAMA_8B


def test_a_plain_file_is_read_exactly_and_without_warning():
    result = read_config(LLAMA_8B)
    assert (result.exact, result.warnings) == (True, ())
    assert result.architecture == presets.load("llama-3.1-8b").architecture.model_copy()


def test_a_nested_file_uses_its_familys_defaults():
    result = read_config(GEMMA_3_4B)
    expected = presets.load("gemma-3-4b-it").architecture
    assert result.architecture.parameters == expected.parameters - expected.other_parameters
    assert result.architecture.kv_cache_bytes(100_000) == expected.kv_cache_bytes(100_000)
    assert result.warnings == ("weights of the vision or audio tower are not in the file and not counted",)


@pytest.mark.parametrize(
    ("config", "preset"),
    [
        (
            {
                "model_type": "gpt2",
                "n_embd": 768,
                "n_layer": 12,
                "n_head": 12,
                "n_positions": 1024,
                "vocab_size": 50257,
            },
            "gpt2",
        ),
        (
            {"model_type": "falcon", "hidden_size": 4544, "num_hidden_layers": 32, "num_attention_heads": 71}
            | {"multi_query": True, "vocab_size": 65024, "parallel_attn": True, "bias": False},
            "falcon-7b",
        ),
        (
            {"model_type": "falcon", "hidden_size": 8192, "n_layer": 60, "n_head": 128, "n_head_kv": 8}
            | {"new_decoder_architecture": True, "vocab_size": 65024, "bias": False},
            "falcon-40b",
        ),
    ],
)
def test_odd_names_are_known(config: dict, preset: str):
    assert read_config(config).architecture.parameters == presets.load(preset).architecture.parameters


def test_an_unknown_family_is_read_as_a_plain_decoder():
    result = read_config(LLAMA_8B | {"model_type": "newcomer"})
    assert not result.exact
    assert result.warnings == ("model_type 'newcomer' is not known: read as a plain decoder, sizes are near only",)
    assert result.architecture.parameters == read_config(LLAMA_8B).architecture.parameters


def test_assumptions_are_warned_about():
    config = {key: LLAMA_8B[key] for key in ("hidden_size", "num_hidden_layers", "num_attention_heads", "vocab_size")}
    assert read_config(config).warnings == (
        "model_type is missing: read as a plain decoder",
        "no length of context in the file: 2048 tokens are assumed",
        "no width of the feed-forward layer in the file: 4 x hidden_size is assumed",
    )


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({}, "hidden_size or n_embd or d_model or dim: is missing"),
        ({"model_type": "llama", "quantization_config": {}}, "hidden_size or n_embd or d_model or dim: is missing"),
        (LLAMA_8B | {"hidden_size": -1}, "hidden_size = -1: must be greater than 0"),
        (LLAMA_8B | {"num_key_value_heads": 5}, "must be a multiple of key_value_heads"),
        (LLAMA_8B | {"num_hidden_layers": 10**9}, "layers = .*: must be 1 to 2000"),
        (LLAMA_8B | {"layer_types": "all"}, "layer_types = .*: must be a list"),
        (LLAMA_8B | {"num_hidden_layers": "many"}, "num_hidden_layers = .*: must be a whole number"),
    ],
)
def test_a_file_without_a_possible_model_is_refused(config: dict, message: str):
    with pytest.raises(InvalidConfigError, match=message):
        read_config(config)


@pytest.mark.parametrize(("text", "message"), [("{", "not JSON"), ("[]", "must be an object")])
def test_a_file_that_is_no_object_is_refused(tmp_path: Path, text: str, message: str):
    file = tmp_path / "config.json"
    file.write_text(text)
    with pytest.raises(InvalidConfigError, match=f"config.json: {message}"):
        read_config(file)


def test_a_missing_file_is_named(tmp_path: Path):
    with pytest.raises(InvalidConfigError, match=r"config\.json: cannot be read: No such file"):
        read_config(tmp_path / "config.json")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-10, 10**6) | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


ATTENTION = ("per_layer_config", "compress_rates", "index_topk_pattern", "indexer_types", "num_kv_shared_layers")
KEYS = {*LLAMA_8B, *GEMMA_3_4B, *GEMMA_4_26B["text_config"], *DEEPSEEK_V4_FLASH, *GLM_5_2, *ATTENTION}
WHOLE = (LLAMA_8B, GEMMA_4_26B["text_config"], DEEPSEEK_V4_FLASH, GLM_5_2)


@settings(deadline=None)  # a model of 2,000 layers takes a third of a second
@given(st.sampled_from(WHOLE), st.dictionaries(st.sampled_from(sorted(KEYS)), json_values))
def test_any_content_is_read_or_refused_with_a_sentence(whole: dict, config: dict):
    try:
        message = ""
        result = read_config(whole | config)
    except InvalidConfigError as error:
        message, result = str(error), None
    assert message.startswith("config.json: ") if result is None else result.architecture.parameters > 0


@pytest.mark.parametrize(
    ("key", "value", "rule"),
    [
        ("hybrid_override_pattern", 5, "must be letters or a list of names"),
        ("hybrid_override_pattern", [[1]], "must be letters or a list of names"),
        ("id2label", 5, "must be an object"),
        ("mlp_only_layers", ["first", 1], "must be a list of whole numbers"),
    ],
)
def test_a_value_of_another_type_is_refused_by_its_key(key: str, value: object, rule: str):
    with pytest.raises(InvalidConfigError) as error:
        read_config(LLAMA_8B | {key: value})
    assert str(error.value) == f"config.json: {key} = {value!r}: {rule}"


@pytest.mark.parametrize("key", ["index_skip_topk_offset", "index_topk_freq"])
def test_a_null_reads_as_a_missing_key(key: str):
    missing = {name: value for name, value in GLM_5_2.items() if name != key}
    assert read_config(missing | {key: None}) == read_config(missing)


@pytest.mark.parametrize(
    ("whole", "left_out"), [(DEEPSEEK_V4_FLASH, "o_lora_rank"), (GLM_5_2, "v_head_dim"), (GLM_5_2, "index_n_heads")]
)
def test_a_missing_key_of_attention_is_named(whole: dict, left_out: str):
    with pytest.raises(InvalidConfigError, match=f"{left_out}: is missing"):
        read_config({key: value for key, value in whole.items() if key != left_out})


@given(st.lists(st.sampled_from("ab"), min_size=1, max_size=12))
def test_the_shortest_period_gives_the_whole_again(kinds: list[str]):
    period = find_shortest_period(kinds)
    assert [period[index % len(period)] for index in range(len(kinds))] == kinds


def test_a_drafted_preset_is_read_back_the_same(tmp_path: Path):
    source = tmp_path / "config.json"
    source.write_text(json.dumps(LLAMA_8B | {"quantization_config": {"quant_method": "awq", "bits": 4}}))
    draft = from_config(source, name="my-llama")
    assert draft.preset.quantisation == "awq-int4"
    assert draft.warnings == ("licence is not in a config.json: fill it in",)
    file = tmp_path / "my-llama.yaml"
    file.write_text(to_yaml(draft.preset))
    assert presets.read_preset(file) == draft.preset


@pytest.mark.parametrize("name", presets.list_names())
def test_every_preset_written_out_is_read_back_the_same(tmp_path: Path, name: str):
    file = tmp_path / f"{name}.yaml"
    file.write_text(to_yaml(presets.load(name)))
    assert presets.read_preset(file) == presets.load(name)


@pytest.mark.parametrize(
    ("config", "quantisation"),
    [
        (LLAMA_8B, "none"),
        (LLAMA_8B | {"quantization_config": {"quant_method": "fp8"}}, "fp8"),
        (LLAMA_8B | {"quantization_config": {"quant_method": "modelopt", "quant_algo": "NVFP4"}}, "nvfp4"),
        (LLAMA_8B | {"quantization_config": {"quant_algo": "FP8"}}, "fp8"),
        (DEEPSEEK_V4_FLASH | {"quantization_config": {"quant_method": "fp8"}, "expert_dtype": "fp4"}, "fp8-mxfp4"),
        (
            GEMMA_4_26B
            | {
                "text_config": GEMMA_4_26B["text_config"]
                | {
                    "quantization_config": {
                        "quant_method": "compressed-tensors",
                        "format": "pack-quantized",
                        "config_groups": {"group_0": {"weights": {"num_bits": 4, "group_size": 32}}},
                    }
                }
            },
            "int4-experts",
        ),
    ],
)
def test_the_quantisation_is_read_from_the_file(config: dict, quantisation: str):
    draft = from_config(config, name="model", licence="MIT")
    assert draft.preset.quantisation == quantisation
    assert not [warning for warning in draft.warnings if "quantisation" in warning]


def test_an_unknown_quantisation_is_quoted_from_the_file():
    config = LLAMA_8B | {"quantization_config": {"quant_method": "modelopt", "quant_algo": "MIXED_PRECISION"}}
    draft = from_config(config, name="model", licence="MIT")
    assert draft.preset.quantisation == "none"
    assert "quantisation 'modelopt MIXED_PRECISION' is not known: sizes are those of 16 bit" in draft.warnings
