"""Workspaces that no engine of this release runs are refused at the argument, before anything is registered."""

from typing import Any, NamedTuple

import pytest
from modelyard.components.common.errors import ArgumentError
from modelyard.components.kubernetes.workspaces.fine_tune import validate_fine_tune
from modelyard.components.kubernetes.workspaces.serve import validate_server

from tests.components.kubernetes.test_workspaces import FINE_TUNE, SERVE


class Case(NamedTuple):
    """Arguments of a workspace, the refused one, and a part of the rule."""

    name: str
    args: Any
    argument: str
    rule: str


CASES = [
    Case("embedding model", {**FINE_TUNE, "preset": "bge-m3", "model": "hf://BAAI/bge-m3"}, "preset", "xlm-roberta"),
    Case("LoRA", {**FINE_TUNE, "settings": {"method": "lora"}}, "settings.method", "task lora"),
    Case("image model", {**SERVE, "preset": "stable-diffusion-v1-5"}, "preset", "stable-diffusion"),
    Case("latent attention", {**SERVE, "model": "hf://deepseek-ai/DeepSeek-R1-0528"}, "model", "deepseek_v3"),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_component_refuses_what_no_engine_runs(case: Case):
    validate: Any = validate_fine_tune if "train_data" in case.args else validate_server
    with pytest.raises(ArgumentError) as caught:
        validate("prose", case.args)
    assert caught.value.argument == case.argument
    assert f"no engine of this release runs this: the {'trainer' if 'train_data' in case.args else 'server'}" in str(
        caught.value
    )
    assert case.rule in str(caught.value)
