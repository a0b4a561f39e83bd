"""What an environment tells the policies about itself."""

import json
from pathlib import Path

from modelyard.stacks.environment.environment import Environment

from tests.unit.stacks.conftest import environment
from tools.up.guardrails import own_images, write_policy_configuration


def existing(**images: str) -> Environment:
    return Environment.model_validate({**environment("existing"), "images": images}, context={"name": "existing"})


def test_the_images_that_an_environment_chose_are_allowed_without_their_tags():
    chosen = existing(
        train="registry.internal:5000/ml/train:3", serve=f"gpu.azurecr.io/serve@sha256:{'0123456789abcdef' * 4}"
    )

    assert own_images(chosen) == ["gpu.azurecr.io/serve", "registry.internal:5000/ml/train"]


def test_a_place_to_fill_in_is_no_choice():
    assert own_images(existing(train="registry.example/modelyard/train:1", serve="quay.io/a/serve:1")) == [
        "quay.io/a/serve"
    ]


def test_they_come_beside_the_registries_that_everybody_may_use(tmp_path: Path):
    write_policy_configuration(existing(train="quay.io/a/train:1", serve="quay.io/a/serve:1"), tmp_path / "policies")

    configured = json.loads((tmp_path / "policies").read_text())
    assert configured
    for rule in configured.values():
        assert {"registry.k8s.io", "quay.io/a/train", "quay.io/a/serve"} <= set(rule["registries"])
        assert "quay.io/a" not in rule["registries"]
