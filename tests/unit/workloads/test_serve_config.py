"""ServeConfig: which models it takes, and the name it serves them under."""

import re
from typing import Any

import pytest
from modelyard.workloads.presets import preset as presets
from modelyard.workloads.presets.field_errors import describe_errors
from modelyard.workloads.serve.config import ServeConfig
from pydantic import ValidationError


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"model": "gpt2"}, "gpt2"),
        ({"model": "pvc://wikitext/results/model"}, "model"),
        ({"model": "pvc://wikitext/results/model", "preset": "gpt2-tiny"}, "gpt2-tiny"),
        ({"model": "hf://openai-community/gpt2"}, "gpt2"),
        ({"model": "/models/mine/", "served_model_name": "team-a/mine"}, "team-a/mine"),
    ],
)
def test_the_public_name(given: dict[str, Any], name: str):
    assert ServeConfig(**given).public_name == name


def test_limits_come_from_the_preset_unless_given():
    serve = presets.load("gpt2-tiny").serve
    config = ServeConfig(model="/m", preset="gpt2-tiny")
    assert (config.max_queue, config.max_batch_tokens) == (serve.max_queue, serve.max_batch_tokens)
    assert ServeConfig(model="/m", preset="gpt2-tiny", max_queue=1).max_queue == 1


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"model": "gtp2"}, "model: 'gtp2' is not a location.*or the name of a preset .*did you mean gpt2"),
        ({"model": "gpt2-tiny"}, "preset gpt2-tiny has no published weights; give the folder"),
        ({"model": "/m", "preset": "gtp2"}, "preset: no preset 'gtp2'; did you mean gpt2"),
        ({"model": "/m", "max_queue": 0}, "max_queue = 0: must be greater than 0"),
        ({"model": "/m", "api_key": "x"}, "api_key: unknown field"),
        ({"model": "/m", "device": "tpu"}, "device = .*: must be 'auto', 'cpu' or 'cuda'"),
    ],
)
def test_a_wrong_field_is_named(given: dict[str, Any], message: str):
    with pytest.raises(ValidationError) as caught:
        ServeConfig(**given)
    assert re.search(message, describe_errors(caught.value)[0])
