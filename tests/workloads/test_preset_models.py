"""The truth about presets: each is built with transformers in its real size, and its weights are counted there.

torch's meta device holds no data, so that a trillion weights take no memory.
"""

from typing import Any

import pytest
import torch
import transformers
from modelyard.workloads.presets import preset as presets
from modelyard.workloads.presets.architecture import Architecture
from modelyard.workloads.presets.config_keys import LAYER_TYPES
from transformers import AutoModelForSequenceClassification

from tests.workloads.preset_configs import build, configuration_of

pytestmark = pytest.mark.workloads


def weights(model: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in set(model.parameters()))


BUILT = [name for name in presets.list_names() if presets.load(name).architecture.kind != "diffusion"]


@pytest.mark.parametrize("name", BUILT)
def test_a_preset_has_as_many_weights_as_its_model_in_transformers(name: str):
    architecture = presets.load(name).architecture
    config = configuration_of(architecture)
    kind = AutoModelForSequenceClassification if architecture.labels else transformers.AutoModel
    with torch.device("meta"):
        model = kind.from_config(config) if architecture.kind == "encoder" else build(config)
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


def test_stable_diffusion_text_encoder_has_its_weights():
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
